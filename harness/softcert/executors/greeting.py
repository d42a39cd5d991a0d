"""The greeting of a program: which operations it has in which formats, said once and before the first answer.

A program may begin its output with it, unasked; one that does not is asked call by call, as before. Its first eight
bytes, read as the size of an answer, are a number that no size can be, so the two are never taken for one another.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from softcert.executors.transport.untrusted import ProtocolError
from softcert_oracle import operations
from softcert_oracle.numbers import formats

MAGIC = b"softcert"
HEAD = struct.Struct("<II")  # version of the greeting, number of pairs
PAIR = struct.Struct("<II")  # operation, format
VERSION = 1
PAIRS_LIMIT = 256

OPERATION_NUMBERS: Mapping[str, int] = {name: i for i, name in enumerate(operations.CORE, 1)}
FORMAT_NUMBERS: Mapping[str, int] = {name: i for i, name in enumerate(formats.FORMATS, 1)}

Greeting = frozenset[tuple[str, str]]
"""Pairs of operation and format."""


def read_greeting(take: Callable[[int], bytes | None]) -> Greeting | None:
    """The greeting that follows `MAGIC`.

    Parameters
    ----------
    take : callable
        ``take(count)`` gives that many bytes of the program's output, or None where they do not come in time.

    Returns
    -------
    frozenset of (operation, format), or None
        Numbers that are in no table are left out: a later version of the protocol may have them. None where ``take``
        gave None.

    Raises
    ------
    ProtocolError
        For another version, or more pairs than there can be.
    """
    head = take(HEAD.size)
    if head is None:
        return None
    version, count = HEAD.unpack(head)
    if version != VERSION or count > PAIRS_LIMIT:
        raise ProtocolError(f"a greeting of version {version} with {count} pairs")
    body = take(count * PAIR.size)
    if body is None:
        return None
    named = {i: name for name, i in OPERATION_NUMBERS.items()}
    formatted = {i: name for name, i in FORMAT_NUMBERS.items()}
    pairs = PAIR.iter_unpack(body)
    return frozenset((named[o], formatted[f]) for o, f in pairs if o in named and f in formatted)
