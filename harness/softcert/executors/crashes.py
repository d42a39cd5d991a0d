"""Counting lost workers: after a few in a row, a subject is given up instead of being started for ever."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable

from softcert.executors.protocol import Fault, Reply


class Losses:
    """``deaths`` counts workers lost in all; ``given_up`` turns True once ``limit`` calls in a row have lost theirs."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.deaths = 0
        self.given_up = False
        self._row = 0
        self._last = Fault("crash", "the worker was lost")

    def lost(self, fault: Fault, seen: Iterable[tuple[str, str]], seconds: float) -> Reply:
        """Count one loss; the reply that reports it."""
        self.deaths += 1
        self._row += 1
        self._last = fault
        self.given_up = self._row >= self.limit
        return Reply(None, fault, {}, tuple(seen), seconds)

    def survived(self) -> None:
        """A call came back: the row of losses is broken."""
        self._row = 0

    def refusal(self) -> Reply:
        """The reply to every call once the subject is given up."""
        text = f"given up after {self.limit} calls in a row that ended the process; the last: {self._last.message}"
        return Reply(None, Fault(self._last.kind, text, self._last.detail))


def fault_of_status(status: int) -> Fault:
    """The fault that an exit status stands for (negative: a signal, as in `subprocess`)."""
    if sys.platform == "win32" and status >= 0xC0000000:
        return Fault("crash", f"the process ended with Windows status {status:#010x}")
    if status >= 0:
        return Fault("exit", f"the subject ended its process with status {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    if name == "SIGKILL":  # not sent by us: it is how the system gets memory back
        return Fault("memory", "the process was killed by the system, as it does when memory runs out", name)
    return Fault("crash", f"the process was ended by {name}", name)
