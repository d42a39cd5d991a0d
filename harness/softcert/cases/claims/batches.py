"""Pairs of batches for the claim that a row has the same bits in every batch, and repeated calls for "repeatable".

A pair is one case in the state "second batch": a batch, and the numbers of those of its rows that make up the other
one. Sizes lie on both sides of those at which kernels change their ways; the second batch takes rows from the first,
the middle and the last place, in another order, beside other rows, cut into pieces, or without the padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from softcert.cases.case import Case, ClaimState, Layout, Parameters, State
from softcert.cases.layouts import LAYOUTS
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

_ROWS = (2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 129, 255, 256, 257)
_MANY_ROWS = (511, 512, 513, 1023, 1024, 1025, 2049, 4097, 8193)
_CLASSES = (2, 3, 5, 10, 17, 33, 64, 100, 129, 257, 1000, 1025, 4097)
_LOGITS = 1 << 17  # of one pair
_LARGE = 1 << 13  # logits of a first batch that is called for two second ones alone
_SECOND = 65  # rows of a second batch, at most: it is written out
_WRITTEN = 1 << 13  # logits of a second batch, at most


def same_bits_in_all_batches(operation: str, terms: ResolvedContract) -> bool:
    """Whether an operation has rows of its own whose bits the contract promises."""
    rows = operation in operations.CORE and not (operation == "cross_entropy" and terms.reduction != "none")
    return rows and terms.batch_invariant


def cases(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """The cases of what a contract claims about bits; none where it claims nothing."""
    if same_bits_in_all_batches(operation, terms):
        yield from _sizes(fmt)
        yield from _neighbours(fmt)
        yield from _layouts(fmt)
    if terms.repeatable and operation in operations.CORE:
        yield from _repeated(fmt)


def _pair(fmt: Format, shape: tuple[int, int], second: object, parameters: Parameters = (), **fields: Any) -> Case:
    rows = tuple(int(k) for k in np.atleast_1d(np.asarray(second)))
    regime = str(fields.pop("regime", "ordinary"))
    given = parameters or ((("scale", 3.0),) if regime == "ordinary" else ())
    return Case.of(regime, *shape, fmt.name, given, state=ClaimState.SECOND, second=rows, **fields)


def _sizes(fmt: Format) -> Iterator[Case]:
    """Rows of batches of every size by themselves, in pieces, and in another order, at several class counts."""
    for number, m in enumerate((*_ROWS, *_MANY_ROWS)):
        for C in _CLASSES[number % 3 :: 3] if m > 2 else _CLASSES:
            if m * C > _LOGITS:
                continue
            seconds = [s for s in _seconds(m, number) if len(s) * C <= _WRITTEN]
            # Of a large batch one row by itself, and one of the other ways in turn.
            for second in seconds if m * C <= _LARGE else [seconds[0], *seconds[1:][number % 3 :][:1]]:
                yield _pair(fmt, (m, C), second)
    for C in (32000, 65537):
        yield _pair(fmt, (4, C), [3])


def _seconds(m: int, number: int) -> Iterator[np.ndarray]:
    yield np.array([(0, m // 2, m - 1)[number % 3]])  # alone
    half = np.arange(m // 2, min(m, m // 2 + _SECOND))  # a piece from the middle on
    yield half
    spread = np.unique(np.linspace(0, m - 1, min(m, _SECOND)).astype(int))
    yield spread[::-1]  # all of them, or many, in reverse order
    yield np.arange(min(m - 1, _SECOND))  # without the last


def _neighbours(fmt: Format) -> Iterator[Case]:
    """Rows that had special or far larger rows beside them, by themselves; and rows without their padding."""
    for value in ("nan", "inf", "-inf") if fmt.has_infinity else ("nan",):
        lone = (("values", (value,)), ("at", (1,)), ("only_row", 1))
        for m, C in ((4, 10), (8, 33), (17, 100)):
            others = [k for k in range(m) if k != 1]
            yield _pair(fmt, (m, C), others, lone, regime="special")
            yield _pair(fmt, (m, C), [0], lone, regime="special")
    for m, C in ((4, 5), (9, 17), (33, 100)):
        yield _pair(fmt, (m, C), [m - 1], (("apart", min(120.0, fmt.largest / 16)),), regime="far rows")
        yield _pair(fmt, (m, C), [0], regime="reach")
    for rows, padded, C in ((3, 4, 10), (5, 8, 33), (9, 16, 17), (1, 32, 10), (33, 64, 5)):
        yield _padded(fmt, rows, padded, C)


def _padded(fmt: Format, rows: int, padded: int, C: int) -> Case:
    """Some rows and zeros after them; the other batch is the rows without the zeros."""
    x = np.zeros((padded, C))
    x[:rows] = np.random.default_rng([rows, padded, C]).integers(-8, 9, (rows, C)) / 2
    written = tuple(tuple(float(v).hex() for v in row) for row in x)
    return _pair(fmt, (padded, C), np.arange(rows), rows=written)


def _layouts(fmt: Format) -> Iterator[Case]:
    """The same batch in another layout, and one row of a batch by itself in that layout."""
    for layout in LAYOUTS:
        for m, C in ((4, 10), (16, 33), (5, 129)):
            if layout != Layout.C:
                yield _pair(fmt, (m, C), np.arange(m), second_layout=layout)
                yield _pair(fmt, (m, C), [m - 1], layout=layout, second_layout=layout)


def _repeated(fmt: Format) -> Iterator[Case]:
    shapes = ((1, 3), (4, 10), (16, 100), (64, 64), (257, 17), (1025, 5), (33, 1031), (3, 4099), (1, 65537))
    for m, C in shapes:
        yield Case.of("ordinary", m, C, fmt.name, (("scale", 3.0),), state=ClaimState.MANY)
        yield Case.of("ordinary", m, C, fmt.name, (("scale", 2.0),), state=State.INTERLEAVED)
    for regime in ("reach", "ladder", "any float"):
        yield Case.of(regime, 5, 33, fmt.name, state=ClaimState.MANY)
