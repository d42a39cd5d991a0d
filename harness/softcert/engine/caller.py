"""Calling a subject through its executor, and counting the calls."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from softcert.cases.call import Call
from softcert.executors.protocol import Executor, Reply


class Caller:
    """Makes the calls of one subject.

    Attributes
    ----------
    calls
        How many calls were made.
    seconds
        The time that the subject's own functions took.
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.calls = 0
        self.seconds = 0.0

    def ahead(self, calls: Iterable[Call]) -> Generator[Reply]:
        """Make calls, and yield their replies in order. The executor may take some calls before they are replied to."""
        for reply in self.executor.run_all(call.request for call in calls):
            self.calls += 1
            self.seconds += reply.seconds
            yield reply

    def __call__(self, call: Call) -> Reply:
        """Make one call. The executor gives the first one of each shape the time that a compiler needs."""
        reply = self.executor.run(call.request)
        self.calls += 1
        self.seconds += reply.seconds
        return reply
