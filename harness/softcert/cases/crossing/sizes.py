"""Class counts and row counts of the crossings, gathered into classes of sizes, and what a case may cost.

Pairs are counted between classes of sizes; inside of one, the counts that people use, the widths of blocks that kernels
use and every remainder modulo 64 take turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from softcert.cases.case import State
from softcert.cases.regimes.special_values import NONE

NAMED = (100, 1000, 21841, 30522, 32000, 32768, 50257, 65537, 128256, 131072, 151936, 256000, 262144)
"""Class counts of data sets and of the vocabularies of language models, and powers of two near them."""

MORE = (152064, 201088)
"""Further vocabularies, met beyond effort quick: each costs as much as a hundred small cases."""

_WIDTHS = (48, 80, 96, 192, 384, 768, 1536, 3072, 6144, 12288, 24576, 49152)
BLOCKS = tuple(width + by for width in _WIDTHS for by in (0, -1, 1))
"""Widths of blocks that kernels use beside powers of two, and their neighbours."""

SMALL = (1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 17, 33, 64, 127, 128)

MODULUS = 64  # the widest vector, 64 bytes, holds 64 numbers of the narrowest format
ABOVE = 128  # class counts up to 128 are met one by one in any case

_TOPS = (1, 2, 3, 16, 128, 1024, 8192)
_ROW_TOPS = (0, 1, 2, 64, 1024)
ROWS = (1, 2, 3, 17, 64, 67, 100, 257, 1000, 1025, 2053, 4103, 8192, 65537)
"""Row counts of the crossings: small ones, either side of blocks of 64, 256 and 1024, batches beyond 2^12 and 2^16."""


def size_class(classes: int) -> str:
    """The class counts, gathered: 1, 2, 3, then up to 16, 128, 1024, 8192, and vocabularies beyond."""
    return _gathered(classes, _TOPS, 0)


def row_count_class(rows: int) -> str:
    """The row counts, gathered: 0, 1, 2, then up to 64, 1024, and batches beyond."""
    return _gathered(rows, _ROW_TOPS, -1)


def _gathered(count: int, tops: tuple[int, ...], below: int) -> str:
    for top in tops:
        if count <= top:
            return str(top) if top == below + 1 else f"{below + 1} to {top}"
        below = top
    return f"more than {tops[-1]}"


@cache
def smallest_classes() -> Mapping[str, int]:
    """The smallest class count of each class of sizes, of those that do not come from a seed."""
    counts = sorted((*NAMED, *BLOCKS, *SMALL), reverse=True)
    return MappingProxyType({size_class(count): count for count in counts})


@cache
def class_counts(seed: int, more: bool = False) -> Mapping[str, tuple[int, ...]]:
    """The class counts to choose from, by class of sizes, those that must be met first.

    Every remainder modulo 64 stands among the counts above 128, drawn evenly over the powers of two up to 8192 from
    the seed, so that no fixed list can be learned. ``more`` adds the vocabularies that a quick run leaves out.
    """
    rng = np.random.default_rng([seed, 64])
    drawn = []
    for remainder in rng.permutation(MODULUS).tolist():
        near = int(np.exp2(rng.uniform(np.log2(ABOVE + MODULUS), 13.0)))
        drawn.append(near // MODULUS * MODULUS + remainder)
    found: dict[str, list[int]] = {}
    for count in (*NAMED, *(MORE if more else ()), *drawn, *BLOCKS, *SMALL):
        counts = found.setdefault(size_class(count), [])
        if count not in counts:
            counts.append(count)
    return MappingProxyType({name: tuple(found[name]) for name in sorted(found, key=smallest_classes().__getitem__)})


@cache
def row_counts() -> Mapping[str, tuple[int, ...]]:
    """The row counts to choose from, by class of sizes."""
    found: dict[str, tuple[int, ...]] = {}
    for count in ROWS:
        name = row_count_class(count)
        found[name] = (*found.get(name, ()), count)
    return MappingProxyType(found)


CALLS: Mapping[str, int] = {
    State.ONCE: 1,
    State.TWICE: 2,
    State.INTERLEAVED: 3,
    # Rows that are written out as text cost several times a call; an altered case has ten of these.
    State.ALONE: 8,
    State.REORDERED: 8,
    State.ALTERED: 200,
}
"""By state: how many calls of its size a case is worth, as far as time goes."""


_SPECIAL_ROW, _SPECIAL_BATCH = 4, 8
"""What special values make of a row and of a batch: their exact results do not come from the compiled kernels."""


def cost(rows: int, classes: int, state: str = State.ONCE, special: str = NONE) -> int:
    """Logits that a case is worth: those of all its calls together, or as many as take as long with special values."""
    slower = 1 if special == NONE else _SPECIAL_ROW if rows == 1 else _SPECIAL_BATCH
    return rows * classes * max(CALLS[state], slower)
