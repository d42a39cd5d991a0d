"""Questions about a subject's result, decided on enclosures: yes, no, or undecided.

Ulp, faithful and correct rounding as in Muller et al., "Handbook of Floating-Point Arithmetic", section 2.6:
rounding is decided by rounding the enclosure (below a power of two half an ulp is not the nearest), never by
comparing an error with one ulp. What an enclosure leaves undecided goes to exact bounds
(`softcert_oracle.decide.ziv`) where the caller gives a ``refine``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle.decide.distance import Distance
from softcert_oracle.decide.distance import distance as distance_of
from softcert_oracle.decide.ziv import Refine, settle, settle_excess
from softcert_oracle.numbers import grid
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import Scaled, as_scaled

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Answers = NDArray[np.int8]

LIMIT_EVALUATION = 2.0**-45
"""Relative error granted to a limit: a formula of at most 128 float64 operations, each within 2^-53, doubled. It is
given to the subject: what is judged is limit * (1 + 2^-45), so that an error equal to its limit is within it."""

__all__ = [
    "LIMIT_EVALUATION",
    "correctly_rounded",
    "error",
    "exceeds",
    "faithful",
    "nearest",
    "neighbours",
    "signed_error",
    "ulp_error",
    "ulp_exponent",
]


def ulp_exponent(enclosure: Enclosure, fmt: Format) -> Int:
    """k with ulp(v) = 2^k for each exact value v: ``max(floor(log2|v|), emin) - p + 1``, unbounded above.

    The smaller one where the interval holds a power of two. Zero and special values have the smallest subnormal's.
    """
    return _ulp_exponents(enclosure, fmt)[0]


def _ulp_exponents(enclosure: Enclosure, fmt: Format) -> tuple[Int, Int]:
    """The smallest and the largest ulp exponent in each interval."""
    hi, lo, exponent, radius = enclosure.normalised
    a, tail = np.abs(hi), np.where(hi < 0, -lo, lo)
    # floor(log2) of the centre is exponent - 1; only next to a binade's ends do tail and radius change it.
    lowest, highest = (a - 0.5) + (tail - radius), (a - 1.0) + (tail + radius)
    low = exponent - 1 - (lowest < 0)
    high = exponent - 1 + (highest > 0) - (((a - 0.5) + (tail + radius) <= 0) & (tail < 0))
    ordinary = np.isfinite(hi) & (hi != 0)
    bottom = np.int64(fmt.quantum_exponent)
    smallest, largest = (np.where(ordinary, np.maximum(e - fmt.precision + 1, bottom), bottom) for e in (low, high))
    return smallest, largest


def error(got: ArrayLike, enclosure: Enclosure, fmt: Format | None = None) -> Scaled:
    """|got - centre|, absolute; ``got`` holds the subject's values as float64. Conventions: `distance`."""
    return distance_of(got, enclosure, fmt).centre


def signed_error(got: ArrayLike, enclosure: Enclosure, fmt: Format | None = None) -> Scaled:
    """got - centre, absolute. Infinite and without a sign of meaning where `distance` says that no number fits."""
    return distance_of(got, enclosure, fmt).signed


def ulp_error(
    got: ArrayLike, enclosure: Enclosure, fmt: Format, distance: Distance | None = None
) -> tuple[Float, Float]:
    """|got - v| / ulp(v), in ulp of the exact value. For reading and plotting.

    Parameters
    ----------
    got, enclosure, fmt
        Results (float64), exact values and the format of both.
    distance
        The `distance` of these three, where the caller has it already.

    Returns
    -------
    low, high
        Bounds of the error in ulp, float64.
    """
    distance = distance or distance_of(got, enclosure, fmt)
    small, large = _ulp_exponents(enclosure, fmt)
    low, high = distance.low * Scaled.of(1.0, -large), distance.high * Scaled.of(1.0, -small)
    return low.to_float(), high.to_float()


def exceeds(
    got: ArrayLike,
    enclosure: Enclosure,
    limit: Scaled | ArrayLike,
    fmt: Format,
    refine: Refine | None = None,
    distance: Distance | None = None,
) -> Answers:
    """Whether |got - v| > limit.

    Parameters
    ----------
    got, enclosure, fmt
        Results (float64), exact values and the format of both.
    limit
        Absolute; broadcast against the result. `LIMIT_EVALUATION` is granted to its own evaluation.
    refine
        Exact bounds for what the enclosures leave open.
    distance
        The `distance` of results, exact values and format, where the caller has it already.

    Returns
    -------
    numpy.ndarray
        A `Decision` for each number, int8. Undecided only where the limit lies within the enclosure's radius plus
        2^-49 (`softcert_oracle.decide.distance.ARITHMETIC`) of the error. Right special values never exceed, wrong ones
        always do; a limit that is NaN decides nothing else.

    Examples
    --------
    >>> from softcert_oracle.numbers.formats import lookup
    >>> third = Enclosure(
    ...     hi=np.array(1 / 3), lo=np.array(2.0**-55 / 1.5), exponent=np.array(0), radius=np.array(2.0**-105)
    ... )
    >>> [Decision(exceeds(1 / 3, third, limit, lookup("float64"))).name for limit in (2.0**-54, 2.0**-56)]
    ['NO', 'YES']
    """
    distance = distance or distance_of(got, enclosure, fmt)
    allowed = as_scaled(limit) * (1.0 + LIMIT_EVALUATION)
    limits = allowed.significand
    beyond = distance.low.exceeds(allowed)
    within = ~distance.high.exceeds(allowed) & ~np.isnan(distance.high.significand)  # what is not known is never within
    # Against no allowance at all an open interval is enough that does not reach back to ``got``.
    beyond |= (
        (limits == 0)
        & distance.exact
        & ((distance.centre - distance.radius).significand >= 0)
        & (distance.centre.significand > 0)
    )
    wrong, right = (
        np.isinf(distance.centre.significand),
        (distance.centre.significand == 0) & (distance.radius.significand == 0),
    )
    answer = np.where(beyond, Decision.YES, np.where(within, Decision.NO, Decision.UNDECIDED))
    answer = np.where(np.isinf(limits), Decision.NO, np.where(np.isnan(limits), Decision.UNDECIDED, answer))
    answer = np.where(wrong, Decision.YES, np.where(right, Decision.NO, answer)).astype(np.int8)
    return answer if refine is None else settle_excess(answer, got, allowed, refine)


