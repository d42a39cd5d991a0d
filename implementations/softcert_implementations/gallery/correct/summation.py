"""Correct implementations that differ in how they add: order, tree, compensation, exactness.

Any order of summation is covered by the limit for depth n - 1; a compensated or an exact sum does better still.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import FULL, from_sum
from softcert_implementations.gallery.model import Correct
from softcert_implementations.gallery.textbook import Array

Sum = Callable[[Array], Array]


def kahan(e: Array) -> Array:
    """Kahan's compensated sum, column by column."""
    total = np.zeros_like(e[:, :1])
    carried = np.zeros_like(total)
    for j in range(e.shape[1]):
        term = e[:, j : j + 1] - carried
        new = total + term
        carried = (new - total) - term
        total = new
    return total


def neumaier(e: Array) -> Array:
    """Neumaier's variant, which keeps the error of the larger of the two."""
    total = np.zeros_like(e[:, :1])
    lost = np.zeros_like(total)
    for j in range(e.shape[1]):
        term = e[:, j : j + 1]
        new = total + term
        lost = lost + np.where(total >= term, (total - new) + term, (term - new) + total)
        total = new
    return total + lost


def exact(e: Array) -> Array:
    """math.fsum: the exact sum, rounded once."""
    return np.array(
        [[math.fsum(map(float, row)) if np.isfinite(row).all() else float(row.sum())] for row in e], e.dtype
    )


def halves(e: Array) -> Array:
    """Recursion into halves, down to single elements."""
    if e.shape[1] <= 1:
        return e.copy() if e.shape[1] else np.zeros_like(e, shape=(len(e), 1))
    middle = e.shape[1] // 2
    return halves(e[:, :middle]) + halves(e[:, middle:])


def folded(e: Array) -> Array:
    """Folding in two until one column is left; an odd column joins the next round."""
    while e.shape[1] > 1:
        half = e.shape[1] // 2
        e = np.concatenate([e[:, :half] + e[:, half : 2 * half], e[:, 2 * half :]], axis=1)
    return e


def reversed_order(e: Array) -> Array:
    """From the last element to the first."""
    return textbook.running_sum(e[:, ::-1], e.dtype)


def sorted_order(e: Array) -> Array:
    """From the smallest to the largest, which loses least."""
    return textbook.running_sum(np.sort(e, axis=-1), e.dtype)


def cumulative(e: Array) -> Array:
    """The last partial sum of a cumulative sum."""
    return np.cumsum(e, axis=-1)[:, -1:]


def dot_with_ones(e: Array) -> Array:
    """A matrix product with a column of ones, so that BLAS adds."""
    return e @ np.ones((e.shape[1], 1), e.dtype)


def einsum(e: Array) -> Array:
    """np.einsum."""
    return np.einsum("mc->m", e)[:, None]


def even_and_odd(e: Array) -> Array:
    """Two accumulators, for even and odd positions, as an unrolled loop has."""
    return e[:, ::2].sum(-1, keepdims=True) + e[:, 1::2].sum(-1, keepdims=True)


def eight_lanes(e: Array) -> Array:
    """Eight accumulators over a row padded with zeros after the exponential, then a tree over the lanes."""
    padded = np.pad(e, ((0, 0), (0, -e.shape[1] % 8)))
    return folded(padded.reshape(len(e), padded.shape[1] // 8, 8).sum(1))


def by_column(e: Array) -> Array:
    """Classes outermost: one running sum for each row."""
    total = np.zeros_like(e[:, :1])
    for j in range(e.shape[1]):
        total += e[:, j : j + 1]
    return total


def _correct(add: Sum, largest: int | None = None) -> Correct:
    contract = {} if largest is None else {"max_classes": largest}
    return Correct(
        name=f"sum_{add.__name__}", ops=from_sum(add), formats=FULL, note=add.__doc__ or "", contract=contract
    )


_SLOW = 4096
"""Most classes for sums that loop in Python: beyond, they are right but not worth the wait."""

CORRECT = (
    *map(
        _correct,
        (exact, folded, reversed_order, sorted_order, cumulative, dot_with_ones, einsum, even_and_odd, eight_lanes),
    ),
    *(_correct(add, _SLOW) for add in (kahan, neumaier, halves, by_column)),
)
