"""Tasks in several processes at once. What comes of them does not depend on how many, nor on who is done first.

Each job process does tasks of one group, such as the units of a subject. A process that is free goes on with a group
that nobody has begun, and then helps with the group that has most tasks left.

`concurrent.futures` does not take this place: one process that dies breaks its pool and loses what the others do, its
processes are asked to end by nobody when a signal comes, and it knows no groups.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from softcert.commands.job_process import DONE, FAILED, INTERRUPTING, Group, serve
from softcert_oracle.errors import UsageError

LOST = "lost"
"""The kind of an event: the process that did a task ended without its value."""

_END_WITHIN = 10.0  # seconds that a job process has to end when it is told to


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_WORTH = 6.0  # quick units that are worth a process: it starts the subject's processes once more


def count(asked: int | None, work: float, tasks: int) -> int:
    """How many jobs do some tasks: as many as asked for, or as the cores and the work are worth; at most one a task.

    Parameters
    ----------
    asked
        The number that the user gives; None where none is given.
    work
        The work of all tasks, in quick units of one operation and format.
    tasks
        How many tasks there are.

    Raises
    ------
    UsageError
        For a number that is no whole number of at least 1.
    """
    if asked is None:
        return max(1, min(cores(), tasks, math.ceil(work / _WORTH)))
    if not isinstance(asked, int) or isinstance(asked, bool) or asked < 1:
        raise UsageError(f"jobs={asked!r}: give a whole number of at least 1.")
    return max(1, min(asked, tasks))


def cannot_fork() -> str:
    """Why this process cannot be forked safely; "" where it can.

    A fork takes the thread that forks with it and leaves locks of others as they are. Frameworks of macOS break in a
    fork.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return "this system does not fork processes safely"
    if threading.active_count() > 1:
        return "this process has several threads"
    if multiprocessing.current_process().daemon:
        return "this process is a job itself"
    return ""


@dataclass(frozen=True)
class Event:
    """What came from a job: its task's value (DONE), its steps (REPORT), an error (FAILED), or its end (LOST)."""

    kind: str
    group: int
    task: int
    value: Any


@dataclass(eq=False)
class _Job:
    process: BaseProcess
    connection: Connection
    group: int
    task: int = -1


class Pool:
    """Job processes for the tasks of some groups; a context manager, after which none of them runs.

    Parameters
    ----------
    groups
        The groups. Their processes are begun in this order, and so are the tasks of each.
    jobs
        How many processes run at once.
    shared
        Whether several processes may do tasks of one group.

    Attributes
    ----------
    inbox
        Events that are not handled yet, the oldest first; whoever handles one takes it out afterwards, so that none
        is lost where a signal comes in between.
    """

    def __init__(self, groups: Sequence[Group], jobs: int, *, shared: bool = True) -> None:
        self.groups, self.most, self.shared = groups, jobs, shared
        self.inbox: deque[Event] = deque()
        self._waiting = [deque(range(group.tasks)) for group in groups]
        self._begun = [False] * len(groups)
        self._jobs: list[_Job] = []
        self._leaving: list[BaseProcess] = []
        self._context = multiprocessing.get_context("fork")

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _signals_blocked():
            for job in list(self._jobs):
                self._end(job, kill=True)
            deadline = time.monotonic() + _END_WITHIN
            for process in self._leaving:
                process.join(max(0.0, deadline - time.monotonic()))
                if process.is_alive():
                    process.kill()
                    process.join()
        for group in self.groups:
            group.ended()

    @property
    def running(self) -> bool:
        """Whether anything is being done or waits to be done."""
        return bool(self._jobs) or any(self._waiting)

    def skip(self, group: int, first: int = 0) -> None:
        """Do no task of a group from a number on; one that is being done is ended."""
        self._waiting[group] = deque(task for task in self._waiting[group] if task < first)
        for job in [job for job in self._jobs if job.group == group and job.task >= first]:
            self._end(job, kill=True)

    def stop(self) -> None:
        """Begin no further task, and ask the jobs to end with what they have."""
        for waiting in self._waiting:
            waiting.clear()
        for job in self._jobs:
            job.process.terminate()

    def wait(self, seconds: float) -> None:
        """Keep the jobs busy, and put what comes from them within some seconds into the inbox."""
        self._fill()
        ready = connections.wait([job.connection for job in self._jobs], seconds)
        for job in [job for job in self._jobs if job.connection in ready]:
            with _signals_blocked():
                self._receive(job)

    def _fill(self) -> None:
        """Start jobs, up to their number."""
        while len(self._jobs) < self.most and (group := self._next_group()) is not None:
            self._start(group)

    def _next_group(self) -> int | None:
        """The first group that nobody has begun, then the one with most tasks left."""
        left = [k for k, waiting in enumerate(self._waiting) if waiting]
        fresh = [k for k in left if not self._begun[k]]
        if fresh or not self.shared:
            return fresh[0] if fresh else None
        return max(left, key=lambda k: len(self._waiting[k]), default=None)

    def _start(self, group: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        others = [other for k, other in enumerate(self.groups) if k != group]
        given = (theirs, self.groups[group], others, [ours, *(job.connection for job in self._jobs)])
        process = self._context.Process(target=_serve, args=given, daemon=True)
        with _signals_blocked(), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of a numerical library stand still in a fork
            process.start()
            theirs.close()
            job = _Job(process, ours, group)
            self._jobs.append(job)
            if not self._begun[group]:
                self._begun[group] = True
                self.groups[group].hand_over()
            self._give(job)

    def _give(self, job: _Job) -> None:
        """Give a job its next task, or let it end."""
        waiting = self._waiting[job.group]
        if waiting:
            job.task = waiting.popleft()
            with contextlib.suppress(OSError):  # it has died: `_receive` will see that
                job.connection.send(job.task)
        else:
            self._end(job)

    def _receive(self, job: _Job) -> None:
        try:
            kind, value = pickle.loads(job.connection.recv_bytes())
        except (EOFError, OSError):
            task = job.task
            self._end(job)
            job.process.join(_END_WITHIN)
            self.inbox.append(Event(LOST, job.group, task, _ending(job.process)))
            return
        self.inbox.append(Event(kind, job.group, job.task, value))
        if kind == DONE:
            self._give(job)
        elif kind == FAILED:
            self._end(job)

    def _end(self, job: _Job, kill: bool = False) -> None:
        self._jobs.remove(job)
        with contextlib.suppress(OSError):
            job.connection.send(None)
        if kill:
            job.process.kill()
        job.connection.close()
        self._leaving.append(job.process)


def _serve(connection: Connection, group: Group, others: Sequence[Group], foreign: Sequence[Connection]) -> None:
    """The whole of a job process."""
    for other in foreign:  # as long as this process had them open, nobody would see the end of another job
        other.close()
    serve(connection, group, others)


def _ending(process: BaseProcess) -> str:
    """How a process ended that should not have."""
    code = process.exitcode or 0
    if code >= 0:
        return f"the process that ran it ended with status {code}"
    with contextlib.suppress(ValueError):
        return f"the process that ran it was ended by {signal.Signals(-code).name}"
    return f"the process that ran it was ended by signal {-code}"


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Put off what interrupts the run: a message that is half read, or a process that nobody knows, would be lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
