"""Checks: functions that take a candidate and refuse it or not, from files, pytest suites and the table of presets.

A check refuses a candidate by returning False or by raising anything; whatever else it returns is a pass.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from softcert.audit.candidates import Candidate
from softcert_oracle.errors import UsageError, shown

Check = Callable[[Candidate], Any]


def check_of(spec: str, effort: str = "quick") -> Check:
    """The check that a SPEC names.

    Parameters
    ----------
    spec
        ``file.py:function``; ``file.py``, a folder or ``file.py::test`` for pytest, whose tests use the fixture
        ``candidate``; or ``preset:NAME``.
    effort
        How large the inputs of a preset may be.

    Raises
    ------
    UsageError
        For a file, a function or a preset that does not exist.
    """
    if spec.startswith("preset:"):
        from softcert.audit.presets.table import preset

        return preset(spec.removeprefix("preset:")).at(effort)
    path, colon, name = spec.rpartition(":")
    if colon and not path.endswith(":") and path.endswith(".py"):
        return _function(Path(path), name)
    if Path(spec.partition("::")[0]).exists():
        return lambda candidate: _passes_suite(spec, candidate)
    raise UsageError(f"check={shown(spec)}: give file.py:function, a pytest file or test, or --preset NAME.")


def _function(path: Path, name: str) -> Check:
    if not path.is_file():
        raise UsageError(f"check={str(path)!r} is no file. Give file.py:function.")
    spec = importlib.util.spec_from_file_location(f"softcert_audited_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # its helpers stand beside it
    spec.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(f"check={str(path)!r} has no function {name!r}. Give file.py:function.")
    checked: Check = function
    return checked


class _Provider:
    """The plug-in that gives a suite its candidate, in the place of a fixture ``candidate`` of its own."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Parametrise each test that uses the fixture, directly or through another."""
        if "candidate" in metafunc.fixturenames:
            metafunc.parametrize("candidate", [self.candidate], ids=["audited"])


def _passes_suite(target: str, candidate: Candidate) -> bool:
    import pytest

    quiet = io.StringIO()
    arguments = [target, "-q", "-x", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly"]
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        code = int(pytest.main(arguments, plugins=[_Provider(candidate)]))
    if code not in (0, 1):
        last = quiet.getvalue().strip().splitlines()[-1:] or ["no output"]
        raise SuiteError(f"pytest ended with {code} on {target}: {last[0]}")
    if not candidate.shapes and code == 0:
        raise SuiteError(f"no test of {target} called its fixture `candidate`")
    return code == 0


class SuiteError(Exception):
    """A suite could not be run, or never called its candidate: that is no verdict on the candidate."""
