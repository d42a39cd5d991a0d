"""Counting lost processes, and the fault that an exit status stands for."""

import signal

import pytest

from softcert.executors.crashes import CrashCounter, fault_of_status
from softcert.executors.protocol import Fault, FaultKind

CRASH = Fault(FaultKind.CRASH, "the process was ended by SIGSEGV", "SIGSEGV")


def test_the_subject_is_given_up_after_losses_in_a_row():
    crashes = CrashCounter(3)
    for deaths in (1, 2, 3):
        assert not crashes.given_up
        reply = crashes.lost(CRASH, [("stderr", "text")], 0.5)
        assert crashes.deaths == deaths
    assert crashes.given_up
    assert (reply.fault, reply.observations, reply.seconds) == (CRASH, (("stderr", "text"),), 0.5)


def test_a_call_that_comes_back_breaks_the_row_but_not_the_count():
    crashes = CrashCounter(2)
    for _ in range(5):
        crashes.lost(CRASH, (), 0.0)
        crashes.survived()
    assert not crashes.given_up
    assert crashes.deaths == 5


def test_a_refusal_tells_the_last_fault():
    crashes = CrashCounter(1)
    crashes.lost(Fault(FaultKind.HANG, "no result within 1 s", "killed"), (), 1.0)
    fault = crashes.refusal().fault
    assert (fault.kind, fault.detail) == (FaultKind.HANG, "killed")
    assert fault.message == "given up after 1 calls in a row that ended the process; the last: no result within 1 s"


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (0, FaultKind.EXIT, "status 0"),
        (7, FaultKind.EXIT, "status 7"),
        (-signal.SIGSEGV, FaultKind.CRASH, "ended by SIGSEGV"),
        (-signal.SIGABRT, FaultKind.CRASH, "ended by SIGABRT"),
        (-9, FaultKind.MEMORY, "when memory runs out"),
        (-4000, FaultKind.CRASH, "ended by signal 4000"),
    ],
)
def test_an_exit_status_is_a_fault(status, kind, words):
    fault = fault_of_status(status)
    assert fault.kind is kind
    assert words in fault.message


def test_windows_statuses_are_crashes(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    fault = fault_of_status(0xC0000005)
    assert fault == Fault(FaultKind.CRASH, "the process ended with Windows status 0xc0000005")
    assert fault_of_status(3).kind is FaultKind.EXIT
