"""The standard streams of the command line: writing to them never fails, and what they show can command nothing.

A closed, full or broken stream, or an encoding that lacks a character, must change no verdict and no exit code. Text
of a subject or of a document must not move the cursor, turn the direction of text or speak to the CI system that reads
the log. Both hold for every writer, the parser of the command line included, since `standard_streams` replaces
``sys.stdout`` and ``sys.stderr``.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from softcert_reports.formatting.sanitise import encodable, log_safe


class ForgivingStream(io.TextIOBase):
    """A text stream whose writes never fail: after the first failure the rest is dropped.

    Parameters
    ----------
    stream
        Where the text goes; None for a stream that was closed before the process started.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream below."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """How a character that the encoding lacks is treated."""
        return "replace"

    def writable(self) -> bool:
        """Return True: a text is always taken, if only to be dropped."""
        return True

    def isatty(self) -> bool:
        """Whether a person looks at the stream."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream is not None and self._stream.isatty()
        return False

    def fileno(self) -> int:
        """The descriptor of the stream below; OSError where there is none."""
        if self._stream is None:
            raise io.UnsupportedOperation("the stream was closed")
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write a text at once, as far as the stream takes it."""
        if self._stream is not None:
            try:
                self._stream.write(encodable(text, self.encoding))
                self._stream.flush()
            except (OSError, ValueError):
                self._drop()
        return len(text)

    def _drop(self) -> None:
        """Lead the stream away, so that what its buffers still hold does not fail at the end of the process."""
        stream, self._stream = self._stream, None
        with contextlib.suppress(OSError, ValueError, AttributeError):
            assert stream is not None
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, stream.fileno())
            finally:
                os.close(nowhere)


class SafeStream(ForgivingStream):
    """A forgiving stream that shows text as `log_safe` makes it, one whole line after the other."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._begun = ""

    def write(self, text: str) -> int:
        """Write the lines that are complete; `flush` writes the rest."""
        whole, newline, self._begun = (self._begun + text).rpartition("\n")
        if newline:
            super().write(log_safe(whole) + "\n")
        return len(text)

    def flush(self) -> None:
        """Write a line that is not complete."""
        begun, self._begun = self._begun, ""
        if begun:
            super().write(log_safe(begun))

    def write_as_it_is(self, text: str) -> None:
        """Write text that is meant for the CI system or for the terminal itself."""
        self.flush()
        ForgivingStream.write(self, text)

    def styled(self) -> ForgivingStream:
        """The stream below, for what draws on the terminal itself; its words must be safe already."""
        self.flush()
        return ForgivingStream(self._stream)


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Replace the standard output and error streams by safe ones, and put them back at the end."""
    _open_descriptors()
    before = sys.stdout, sys.stderr
    safe = SafeStream(before[0]), SafeStream(before[1])
    sys.stdout, sys.stderr = safe
    try:
        yield
    finally:
        for stream in safe:
            stream.flush()
        sys.stdout, sys.stderr = before


def _open_descriptors() -> None:
    """Lead descriptors 0 to 2 nowhere where they are closed: the next file that is opened would take their place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere == descriptor:
                os.set_inheritable(nowhere, True)
            else:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
