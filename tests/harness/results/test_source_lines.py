"""The file and the lines of a subject's functions, read without importing anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from softcert.results.source_lines import lines, source_file

SOURCE = """raise RuntimeError("imported")


def softmax(x):
    return x


class Loss:
    def forward(self, x, y):
        return x

    def cross_entropy_grad(self, x, y):
        return x


mine = Loss()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kernels.py"
    path.write_text(SOURCE)
    return path


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("kernels.py", {"softmax": 4}),
        ("kernels.py:softmax", {"softmax": 4, "cross_entropy": 4, "cross_entropy_grad": 4}),
        ("kernels.py:Loss", {"softmax": 9, "cross_entropy": 9, "cross_entropy_grad": 12}),
        ("kernels.py:mine", {"softmax": 16, "cross_entropy": 16, "cross_entropy_grad": 16}),
        ("kernels.py:absent", {}),
    ],
)
def test_each_operation_has_the_line_of_its_function(file: Path, spec: str, found: dict[str, int]) -> None:
    assert lines(file, spec, ["softmax", "cross_entropy", "cross_entropy_grad"]) == found


def test_a_file_that_is_no_python_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def (")
    assert lines(tmp_path / "bad.py", "bad.py:f", ["softmax"]) == {}
    assert lines(tmp_path / "absent.py", "absent.py:f", ["softmax"]) == {}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("kernels.py", "kernels.py"),
        ("./kernels.py:softmax", "kernels.py"),
        ("kernels:softmax", "kernels.py"),
        ("torch.nn.functional:softmax", ""),
        ("../kernels.py:softmax", ""),
        ("naive", ""),
        ("exec:./program", ""),
    ],
)
def test_a_spec_names_a_file_of_this_folder(file: Path, spec: str, found: str) -> None:
    assert source_file(spec, file.parent) == found


def test_an_absolute_path_inside_the_folder_is_shown_from_there(file: Path) -> None:
    assert source_file(f"{file}:softmax", file.parent) == "kernels.py"
    assert source_file(f"{file}:softmax", file.parent / "elsewhere") == ""
