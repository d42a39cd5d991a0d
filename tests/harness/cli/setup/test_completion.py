"""The version, and completion in a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from softcert.cli.setup import completion
from softcert_oracle.numbers.formats import FORMATS


def softcert(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "softcert", *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def complete(folder: Path, words: str, at: int) -> list[str]:
    done = softcert(folder, _SOFTCERT_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(at))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


def test_the_version_is_that_of_the_installed_release(tmp_path):
    done = softcert(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"softcert {metadata.version('softcert')}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_softcert(tmp_path, shell):
    done = softcert(tmp_path, _SOFTCERT_COMPLETE=f"source_{shell}")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"complete_{shell}" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="the shell that asks is bash")
def test_a_user_is_shown_the_script_of_the_shell_in_use(tmp_path):
    line = f'"{sys.executable}" -m softcert --show-completion; exit $?'
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "complete_bash" in done.stdout


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [
        ("softcert cert", 1, ["certify"]),
        ("softcert certify num", 2, ["numpy_shifted"]),
        ("softcert certify mi", 2, ["mine.py"]),
        ("softcert certify --op logs", 3, ["logsumexp"]),
        ("softcert certify --level st", 3, ["stable"]),
        ("softcert list cov", 2, ["coverage"]),
        ("softcert explain sum_to", 2, ["sum_to_one"]),
    ],
)
def test_what_is_typed_is_completed(tmp_path, words, at, expected):
    (tmp_path / "mine.py").touch()
    (tmp_path / "mine.txt").touch()
    assert complete(tmp_path, words, at) == expected


def test_of_values_by_commas_the_last_is_completed_and_none_comes_twice():
    assert completion.number_format("float32,float6") == ["float32,float64"]
    assert completion.number_format("float64,float64") == []
    assert completion.number_format("") == list(FORMATS)


def test_files_are_completed_in_the_folder_that_is_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    for name in ("one.py", "model.onnx", ".hidden.py", "notes.md"):
        (tmp_path / "src" / name).touch()
    assert completion.implementation("s") == ["src/"]
    assert completion.implementation("src/") == ["src/model.onnx", "src/one.py"]
    assert completion.implementation("absent/") == []


@pytest.mark.parametrize("script", ["nonsense", "complete_klingon"])
def test_a_shell_that_nobody_knows_is_never_green(tmp_path, script):
    assert softcert(tmp_path, "certify", "naive", _SOFTCERT_COMPLETE=script).returncode == 1
