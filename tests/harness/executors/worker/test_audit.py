"""What a subject reaches for becomes one observation each, without the names that differ from run to run."""

from __future__ import annotations

import gc
import importlib
import inspect
import logging
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from softcert.executors.worker.audit import REACHED, Audit


def heard(action):
    with Audit() as audit:
        action()
    return [text for kind, text in audit.observations if kind == REACHED]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize(
    ("action", "text"),
    [
        (lambda: Path("/proc/self/cgroup").read_bytes(), "opened /proc/self/cgroup"),
        (lambda: Path(f"/proc/{os.getpid()}/cmdline").read_bytes(), "opened /proc/self/cmdline"),
        (lambda: Path(f"/proc/{os.getppid()}/cmdline").read_bytes(), "opened /proc/(another process)/cmdline"),
        (lambda: os.listdir("/proc/self/fd"), "listed /proc/self/fd"),
        (lambda: Path("/proc/cpuinfo").read_bytes(), None),
    ],
)
def test_files_of_processes_are_told(action, text):
    assert heard(action) == ([] if text is None else [text])


def test_files_that_are_written_are_told_and_those_that_are_read_are_not(tmp_path):
    path = tmp_path / "results.json"
    assert heard(lambda: path.write_text("{}")) == ["opened results.json for writing"]
    assert heard(path.read_text) == []
    assert heard(path.unlink) == ["removed results.json"]


def test_a_file_of_our_own_is_told_as_such():
    def action():
        with open(Path(inspect.getfile(Audit)), "r+b"):
            pass

    assert heard(action) == ["opened a file of softcert's own package for writing: audit.py"]


def test_temporary_files_and_caches_are_not_told(tmp_path):
    (tmp_path / "__pycache__").mkdir()

    def action():
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        (tmp_path / "__pycache__" / "module.nbi").write_bytes(b"")

    assert heard(action) == []


@pytest.mark.parametrize("look", [sys._getframe, inspect.stack, inspect.currentframe, sys._current_frames])
def test_looking_at_the_call_stack_is_told(look):
    assert heard(lambda: look()) == ["looked at the call stack"]


def test_a_logger_that_looks_for_its_callers_place_is_not_told():
    logging.getLogger("softcert-test").setLevel(logging.INFO)
    assert heard(lambda: logging.getLogger("softcert-test").info("text")) == []


def test_objects_signals_and_replaced_code_are_told():
    def own():
        return 1

    def other():
        return 2

    def action():
        gc.get_objects()
        os.kill(os.getpid(), 0)
        own.__code__ = other.__code__

    texts = heard(action)
    assert texts[:2] == ["searched the interpreter's objects (gc)", "sent a signal"]
    assert texts[2].startswith("replaced the code of ")
    assert own() == 2


def test_each_thing_is_told_once_and_nothing_outside():
    assert len(heard(lambda: [os.kill(os.getpid(), 0) for _ in range(100)])) == 1
    audit = Audit()
    os.kill(os.getpid(), signal.SIGCONT)
    assert audit.observations == []


def test_whatever_a_subject_passes_its_call_does_not_fail_for_our_sake():
    class Broken:
        def __fspath__(self):
            raise ZeroDivisionError

    def action():
        with pytest.raises(ZeroDivisionError):
            os.listdir(Broken())

    assert heard(action) == []


def test_a_library_that_is_loaded_is_told_under_whatever_name_it_was_asked_for(tmp_path, monkeypatch):
    (tmp_path / "numexpr.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "numexpr", raising=False)
    with Audit() as audit:
        importlib.import_module("num" + "expr")
    assert audit.observations == [("library", "numexpr")]
    monkeypatch.delitem(sys.modules, "numexpr")
