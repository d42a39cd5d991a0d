"""A job process: it does tasks of one group, one after the other, as the run sends their numbers.

SIGTERM ends the task that is being done, as Ctrl-C would: its outcome so far is sent, then the process ends. Signals of
the terminal do not reach it, and it ends with the run, however the run ends.
"""

from __future__ import annotations

import contextlib
import copyreg
import gc
import io
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from types import FrameType, MappingProxyType
from typing import Any, Protocol


class Report(Protocol):
    """Called by a task with the steps done, the steps in all, and a text that must not be lost."""

    def __call__(self, done: int, total: int, text: str = "", /) -> None:
        """Take note."""


_REPORT_EVERY = 0.1  # seconds between two reports of a task
_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of Linux

DONE, REPORT, FAILED = "done", "report", "failed"
"""The messages of a job: a task's value, its steps, and an error that belongs to no task's value."""


INTERRUPTING = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
"""The signals that interrupt a run."""


class Group(Protocol):
    """Tasks that belong together, such as the units of a subject: a process does tasks of one group only."""

    @property
    def tasks(self) -> int:
        """How many there are."""

    def opened(self) -> AbstractContextManager[Callable[[int, Report], object]]:
        """Open what the tasks need, in the process that does them; it does the task of a number."""

    def hand_over(self) -> None:
        """Leave what the group holds to another process."""

    def ended(self) -> None:
        """Release what is left after the last process of the group has ended."""


def serve(connection: Connection, group: Group, others: Sequence[Group]) -> None:
    """Do tasks until the run sends None; ``others`` are the groups of the run that other processes do."""
    gc.freeze()  # the collector leaves the pages alone that this process shares with the run
    stop = _Stop()
    _leave_terminal()
    for other in others:
        other.hand_over()
    try:
        with group.opened() as run_task:
            while (number := connection.recv()) is not None:
                value = run_task(number, _reporting(connection, stop))
                with stop.held():
                    connection.send_bytes(dumped((DONE, value)))
                stop.check()
    except KeyboardInterrupt:
        return
    except (EOFError, BrokenPipeError):  # the run is gone
        return
    except Exception as error:
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        with contextlib.suppress(OSError):
            connection.send_bytes(dumped((FAILED, (type(error).__name__, str(error)))))


def _reporting(connection: Connection, stop: _Stop) -> Report:
    last = time.monotonic() - _REPORT_EVERY

    def report(done: int, total: int, text: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _REPORT_EVERY and not text:
            return
        last = now
        with stop.held():
            connection.send_bytes(dumped((REPORT, (done, total, text))))
        stop.check()

    return report


class _Stop:
    """SIGTERM as KeyboardInterrupt, but not while a message is being sent."""

    def __init__(self) -> None:
        self._received = self._held = False
        signal.signal(signal.SIGTERM, self._handle)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if hasattr(signal, "pthread_sigmask"):  # blocked while this process was begun
            signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTING)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self._received = self._received, True
        if not self._held and not again:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def check(self) -> None:
        """Raise where the signal came while it was held, or where its exception got lost."""
        if self._received:
            raise KeyboardInterrupt


def _leave_terminal() -> None:
    """Leave the terminal's process group, and end with the process that started this one."""
    parent = os.getppid()
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


class _Pickler(pickle.Pickler):
    """A pickler that takes read-only mappings and views of bytes as well."""

    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[memoryview] = lambda view: (memoryview, (view.tobytes(),))
    dispatch_table[MappingProxyType] = lambda mapping: (_read_only, (dict(mapping),))


def dumped(value: Any) -> bytes:
    """A value as bytes, for `pickle.loads`."""
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()
