"""Side effects of a call: text, warnings, threads, processes, a changed floating-point environment.

All of them are observations: they are reported and decide no verdict. Text is caught at the level of file
descriptors, so that printf from C is seen as well as print.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from softcert.executors.transport.captured_text import anonymous_file, safe_text, take_text
from softcert.executors.worker.audit import Audit
from softcert.executors.worker.confinement import children
from softcert.executors.worker.floating_environment import Environment, probe
from softcert.executors.worker.lasting import Lasting

_OBSERVATIONS_LIMIT = 20  # of one call: a subject that prints a new line in each call stays readable

_LIBC: Any = None if sys.platform == "win32" else ctypes.CDLL(None)


class Streams:
    """stdout and stderr of the process, led into two files while it is entered.

    The files may be given (the worker's are shared with the harness, which reads them after a crash).
    """

    def __init__(self, out: int | None = None, err: int | None = None) -> None:
        self._files = (
            anonymous_file("stdout") if out is None else out,
            anonymous_file("stderr") if err is None else err,
        )
        for descriptor in self._files:
            os.set_inheritable(descriptor, False)
        self._own = out is None
        self._texts = tuple(
            io.TextIOWrapper(
                io.FileIO(f, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
            )
            for f in self._files
        )
        self._saved: list[tuple[int, Any]] = []

    def __enter__(self) -> Streams:
        flush()
        for target, name, file, text in zip((1, 2), ("stdout", "stderr"), self._files, self._texts, strict=True):
            self._saved.append((_duplicate(target), getattr(sys, name)))
            os.dup2(file, target)
            setattr(sys, name, text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        flush()
        for target, name, (copy, stream) in zip((1, 2), ("stdout", "stderr"), self._saved, strict=True):
            setattr(sys, name, stream)
            if copy >= 0:
                os.dup2(copy, target)
                os.close(copy)
            else:
                os.close(target)
        self._saved.clear()

    def drain(self) -> list[tuple[str, str]]:
        """The text written since the last call of this method, as observations; the files are empty afterwards."""
        flush(passing_over=self._texts)
        return [
            (name, text)
            for name, file in zip(("stdout", "stderr"), self._files, strict=True)
            if (text := take_text(file))
        ]

    def close(self) -> None:
        """Close the files, where they are this object's own."""
        if self._own:
            for file in self._files:
                os.close(file)
            self._own = False


def _duplicate(descriptor: int) -> int:
    try:
        return os.dup(descriptor)
    except OSError:  # the process was started without that stream
        return -1


def flush(passing_over: Sequence[io.TextIOWrapper] = ()) -> None:
    """Flush the streams of Python and of C, so that all text lies in the files; but for streams that keep none back."""
    for stream in (sys.stdout, sys.stderr):
        if not any(stream is one for one in passing_over):
            with contextlib.suppress(Exception):  # a subject may have closed or replaced it
                stream.flush()
    if _LIBC is not None:
        _LIBC.fflush(None)


def _warning(caught: warnings.WarningMessage) -> str:
    return safe_text(f"{caught.category.__name__}: {safe_text(caught.message)}")


class Watch:
    """Watches one call as a context manager; afterwards `observations` holds its side effects."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._warnings = warnings.catch_warnings(record=True)
        self.observations: tuple[tuple[str, str], ...] = ()

    def __enter__(self) -> Watch:
        self._audit = Audit()
        self._lasting = Lasting()
        self._children = children()
        self._before = probe()
        self._environment = Environment()
        self._caught = self._warnings.__enter__()
        warnings.simplefilter("always")
        self._audit.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._audit.__exit__(kind, value, trace)
        self._warnings.__exit__(kind, value, trace)
        changed = probe()
        if changed != self._before:
            self._environment.restore()
        seen = self._streams.drain()
        seen += [("warning", _warning(w)) for w in self._caught or ()]
        seen += self._audit.observations
        seen += self._lasting.observations()
        if children() - self._children:
            seen.append(("process", "left running"))
        if changed != self._before:
            seen.append(("floating-point environment", changed or "the default was restored"))
        self.observations = tuple(dict.fromkeys(seen))[:_OBSERVATIONS_LIMIT]
