"""A subject in its own test file: the worker imports that file, and there describing has no effect."""

import os

import numpy as np
import pytest
from tests.harness.executors.calls import asking

from softcert import certify, parametrize_with_checks
from softcert.executors import describe, open_executor
from softcert.executors.worker import MARK, inside
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

SUBJECT = Implementation("mine", {"softmax": abs}, dtypes=("float32",), arrays="numpy", batched=True)

FILE = """
import pathlib
import numpy as np
import softcert
with open({log!r}, "a") as log:
    log.write("imported\\n")
def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
certificate = softcert.certify({spec!r}, effort="quick", dtypes="float32")
print(certificate.summary())
@softcert.parametrize_with_checks([{spec!r}], effort="quick", dtypes="float32")
def test_mine(check):
    check()
"""


def test_the_harness_is_not_inside_a_worker():
    assert not inside()


def test_inside_a_worker_nothing_is_described(monkeypatch):
    monkeypatch.setenv(MARK, "1")
    certificate = certify(SUBJECT)
    assert (certificate.certified, certificate.verdict, certificate.level) == (False, "not run", None)
    assert "imported by the worker" in certificate.summary()
    assert certificate.to_json()["verdict"] == "not run"
    assert parametrize_with_checks([SUBJECT]).args == ("check", [])
    for call in (describe, open_executor):
        with pytest.raises(UsageError, match="inside a worker"):
            call(SUBJECT)


def test_a_file_that_certifies_its_own_subject_when_imported_can_be_run(tmp_path):
    """Each worker would start the next one otherwise; so the file is imported for the trial calls and for the run."""
    path, log = tmp_path / "test_mine.py", tmp_path / "log"
    spec = f"{path}:softmax"
    path.write_text(FILE.format(log=str(log), spec=spec))
    subject = describe(spec, dtypes=("float32",))
    with open_executor(subject) as executor:
        assert executor.run(asking(np.zeros((1, 2), np.float32))).fault is None
    assert log.read_text() == 2 * "imported\n"
    assert MARK not in os.environ
