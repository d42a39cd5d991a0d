"""Checks of what a worker sends: its process belongs to the subject, so each field is taken for an enemy's.

Every function gives the value in its own type or raises `ProtocolError` with a sentence; none of them fails in another
way, whatever plain data it is given. What passes can neither index outside an arena nor name a type that NumPy would
interpret.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from softcert.executors.protocol import PYTHON_FLOAT, FaultKind
from softcert.executors.transport.captured_text import TEXT_LIMIT, safe_text
from softcert_oracle.numbers import formats

RESULTS_LIMIT = 16
"""Results of one call: an operation has at most three."""
OBSERVATIONS_LIMIT = 64
"""Observations of one call: an honest worker keeps 20 and two of its own."""
_AXES_LIMIT = 32
_SECONDS_LIMIT = 1e9
_LENGTH_LIMIT = 1 << 48  # of one axis, and of the product of all: far beyond any memory, far below int64


class ProtocolError(Exception):
    """The other side sent what the protocol does not allow; the text says what."""


def field(message: object, name: str) -> Any:
    """A field of an object."""
    if not isinstance(message, dict) or name not in message:
        raise ProtocolError(f"a message without {name}")
    return message[name]


def text(value: object, name: str, limit: int = TEXT_LIMIT) -> str:
    """A string, cut to ``limit`` characters, that every file can hold."""
    if not isinstance(value, str):
        raise ProtocolError(f"{name} is no text")
    return safe_text(value, limit)


def whole(value: object, name: str, least: int, most: int) -> int:
    """An integer within bounds; True and False are none."""
    if type(value) is not int or not least <= value <= most:
        raise ProtocolError(f"{name} is no integer from {least} to {most}")
    return value


def flag(value: object, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ProtocolError(f"{name} is neither true nor false")
    return value


def seconds(value: object, most: float) -> float:
    """A duration; one that is longer than the harness has waited is cut to that."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _SECONDS_LIMIT:
        raise ProtocolError("seconds is no duration")
    return float(min(value, most))


def items(value: object, name: str, most: int, each: int | None = None) -> list[Any]:
    """A list of at most ``most`` entries, which are lists of length ``each`` where that is given."""
    if not isinstance(value, list) or len(value) > most:
        raise ProtocolError(f"{name} is no list of at most {most} entries")
    if each is not None and any(not isinstance(entry, list) or len(entry) != each for entry in value):
        raise ProtocolError(f"an entry of {name} is no list of {each}")
    return value


def texts(value: object, name: str, most: int) -> tuple[str, ...]:
    """Strings, as `text` gives them."""
    return tuple(text(entry, name) for entry in items(value, name, most))


def mapping(value: object, name: str, most: int) -> Mapping[str, Any]:
    """An object of at most ``most`` entries."""
    if not isinstance(value, dict) or len(value) > most:
        raise ProtocolError(f"{name} is no object of at most {most} entries")
    return value


def one_of(value: object, name: str, known: Collection[str]) -> str:
    """A name of a table."""
    if not isinstance(value, str) or value not in known:
        raise ProtocolError(f"{name} is not in the table: {safe_text(repr(value), 60)}")
    return value


def fault_kind(value: object) -> FaultKind:
    """The kind of a fault. "unsupported" is the harness's own word: from a worker it means unavailable."""
    kind = FaultKind(one_of(value, "the kind of a fault", [str(k) for k in FaultKind]))
    return FaultKind.UNAVAILABLE if kind is FaultKind.UNSUPPORTED else kind


def observations(value: object) -> tuple[tuple[str, str], ...]:
    """Pairs of kind and text."""
    if value == []:
        return ()
    pairs = items(value, "observations", OBSERVATIONS_LIMIT, each=2)
    return tuple((text(kind, "the kind of an observation", 60), text(what, "an observation")) for kind, what in pairs)


def shape(value: object) -> tuple[int, ...]:
    """The lengths of the axes of an array that can exist."""
    lengths = tuple(whole(n, "an axis", 0, _LENGTH_LIMIT) for n in items(value, "a shape", _AXES_LIMIT))
    if math.prod(lengths) > _LENGTH_LIMIT:
        raise ProtocolError("a shape is too large")
    return lengths


def span(start: object, size: object, room: int) -> tuple[int, int]:
    """A place in an arena of ``room`` bytes: its start and its number of bytes."""
    first = whole(start, "the start of a place", 0, room)
    return first, whole(size, "the size of a place", 0, room - first)


def item_size(format: object) -> tuple[str, int]:
    """The name of a format, and its bytes: one of ours, or a type of numbers of NumPy or ml_dtypes."""
    name = text(format, "a format", 40)
    if name not in _ITEM_SIZES:
        raise ProtocolError(f"{safe_text(repr(name), 60)} is the name of no format of numbers")
    return name, _ITEM_SIZES[name]


def _item_sizes() -> dict[str, int]:
    """Bytes of an element, by the names that `softcert_implementations.adapters.base.format_name` gives numbers."""
    native = [np.dtype(code) for code in "?bBhHiIlLqQefdgFDG"]
    foreign = [d.newbyteorder() for d in native if d.itemsize > 1]
    names = {d.name: d.itemsize for d in native} | {d.str: d.itemsize for d in foreign}
    return names | {name: f.dtype.itemsize for name, f in formats.FORMATS.items()} | {PYTHON_FLOAT: 8}


_ITEM_SIZES = _item_sizes()
