"""What summation does to s: depth of the tree, formats kept on the way, and the errors of the terms.

With every term off by a factor within e^{+-t_j} and every addition by one within (1+u)^{+-1}, the computed sum lies
within e^{+-A} of s, where A = h log(1+u) + log(sum p_j e^{t_j}): by Jensen's inequality the lower side,
-log(sum p_j e^{-t_j}) <= sum p_j t_j <= log(sum p_j e^{t_j}), is never the larger one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.scaled import Float

Int = NDArray[np.intp]


def depth(count: int, summation: str | int) -> int:
    """The most additions that any of so many terms passes through.

    Parameters
    ----------
    count
        The number of terms.
    summation
        "any" is count - 1: no tree is deeper. "pairwise" is NumPy's: plain below 8, then eight lanes joined in three
        levels and a plain tail up to 128, halves above (one lane longer than ceil(n/8) can be, never less than a
        balanced tree's ceil(log2 n)). A number is a claimed depth, of which at most count - 1 can happen.

    Returns
    -------
    int
        The depth h of the formulas.

    Examples
    --------
    >>> depth(1000, "any"), depth(1000, "pairwise"), depth(1000, 10)
    (999, 22, 10)
    """
    if summation == "pairwise":
        return _pairwise(count)
    return min(max(count - 1, 0), summation) if isinstance(summation, int) else max(count - 1, 0)


def _pairwise(count: int) -> int:
    levels = 0
    while count > 128:  # the longer part: at most 8 more than half, because parts are cut at multiples of 8
        half = count // 2
        count -= half - half % 8
        levels += 1
    if count < 8:
        return levels + max(count - 1, 0)
    return levels + -(-count // 8) + 3 + count % 8


def growth(count: int, p: LimitParameters) -> float:
    """log of the largest factor that summing ``count`` exact terms of a row can be off by, whatever they are.

    In one format, depth roundings. Where the sum is kept in a narrower format, the contract's depth counts the
    roundings to that format, and the additions between them are the working precision's, at most count - 1. Where
    it is kept in a wider one, the finished sum is rounded once to the working precision. An online algorithm
    multiplies by exp(old - new maximum) at each level: a second rounding and an exponential.
    """
    return float(grown(np.asarray(count), count, p))


def grown(counts: Int, classes: int, p: LimitParameters) -> Float:
    """The same where only ``counts`` of the ``classes`` terms are not exactly 0, of the shape of ``counts``.

    A zero is added exactly, so a term passes through at most counts - 1 additions that round. A sum that is kept in a
    narrower format may be rounded to it there, too, once for each term that is no number of that format.
    """
    a = p.arithmetic
    per_level = a.rounding + a.exp if p.algorithm == "online" else 0.0
    return _kept(counts, classes, depth(classes, p.summation), per_level, p)


def batch_growth(count: int, p: LimitParameters) -> float:
    """The same for a sum of losses over the batch.

    A depth that a contract names is that of a row's sum, so the batch has depth count - 1 unless sums are "pairwise";
    where sums are kept in a narrower format, a named depth counts the roundings to it here as well.
    """
    return float(batch_grown(np.asarray(count), count, p))


def batch_grown(counts: Int, rows: int, p: LimitParameters) -> Float:
    """`batch_growth` where only ``counts`` of the losses of so many rows are not exactly 0."""
    return _kept(counts, rows, batch_depth(rows, p), 0.0, p)


def batch_depth(rows: int, p: LimitParameters) -> int:
    """The depth of a sum of the losses of so many rows: see `batch_growth`."""
    narrow = formats.lookup(p.sum_format).precision < p.arithmetic.working.precision
    return depth(rows, p.summation if narrow or p.summation == "pairwise" else "any")


def _kept(counts: Int, of: int, levels: int, more_per_level: float, p: LimitParameters) -> Float:
    a, kept = p.arithmetic, formats.lookup(p.sum_format)
    narrow = kept.precision < a.working.precision
    passed = np.minimum(np.maximum(np.where(counts < of, counts, counts - 1) if narrow else counts - 1, 0), levels)
    per_level = float(np.log1p(kept.unit_roundoff)) + more_per_level
    total = np.where(passed > 0, passed * per_level, 0.0)  # per_level may be infinite
    if narrow:
        return np.asarray(total + np.maximum(counts - 1, 0) * a.rounding)
    if kept.precision > a.working.precision:
        return np.asarray(np.where(counts > 1, total + a.rounding, total))
    return np.asarray(total)


def joined(weights: Float, terms: Float, logs: Float, underflow: Float) -> Float:
    """The logarithm of the factor that errors of the terms put on their sum: log(sum w_j e^{t_j}), shape (m, 1).

    Parameters
    ----------
    weights
        w (m, C), the shares of the terms; they sum to 1.
    terms
        t >= 0 (m, C), the logarithms of the factors that the terms may be off by.
    logs
        -log w (m, C), because w may have underflowed.
    underflow
        c (m, 1), an absolute error relative to the sum: the lower side becomes -log(e^{-A} - c) = A - log(1 - c e^A).
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        factor = np.log1p(np.sum(enlarged(weights, terms, logs), axis=-1, keepdims=True))
        if not np.any(underflow):
            return np.asarray(factor)
        lost = np.where(underflow > 0, underflow * np.exp(factor), 0.0)
        return np.asarray(factor - np.log1p(-np.minimum(lost, 1.0)))


LARGE = 30.0
"""Above this, w (e^t - 1) is formed as e^{t - log(1/w)}: an underflowed w times an overflowed e^t would be NaN."""


def enlarged(weights: Float, terms: Float, logs: Float) -> Float:
    """w (e^t - 1) in float64, or an upper bound of it where t > `LARGE`."""
    product = weights * np.expm1(np.minimum(terms, LARGE))
    large = terms > LARGE
    return np.where(large, np.exp(terms - logs), product) if np.any(large) else np.asarray(product)
