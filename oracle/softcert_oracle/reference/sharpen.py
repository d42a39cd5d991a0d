"""Enclosures next to an exact value, made as narrow as rounding needs, whatever backend computed them.

Where a value differs from a number of the format (or a midpoint) by less than any precision sees, only the direction
decides its rounding: such enclosures become open intervals that begin at that number (`double_double.exact_plus`).
Which rows need it is decided by row, so that ordinary rows cost next to nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.double_double import exact_plus, one_minus
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.row_enclosures import RowEnclosures
from softcert_oracle.reference.assemble import log_probability, put

Float = NDArray[np.float64]

_FEW = 40
"""An addend this many binary orders below the other term is added again from its own, narrower enclosure: a backend's
2^-100 of the whole would leave 60 bits of it or fewer, and the other term may be a number or a midpoint of a format."""

_FAR = -150.0
"""A tail of entries more than 150 below the maximum adds less than C e^-150 < 2^-170 to s (C < 2^46): far less than
any double-double can hold, so that only its sign matters beside an exact 1/k."""

_SLIVER = 2.0**-160  # relative half-width of the open interval on one side of an exact value; above C e^-150 / k

_NEARLY_INTEGER = 2.0**-45  # relative; tau of k ties and a far tail is k - 1 to a few units of 2^-53


def sharpen(x: Float, argmax: NDArray[np.intp], rows: RowEnclosures) -> RowEnclosures:
    """The same rows x (m, C), finite maxima at ``argmax`` (m,), with sharper enclosures where that can matter.

    - The largest probability, above 1/2, becomes 1 - (1 - p): the complement is relatively accurate near 1.
    - m + L and d - L begin in m and in d where L is far below them.
    - k equal maxima, k a power of two, and otherwise only entries more than 150 below: p is 1/k, exactly where the
      others are -inf, else an open interval that ends in 1/k (its complement begins in (k-1)/k). Without this no
      precision would decide on which side of 1/2 the softmax of (0, 0, -1e9) lies.

    1 - p of small probabilities is left to `complement_at`, since hardly anyone asks for it.
    """
    index = np.arange(len(x))
    at = (index, argmax)
    largest, top, log_sum = x[at], rows.complement[at], rows.log_softmax[at].negated()
    softmax, complement, log_softmax = rows.softmax, rows.complement, rows.log_softmax
    above = np.flatnonzero(top.to_float() < 0.5)
    if above.size:
        softmax = put(softmax, (above, argmax[above]), one_minus(top[above]))
    order = log_sum.to_scaled().exponent
    with np.errstate(over="ignore"):
        spread = largest - x.min(axis=1)
        wide = np.flatnonzero(spread > 2.0 ** (_FEW - 1) * log_sum.to_float())
    if wide.size:
        log_softmax = _begin_in_d(x, largest, log_softmax, log_sum, order, wide)
    tied = np.flatnonzero(np.abs(rows.tau - np.rint(rows.tau)) <= _NEARLY_INTEGER * (rows.tau + 1))
    if tied.size:
        softmax, complement = _beside_ties(x, largest, softmax, complement, tied)
    return replace(
        rows,
        softmax=softmax,
        complement=complement,
        log_softmax=log_softmax,
        logsumexp=_begin_in_m(largest, rows.logsumexp, log_sum, order),
    )


def complement_at(rows: RowEnclosures, where: tuple[NDArray[np.intp], ...]) -> Enclosure:
    """1 - p at an index, beginning in 1 for small p."""
    p, q = rows.softmax[where], rows.complement[where]
    small = np.nonzero((p.hi != 0) & np.isfinite(p.hi) & (np.frexp(p.hi)[1] + p.exponent < -_FEW))
    return put(q, small, one_minus(p[small])) if small[0].size else q


def _begin_in_m(largest: Float, logsumexp: Enclosure, log_sum: Enclosure, order: NDArray[np.int64]) -> Enclosure:
    zero = np.zeros(len(largest))
    whole = exact_plus(largest, zero, np.zeros(len(largest), np.int64), log_sum)
    begins = whole.to_scaled().exponent - order > _FEW
    better = np.flatnonzero(begins | (whole.relative_radius() < logsumexp.relative_radius()))
    return put(logsumexp, (better,), whole[better])


def _begin_in_d(
    x: Float,
    largest: Float,
    log_softmax: Enclosure,
    log_sum: Enclosure,
    order: NDArray[np.int64],
    rows: NDArray[np.intp],
) -> Enclosure:
    part = log_softmax[rows]
    far = np.isfinite(part.hi) & (part.hi != 0)
    far &= np.frexp(part.hi)[1] + part.exponent - order[rows][:, None] > _FEW
    within, column = np.nonzero(far)
    if not within.size:
        return log_softmax
    row = rows[within]
    return put(log_softmax, (row, column), log_probability(x[row, column], largest[row], log_sum[row]))


def _beside_ties(
    x: Float, largest: Float, softmax: Enclosure, complement: Enclosure, rows: NDArray[np.intp]
) -> tuple[Enclosure, Enclosure]:
    part, top = x[rows], largest[rows][:, None]
    maximal = part == top
    k = np.count_nonzero(maximal, axis=1)
    with np.errstate(over="ignore"):
        near = np.any(~maximal & (part - top >= _FAR), axis=1)
    tail = np.any(~maximal & (part != -np.inf), axis=1)
    chosen = ((k & (k - 1)) == 0) & ~near & ~((k == 1) & tail)
    within, column = np.nonzero(maximal & chosen[:, None])
    if not within.size:
        return softmax, complement
    share, one_sided = 1.0 / k[within], tail[within]
    where = (rows[within], column)
    below, above = _beside(share, -1.0, one_sided), _beside(1.0 - share, 1.0, one_sided)
    return put(softmax, where, below), put(complement, where, above)


def _beside(value: Float, side: float, one_sided: NDArray[np.bool_]) -> Enclosure:
    """Exact values, or where asked the open interval from them to 2^-159 of them away, on one side."""
    sliver = np.where(one_sided, _SLIVER * value, 0.0)
    return Enclosure(hi=value, lo=side * sliver, exponent=np.zeros(value.shape, np.int64), radius=sliver)
