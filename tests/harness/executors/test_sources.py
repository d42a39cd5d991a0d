"""The source of a subject is known to the harness, also where only its worker has read it."""

from dataclasses import replace

import pytest

from softcert.executors import describe
from softcert.executors.sources import digest, home, program

SOURCE = "def softmax(x):\n    return x  # as it is\n"


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE)
    return f"{tmp_path}/mine.py:softmax"


def test_the_digest_is_the_same_wherever_the_subject_was_resolved(spec):
    keywords = {"arrays": "numpy", "dtypes": "float32"}
    here, there = (digest(describe(spec, isolation=isolation, **keywords)) for isolation in ("none", "process"))
    assert here == there
    assert here.startswith("sha256:")


def test_the_digest_follows_the_source(spec, tmp_path):
    before = digest(describe(spec, dtypes="float32"))
    (tmp_path / "mine.py").write_text(SOURCE.replace("as it is", "another comment"))
    assert digest(describe(spec, dtypes="float32")) == before
    (tmp_path / "mine.py").write_text(SOURCE.replace("return x", "return x * 2"))
    assert digest(describe(spec, dtypes="float32")) != before


TWO = SOURCE + "\ndef logsumexp(x):\n    return x[:, 0]\n"


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_operations_that_were_not_certified_do_not_count(tmp_path, isolation):
    """A subject of which one operation was certified has all of them when it is described again."""
    (tmp_path / "mine.py").write_text(TWO)
    spec, how = f"{tmp_path}/mine.py", {"dtypes": "float32", "arrays": "numpy", "isolation": isolation}
    part, whole = describe(spec, op="softmax", **how), describe(spec, **how)
    assert list(whole.ops) == ["softmax", "logsumexp"]
    assert digest(whole) != digest(part)
    assert digest(replace(whole, ops={"softmax": whole.ops["softmax"]})) == digest(part)


def test_a_program_counts_by_its_words_and_the_files_that_they_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "kernel.py"
    file.write_text("print(1)")
    first = program("exec:python kernel.py --fast")
    assert first == program("exec:python kernel.py --fast") != program("exec:python kernel.py")
    file.write_text("print(2)")
    assert program("exec:python kernel.py --fast") != first
    assert program("kernel.py:softmax") == ""
    assert program("exec:'unclosed") == ""


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_the_home_of_a_function_is_where_it_can_be_imported(isolation):
    subject = describe("numpy_shifted", isolation=isolation, dtypes="float32")
    assert home(subject, "softmax") == "softcert_implementations.bundled.numpy_shifted:softmax"


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_a_closure_has_no_home(isolation):
    def softmax(x):
        return x * len(isolation)

    assert home(describe(softmax, isolation=isolation, dtypes="float32", arrays="numpy"), "softmax") == ""
