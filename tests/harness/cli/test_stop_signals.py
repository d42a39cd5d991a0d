"""Signals that stop a run: the first one ends it, the second one at once; while files are written one is put off."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from softcert.cli.stop_signals import StoppedError, StopSignals

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")


@pytest.fixture
def stop():
    """Handlers that are installed for the time of a test."""
    signals = StopSignals()
    with signals.installed():
        yield signals


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_raises_as_ctrl_c_does(stop, name):
    """What catches KeyboardInterrupt catches it, and its text is the reason."""
    with pytest.raises(KeyboardInterrupt) as raised:
        signal.raise_signal(getattr(signal, name))
    assert str(raised.value) == ("interrupted by the user" if name == "SIGINT" else f"ended by {name}")
    assert isinstance(raised.value, StoppedError)


def test_one_signal_is_put_off_while_files_are_written_and_the_second_is_not(stop):
    """The files are finished; who insists is heard."""
    with stop.held():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StoppedError):
            signal.raise_signal(signal.SIGTERM)
    assert stop.received == ["SIGTERM", "SIGTERM"]


def test_a_signal_that_was_put_off_is_raised_where_signals_are_released(stop):
    """No signal falls between the two states."""
    with stop.held():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(StoppedError), stop.released():
            raise AssertionError("not reached")
        signal.raise_signal(signal.SIGTERM)  # held again: put off


def test_a_signal_whose_exception_was_lost_is_raised_again(stop):
    """An exception that is raised in a destructor goes nowhere; the next progress report raises it again."""
    stop.check()
    with contextlib.suppress(StoppedError):
        signal.raise_signal(signal.SIGTERM)
    with pytest.raises(StoppedError, match="ended by SIGTERM"):
        stop.check()


def test_handlers_are_put_back_and_an_ignored_signal_stays_ignored():
    """nohup ignores SIGHUP, and a run under it must go on."""
    before = signal.getsignal(signal.SIGTERM)
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals().installed():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not before
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGHUP, old)


def test_importing_installs_nothing():
    """Neither the Python interface nor the pytest plug-in changes how a process treats signals."""
    code = """
import signal
numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
before = [signal.getsignal(n) for n in numbers]
import softcert, softcert.api, softcert.pytest_plugin, softcert.cli.main
assert [signal.getsignal(n) for n in numbers] == before
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
