"""What authors of programs get wrong in the protocol, each in a sentence that says how to mend it."""

from __future__ import annotations

import itertools

from softcert.executors.crashes import fault_of_status
from softcert.executors.protocol import Fault, FaultKind

_SHOWN = 60  # characters of a program's own text
_PRINTABLE = frozenset((*range(32, 127), *b"\t\n\r"))


def is_text(data: bytes) -> bool:
    """Whether bytes are printable ASCII."""
    return bool(data) and len(_leading_text(data)) == len(data)


def _leading_text(data: bytes) -> bytes:
    return bytes(itertools.takewhile(_PRINTABLE.__contains__, data))


def text_on_stdout(data: bytes) -> Fault:
    """The fault of a program that writes messages where its answers belong."""
    shown = " ".join(_leading_text(data).decode("ascii").split())
    cut = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
    message = f"the program wrote text to stdout ({cut!r}), where answers alone may stand: write messages to stderr"
    return Fault(FaultKind.PROTOCOL, message, "it was killed")


def not_flushed(timeout: float) -> Fault:
    """The fault of a program whose answer came when its stdin was closed, and not before."""
    message = (
        f"no result within {timeout:g} s, and an answer as soon as stdin was closed: flush stdout after each answer"
    )
    return Fault(FaultKind.PROTOCOL, message, "the program was killed")


def ended(status: int, answers: int) -> Fault:
    """The fault of a program that ended instead of answering.

    Parameters
    ----------
    status
        Its exit status; negative for a signal.
    answers
        How many calls its process had answered.
    """
    fault = fault_of_status(status)
    if fault.kind != FaultKind.EXIT:
        return fault
    when = f"after {answers} answer{'s' * (answers != 1)}" if answers else "without an answer"
    return Fault(
        FaultKind.EXIT,
        f"the program ended {when}, with status {status}: read requests in a loop, until stdin ends",
        fault.detail,
    )
