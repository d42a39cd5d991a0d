"""Inputs as people give them: logits as integers, lists, a subclass, ..., with values that the kind can hold.

What a contract claims (``input_kinds``) has cases in the battery. What it does not claim is tried on a few small ones
(`softcert.engine.kind_trials`). The exact result is that of the same values in the format.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.cases.case import Case, LabelRule
from softcert_implementations.adapters.kinds import NUMBERS, PLAIN
from softcert_implementations.contract import ResolvedContract
from softcert_implementations.contract_values import INPUT_KINDS
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.numbers.formats import Format

KINDS = tuple(dict.fromkeys(kind for group in INPUT_KINDS.values() for kind in group))
"""Every kind by itself, arrays of the format first."""

PROVOKES = {
    PLAIN: "arrays of the format, of the subject's library: the whole battery",
    "int8": "results of the input's type; differences that wrap around; a narrow float from NumPy's promotion",
    "int16": "the same",
    "int32": "the same",
    "int64": "the same; integers beyond what the format holds one by one",
    "uint8": "x - max wraps around to 255",
    "bool": "subtraction that is no subtraction",
    "lists": "methods of arrays; the library's default format",
    "NumPy scalars": "the same, with numbers of the format",
    "0-d": "no class axis: the one logit is its own row",
    "big-endian": "bytes that are read in the wrong order",
    "subclass": "methods and attributes that are overridden",
    "masked": "NumPy's masked arrays, with nothing masked",
    "DataFrame": "what pandas gives: the values of its columns, in Fortran order, which may not be written to",
    "requires_grad": "results that are part of a graph; NumPy's functions refuse them",
    "other device": "tables and buffers that stay on the first device",
}
"""What each kind provokes, for ``softcert list kinds``."""

Block = tuple[tuple[float, ...], ...]
"""The logits of a case, row by row."""

_SMALL: tuple[Block, ...] = (((3.0, 1.0, 0.0),), ((0.0, 2.0, 1.0, 4.0), (5.0, 5.0, 3.0, 0.0), (1.0, 0.0, 6.0, 2.0)))
_SIGNED: Block = ((2.0, -3.0, 0.0), (-1.0, -1.0, 5.0))
_BOOLEAN: tuple[Block, ...] = (((1.0, 0.0, 0.0),), ((0.0, 1.0, 1.0, 0.0), (0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0)))


def check(kind: str, exact: np.ndarray) -> None:
    """Refuse values that a kind cannot hold; `UsageError` as for any broken recipe."""
    if kind == PLAIN:
        return
    if kind not in KINDS:
        raise unknown("kind of input", kind, KINDS)
    if kind == "0-d" and exact.shape != (1, 1):
        raise UsageError(f"kind={kind!r} is one logit by itself; this case has {exact.shape[0]} x {exact.shape[1]}.")
    if kind in NUMBERS:
        low, high = _range(kind)
        with np.errstate(invalid="ignore"):
            held = (exact == np.round(exact)) & (exact >= low) & (exact < high)
        if not held.all():
            value = float(exact[~held][0])
            raise UsageError(f"kind={kind!r} cannot hold the logit {value!r}: give whole numbers of its range.")


def applies(kind: str, operation: str) -> bool:
    """Whether an operation can be called with a kind at all: the label of one logit without a row has no place."""
    entry = operations.lookup(operation)
    return operation in operations.CORE and not (kind == "0-d" and entry.takes_labels)


def cases(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """The cases of the kinds that a contract claims, arrays of the format left out: they have the whole battery."""
    for kind in terms.claimed_kinds:
        if kind != PLAIN and applies(kind, operation):
            yield from of_kind(kind, fmt)


def trials(kind: str, fmt: Format) -> Iterator[Case]:
    """The few cases on which a kind is tried that nobody claims."""
    yield from list(of_kind(kind, fmt))[:3]


def of_kind(kind: str, fmt: Format) -> Iterator[Case]:
    """Every case of a kind, small and plain ones first."""
    blocks: list[Block]
    if kind == "0-d":
        blocks = [((2.0,),), ((0.0,),), ((-3.0,),)]
    elif kind == "bool":
        blocks = [*_BOOLEAN, ((1.0,), (0.0,))]
    elif kind in NUMBERS:
        signed = [_SIGNED] if kind.startswith("i") else []
        blocks = [*_SMALL, *signed, *_wide(kind, fmt)]
    else:
        blocks = [*_SMALL, *_fractions(fmt)]
    for number, rows in enumerate(blocks):
        yield _written(rows, fmt, kind, number)


def _wide(kind: str, fmt: Format) -> Iterator[Block]:
    """Integers at the ends of their type, and all the same, as far as the format holds them."""
    low, high = _range(kind)
    top, bottom = _held(float(np.nextafter(high, 0.0)), fmt), _held(low, fmt)
    yield ((top, bottom, 0.0), (bottom, top, top), (0.0, bottom, bottom))
    yield ((7.0,), (0.0,))
    yield tuple(tuple(float((3 * i + j * j) % 8) for j in range(33)) for i in range(6))


def _fractions(fmt: Format) -> Iterator[Block]:
    yield ((0.5, -2.5, 1.25), (-1.0, 4.0, 4.0))
    yield ((7.0,), (-0.5,))
    yield tuple(tuple(((5 * i + 3 * j * j) % 17) / 2 - 4.0 for j in range(33)) for i in range(6))
    if fmt.has_infinity:
        yield ((0.0, float("-inf"), 1.0), (float("-inf"), 2.0, 2.0))
    yield ((fmt.largest / 4, fmt.largest / 4, 0.0),)


def _range(kind: str) -> tuple[float, float]:
    """The smallest value of a type, and one more than the largest: exact in float64 both."""
    if kind == "bool":
        return 0.0, 2.0
    info = np.iinfo(kind)
    return float(info.min), float(int(info.max) + 1)


def _held(value: float, fmt: Format) -> float:
    """A whole number no farther from 0 than a value, and near it, that the format holds exactly."""
    size = int(min(abs(value), fmt.largest))
    lost = max(0, size.bit_length() - fmt.precision)
    return float(np.copysign(float(size >> lost << lost), value))


def _written(rows: object, fmt: Format, kind: str, number: int) -> Case:
    x = np.array(rows, np.float64)
    m, C = x.shape
    written = tuple(tuple(float(v).hex() for v in row) for row in x)
    labels = LabelRule.LAST if number % 2 else LabelRule.ARGMAX
    return Case.of("input kind", m, C, fmt.name, kind=kind, rows=written, labels=labels)
