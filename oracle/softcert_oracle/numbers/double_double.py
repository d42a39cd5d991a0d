"""Vectorised double-double steps on enclosures, each with the bound that makes its radius rigorous.

Error-free transformations after Dekker (1971) and Knuth (TwoSum), as collected in Muller et al., "Handbook of
Floating-Point Arithmetic", 2nd ed., sections 4.3-4.4; bounds of the composed steps after Joldes, Muller and
Popescu, ACM TOMS 44 (2017). An interval of positive radius is open: its exact value is never an end point.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import NO_EXPONENT, shift

Float = NDArray[np.float64]
Int = NDArray[np.int64]

ROUNDING = 2.0**-103
"""Relative error granted to one composed step. Each step below makes at most four roundings of terms that are
at most 2^-52 of the result's scale: 4 * 2^-53 * 2^-52 = 2^-103, and the proofs give at most half of that."""

NEGLIGIBLE = 400  # binary orders between a number and an addend that only nudges it
_TAIL = 2.0**-300  # a trailing part below this (relative to the leading one) only gives a direction

_SPLITTER = 2.0**27 + 1.0  # Veltkamp's constant for p = 53


def two_sum(a: Float, b: Float) -> tuple[Float, Float]:
    """``s + e = a + b`` exactly, s the rounded sum (Knuth; six operations, no condition but overflow)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def fast_two_sum(a: Float, b: Float) -> tuple[Float, Float]:
    """``s + e = a + b`` exactly, where ``|a| >= |b|`` or a is 0 (Dekker)."""
    s = a + b
    return s, b - (s - a)


def two_product(a: Float, b: Float) -> tuple[Float, Float]:
    """``p + e = a b`` exactly, for factors of magnitude 2^-400 to 2^400 or zero (Dekker's product by Veltkamp)."""
    p = a * b
    ah, al = _split(a)
    bh, bl = _split(b)
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def _split(a: Float) -> tuple[Float, Float]:
    c = _SPLITTER * a
    high = c - (c - a)
    return high, a - high


def enclosure(hi: Float, lo: Float, exponent: Int, radius: Float) -> Enclosure:
    """An Enclosure from parts, with the exponent of zeros and special values put to 0 as the type asks."""
    plain = (hi != 0) & np.isfinite(hi)
    if bool(np.all(plain)):
        return Enclosure(hi=hi, lo=lo, exponent=exponent, radius=radius)
    return Enclosure(
        hi=hi, lo=np.where(plain, lo, 0.0), exponent=np.where(plain, exponent, 0), radius=np.where(plain, radius, 0.0)
    )


def exact_plus(a1: Float, a2: Float, exponent: Int, b: Enclosure) -> Enclosure:
    """Enclosure of ``(a1 + a2) 2^exponent + b``, as narrow as b and the rounding of the sum allow.

    Parameters
    ----------
    a1, a2, exponent
        An exact addend, ``|a2| <= ulp(a1) / 2``; finite, shapes broadcast with b.
    b
        The other addend, finite.

    Returns
    -------
    Enclosure
        Its radius is b's own plus what the additions round away, measured. Where b is too small to be added to the
        tail (below half a step of it, or 400 binary orders below an a without tail), the result is the exact a moved by
        one step of its tail towards b, with that step as its radius: an open interval that begins at a. So rounding is
        decided where a itself is a number or a midpoint of the format.

    References
    ----------
    Joldes, Muller, Popescu, ACM TOMS 44 (2017), for the sums of two and three words.
    """
    a1, k = np.frexp(a1)
    ae = np.where(a1 == 0, NO_EXPONENT, np.asarray(exponent, np.int64) + k)
    tail = shift(a2, -k.astype(np.int64))
    direction = np.where(np.abs(tail) < _TAIL, np.sign(a2), 0.0)
    a2 = np.where(direction != 0, 0.0, tail)
    b1, b2, be, br = b.normalised
    top = np.maximum(ae, be)
    p1, p2, q1, q2 = shift(a1, ae - top), shift(a2, ae - top), shift(b1, be - top), shift(b2, be - top)
    s, e = two_sum(p1, q1)
    t, first = two_sum(p2, q2)
    t, second = two_sum(e, t)
    hi, lo = two_sum(s, t)  # s may have cancelled below t
    # Beside the two measured errors: the tail that is only a direction, an a too far below b to be shifted, and the
    # bits that four shifts may drop at 2^-1074.
    dropped = np.where(direction != 0, 2 * _TAIL * np.abs(p1), 0.0)
    dropped = dropped + np.where((be - ae > 2 * NEGLIGIBLE) & (a1 != 0), 2.0 ** (-2 * NEGLIGIBLE), 0.0)
    radius = (shift(br, be - top) + np.abs(first) + np.abs(second) + dropped) * (1 + 2.0**-50) + 2.0**-1070
    radius = np.where((b1 == 0) & (direction == 0), 0.0, radius)
    towards = np.sign(b1) * np.ones_like(a2)
    step = np.where(a2 == 0, towards * _TAIL, np.nextafter(a2, towards) - a2)
    nudged = ((ae - be > NEGLIGIBLE) | ((a2 != 0) & (2 * np.abs(q1) <= np.abs(step)))) & (b1 != 0) & (a1 != 0)
    if bool(np.any(nudged)):
        torn = direction * towards < 0  # the two tails pull apart: only "very near" is known
        hi = np.where(nudged, a1, hi)
        lo = np.where(nudged, np.where(torn, 0.0, a2 + step), lo)
        radius = np.where(nudged, np.where(torn, 4 * _TAIL, np.abs(step)), radius)
    lo = np.where(hi == 0, 0.0, lo)
    return enclosure(hi, lo, np.asarray(np.broadcast_to(top, hi.shape)), radius)


def one_minus(b: Enclosure) -> Enclosure:
    """Enclosure of ``1 - b`` for b in [0, 1/2] or so close to 0 that only the direction is left."""
    one = np.ones_like(b.hi)
    return exact_plus(one, np.zeros_like(one), np.zeros(one.shape, np.int64), b.negated())


def exact_difference(x: Float, y: Float) -> tuple[Float, Float, Int]:
    """``x - y = (a1 + a2) 2^exponent`` exactly, for finite float64 of any size (shapes broadcast)."""
    with np.errstate(over="ignore", invalid="ignore"):
        a1, a2 = two_sum(x, -y)
        high = ~(np.isfinite(a1) & np.isfinite(a2))  # an intermediate may overflow though the sum does not
        exponent = np.zeros(a1.shape, np.int64)
        if bool(np.any(high)):
            # Only where both exceed 2^970 can anything overflow, so a quarter of each is exact.
            b1, b2 = two_sum(0.25 * x, -0.25 * y)
            a1, a2, exponent = np.where(high, b1, a1), np.where(high, b2, a2), np.where(high, 2, exponent)
    return a1, a2, exponent


def product(a: Enclosure, b: Enclosure) -> Enclosure:
    """Enclosure of ``a b``, both finite; shapes broadcast.

    Notes
    -----
    |error| <= |a| r_b + |b| r_a + r_a r_b + 2^-103 |a b|. A factor that is known only by its sign and a bound
    ("positive and below that") gives a product of the same kind.
    """
    a1, a2, ae, ar = a.normalised
    b1, b2, be, br = b.normalised
    p, e = two_product(a1, b1)
    hi, lo = fast_two_sum(p, e + (a1 * b2 + a2 * b1))
    exact = (ar == 0) & (br == 0) & (((a2 == 0) & (b2 == 0) & (e == 0)) | (p == 0))
    # (1 + 2^-40) covers the roundings of this very line and |centre| against |hi|.
    radius = (np.abs(a1) * br + np.abs(b1) * ar + ar * br + ROUNDING * np.abs(p)) * (1 + 2.0**-40)
    # A factor that is known by its sign and a bound ("positive and below that") gives a product of the same kind.
    signed = ((ar == np.abs(a1)) | (br == np.abs(b1))) & (ar <= np.abs(a1)) & (br <= np.abs(b1)) & (p != 0)
    if bool(np.any(signed)):
        half = 0.5 * (np.abs(a1) + ar) * (np.abs(b1) + br) * (1 + 2.0**-40)
        hi, lo = np.where(signed, np.copysign(half, p), hi), np.where(signed, 0.0, lo)
        radius = np.where(signed, half, radius)
    return enclosure(hi, np.where(hi == 0, 0.0, lo), ae + be, np.where(exact, 0.0, radius))


def divided_by(a: Enclosure, n: int) -> Enclosure:
    """Enclosure of ``a / n`` for an integer ``1 <= n < 2^53``, exact for a power of two; special values stay."""
    if n & (n - 1) == 0:
        return a.scaled_by(1 - n.bit_length())
    divisor = float(n)
    hi, lo, exponent, radius = a.normalised
    with np.errstate(invalid="ignore"):
        q = hi / divisor
        p, e = two_product(q, np.full_like(q, divisor))
        rest = ((hi - p) - e) + lo  # hi - p is exact (Sterbenz), its sum with -e too; + lo rounds once
        top, low = fast_two_sum(q, rest / divisor)
        exact = (radius == 0) & (rest == 0) & (lo == 0)
        radius = np.where(exact, 0.0, (radius / divisor) * (1 + 2.0**-50) + ROUNDING * np.abs(q))
        special = ~np.isfinite(hi)
    return enclosure(np.where(special, hi, top), np.where(special, 0.0, low), exponent, radius)


def total(e: Enclosure) -> Enclosure:
    """Enclosure of the sum of all elements, shape ().

    Returns
    -------
    Enclosure
        NaN where an element is, or where +inf meets -inf. Where terms cancel to nothing the interval holds zero: its
        radius exceeds its centre.

    Notes
    -----
    Centres are added without error by `math.fsum` (Shewchuk): the sum, then what the sum leaves, then whether anything
    is left.

    Examples
    --------
    >>> cancelled = total(Enclosure.exactly([1.0, 2.0**-80, -1.0]))
    >>> float(cancelled.to_float()) == 2.0**-80, float(cancelled.radius)
    (True, 0.0)
    """
    if not bool(np.all(np.isfinite(e.hi))):
        with np.errstate(invalid="ignore"):
            return Enclosure.exactly(np.sum(e.hi[~np.isfinite(e.hi)]))
    flat = e.reshape(-1)
    hi, lo, exponent, radius = flat.normalised
    if not bool(np.any(hi)):
        return Enclosure.exactly(0.0)
    top = exponent.max()
    terms = np.concatenate([shift(hi, exponent - top), shift(lo, exponent - top)]).tolist()
    high = math.fsum(terms)
    low = math.fsum([*terms, -high])
    left = math.fsum([*terms, -high, -low])
    # Each shift may drop 2^-1074. What is exact stays so: open intervals that begin at a number still do in the sum.
    dropped = 3.0 * hi.size * 2.0**-1074 if bool(np.any((exponent < top - 900) & (hi != 0))) else 0.0
    widths = [*shift(radius, exponent - top).tolist(), abs(left), dropped]
    width = math.fsum(widths)
    if left != 0 or math.fsum([*widths, -width]) > 0:  # what is left lies at that distance: the interval is open
        width = math.nextafter(width, math.inf)
    if high == 0:
        high = width * 2.0**-50  # zero itself stands for exactly zero
        width += 2 * high
    return enclosure(np.asarray(high), np.asarray(low), np.asarray(top), np.asarray(width))
