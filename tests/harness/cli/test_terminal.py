"""The standard streams of the command line: a write never fails, and no text commands the terminal or the CI system."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from softcert.cli.app import command_ci, console, fail, say
from softcert.cli.terminal import ForgivingStream, SafeStream, standard_streams


class Broken(io.StringIO):
    """A stream that takes nothing, as a full disk or a closed pipe."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.attempts = error, 0

    def write(self, text: str) -> int:
        self.attempts += 1
        raise self.error


ERRORS = [
    OSError(errno.ENOSPC, "No space left on device"),
    BrokenPipeError(errno.EPIPE, "Broken pipe"),
    OSError(errno.EBADF, "Bad file descriptor"),
    OSError(errno.EIO, "the terminal was closed"),
    ValueError("I/O operation on closed file"),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_a_stream_that_fails_is_left_alone(error):
    """The first failure ends the writing, and nobody hears of it."""
    below = Broken(error)
    stream = ForgivingStream(below)
    assert stream.write("a") == 1
    stream.write("b")
    assert below.attempts == 1
    assert not stream.isatty()


def test_a_stream_that_was_closed_before_the_start_takes_everything():
    """Python gives None for a descriptor that is closed."""
    stream = SafeStream(None)
    assert stream.write("a\n") == 2
    stream.flush()
    assert (stream.encoding, stream.isatty()) == ("utf-8", False)
    with pytest.raises(io.UnsupportedOperation):
        stream.fileno()


def test_what_a_terminal_lacks_is_replaced():
    """An ASCII terminal gets plain quotes and question marks, and no exception."""
    below = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    ForgivingStream(below).write("“stable” ✓\n")
    below.seek(0)
    assert below.read() == '"stable" ?\n'


def test_lines_are_made_safe_whole_even_if_they_are_written_in_parts():
    """A command that comes in pieces is none either."""
    below = io.StringIO()
    stream = SafeStream(below)
    for part in (":", ":err", "or::x\n", "\x1b", "[2J"):
        stream.write(part)
    stream.flush()
    assert below.getvalue() == "⟨U+003A⟩:error::x\n⟨U+001B⟩[2J"


def test_every_writer_goes_through_the_safe_streams(capsys):
    """Whoever prints: print itself, the functions for commands, and the console for colours."""
    with standard_streams():
        print("\x1b]0;title\x07\n::error::a")
        say("##vso[task.complete]")
        fail("one\n::error::two\x1b[31m")
        console().print("[bold]:warning:")
        print("::error::b", file=sys.stderr)
        command_ci("::error title=ours::c\n")
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert [line for line in (out + err).splitlines() if line.startswith(("::", "##"))] == ["::error title=ours::c"]
    assert "softcert: one ::error::two⟨U+001B⟩[31m\n" in err
    assert "[bold]:warning:" in err, "neither markup nor emoji"


def test_the_streams_are_put_back(capsys):
    """A caller's own streams are as they were, also after an exception."""
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), standard_streams():
        raise ZeroDivisionError
    assert (sys.stdout, sys.stderr) == before
