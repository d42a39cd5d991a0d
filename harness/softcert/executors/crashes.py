"""Counting lost processes: after a few in a row the subject is given up, instead of being started for ever."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable

from softcert.executors.protocol import Fault, FaultKind, Reply

FATAL = "Fatal Python error: "
"""What a trace of faulthandler begins with."""


class CrashCounter:
    """Counts the processes that a subject ends.

    Parameters
    ----------
    limit : int
        Number of calls in a row that end the process before the subject is given up.

    Attributes
    ----------
    deaths : int
        Processes lost so far.
    given_up : bool
        True once ``limit`` calls in a row have lost their process.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.deaths = 0
        self.given_up = False
        self._consecutive = 0
        self._last = Fault(FaultKind.CRASH, "the worker was lost")

    def lost(self, fault: Fault, observations: Iterable[tuple[str, str]], seconds: float) -> Reply:
        """Count one lost process; the reply that reports it."""
        self.deaths += 1
        self._consecutive += 1
        self._last = fault
        self.given_up = self._consecutive >= self.limit
        return Reply(fault=fault, observations=tuple(observations), seconds=seconds)

    def survived(self) -> None:
        """A call came back: count from 0 again."""
        self._consecutive = 0

    def renew(self) -> None:
        """Forget the row: what comes next is judged without regard to the calls before."""
        self._consecutive, self.given_up = 0, False

    def refusal(self) -> Reply:
        """The reply to every call once the subject is given up."""
        text = f"given up after {self.limit} calls in a row that ended the process; the last: {self._last.message}"
        return Reply(fault=Fault(self._last.kind, text, self._last.detail))


def fault_of_status(status: int) -> Fault:
    """The fault that an exit status stands for (negative: a signal, as in `subprocess`)."""
    if sys.platform == "win32" and status >= 0xC0000000:
        return Fault(FaultKind.CRASH, f"the process ended with Windows status {status:#010x}")
    if status >= 0:
        return Fault(FaultKind.EXIT, f"the subject ended its process with status {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name == "SIGKILL":  # the harness did not send it: the system takes memory back this way
        return Fault(FaultKind.MEMORY, "the process was killed by the system, as it does when memory runs out", name)
    return Fault(FaultKind.CRASH, f"the process was ended by {name}", name)


def subject_frames(trace: str) -> str:
    """The subject's frames of a faulthandler trace: without ours, and without addresses that change."""
    from softcert.executors.worker.invoke import OUR_FOLDERS  # the harness needs nothing else of what a worker loads

    lines = []
    for line in trace.partition(FATAL)[2].splitlines():
        if line.startswith('  File "') and any(f'"{folder}' in line for folder in OUR_FOLDERS):
            break
        if line and "0x" not in line:
            lines.append(line)
    return "\n".join([f"{FATAL}{lines[0]}", *lines[1:]]) if lines else FATAL