def neighbours(enclosure: Enclosure, fmt: Format, refine: Refine | None = None) -> tuple[Float, Float, Bool]:
    """RD(v) and RU(v), the numbers of the format on both sides of each exact value.

    Returns
    -------
    low, high, decided
        float64, equal where v is a number of the format, and whether they are decided. Above the largest number RD is
        that number and RU infinite (NaN in a format without infinity).
    """
    low, _, high, decided = grid.brackets(enclosure, fmt)
    if refine is not None:
        low, decided_low = settle(low, decided, fmt, "down", refine)
        high, decided_high = settle(high, decided, fmt, "up", refine)
        decided = decided_low & decided_high
    return low, high, decided


def nearest(enclosure: Enclosure, fmt: Format, refine: Refine | None = None) -> tuple[Float, Bool]:
    """RN(v), ties to even, as float64, and whether it is decided."""
    value, decided = grid.nearest(enclosure, fmt)
    return (value, decided) if refine is None else settle(value, decided, fmt, "nearest", refine)


def faithful(got: ArrayLike, enclosure: Enclosure, fmt: Format, refine: Refine | None = None) -> Answers:
    """Whether got is RD(v) or RU(v).

    Parameters
    ----------
    got, enclosure, fmt
        Results (float64), exact values and the format of both; shapes broadcast.
    refine
        Exact bounds for what the enclosures leave open.

    Returns
    -------
    numpy.ndarray
        A `Decision` for each number, int8. NaN is faithful where no value exists.

    References
    ----------
    Muller et al., "Handbook of Floating-Point Arithmetic", section 2.2.
    """
    given, enclosure = _together(got, enclosure)
    low, inner, high, decided = grid.brackets(enclosure, fmt)
    outer = _same(given, low) | _same(given, high)
    # About to touch ``inner``, v has it as a neighbour from either side, and on it.
    sure = np.where(decided, outer, _same(given, inner))
    maybe = ~decided & ~sure & (given >= low) & (given <= high)
    maybe |= ~decided & ~sure & outer
    answer = np.where(sure, Decision.YES, np.where(maybe, Decision.UNDECIDED, Decision.NO)).astype(np.int8)
    if refine is None or not bool(np.any(maybe)):
        return answer
    low, known_low = settle(low, decided, fmt, "down", refine, maybe)
    high, known_high = settle(high, decided, fmt, "up", refine, maybe)
    known = known_low & known_high
    settled = np.where(_same(given, low) | _same(given, high), Decision.YES, Decision.NO)
    return np.where(maybe & known, settled, answer).astype(np.int8)


def correctly_rounded(got: ArrayLike, enclosure: Enclosure, fmt: Format, refine: Refine | None = None) -> Answers:
    """Whether got is RN(v), ties to even.

    Parameters
    ----------
    got, enclosure, fmt
        Results (float64), exact values and the format of both; shapes broadcast.
    refine
        Exact bounds for what the enclosures leave open.

    Returns
    -------
    numpy.ndarray
        A `Decision` for each number, int8. NaN is right where no value exists.
    """
    given, enclosure = _together(got, enclosure)
    value, decided = grid.nearest(enclosure, fmt)
    answer = np.where(_same(given, value), Decision.YES, Decision.NO).astype(np.int8)
    if bool(np.all(decided)):
        return answer
    low, _, high, _ = grid.brackets(enclosure, fmt)
    outside = (given < low) | (given > high)
    if refine is not None:
        value, decided = settle(value, decided, fmt, "nearest", refine, ~outside)
        answer = np.where(_same(given, value), Decision.YES, Decision.NO).astype(np.int8)
    return np.where(decided, answer, np.where(outside, Decision.NO, Decision.UNDECIDED)).astype(np.int8)


def _together(got: ArrayLike, enclosure: Enclosure) -> tuple[Float, Enclosure]:
    """Results and enclosures in one shape."""
    given, _ = np.broadcast_arrays(np.asarray(got, dtype=np.float64), enclosure.hi)
    return given, enclosure.broadcast_to(given.shape)


def _same(a: Float, b: Float) -> Bool:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))
