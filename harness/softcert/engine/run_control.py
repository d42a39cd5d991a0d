"""Run control: when a subject is given up."""

from __future__ import annotations

from softcert.engine.judge import Judgement
from softcert.executors.protocol import FaultKind

GIVEN_UP = 3  # faults in a row that end the worker, after which an operation is given up
MOST_HANGS = 4  # hangs in all: each costs the whole time limit

_FATAL = (FaultKind.CRASH, FaultKind.EXIT, FaultKind.HANG, FaultKind.MEMORY, FaultKind.PROTOCOL)


class RunControl:
    """Counts the faults of one unit that end the subject's process."""

    def __init__(self) -> None:
        self._consecutive = 0
        self._hangs = 0

    def record(self, judgement: Judgement) -> None:
        """Count the outcome of one call. A call that could not be made, or was refused rightly, counts neither way."""
        refused_rightly = judgement.output is None and judgement.fault is None
        if judgement.declined or judgement.unavailable or (refused_rightly and judgement.call.inputs.exact.size == 0):
            return
        self._consecutive = self._consecutive + 1 if judgement.fault in _FATAL else 0
        self._hangs += judgement.fault == FaultKind.HANG

    @property
    def dying(self) -> bool:
        """Whether each of the last calls ended the subject's process."""
        return self._consecutive >= GIVEN_UP

    @property
    def exhausted(self) -> bool:
        """Whether the subject ended its process, or hung, so often that this operation is given up."""
        return self.dying or self._hangs >= MOST_HANGS
