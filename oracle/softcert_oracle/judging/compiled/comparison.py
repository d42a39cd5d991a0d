"""One result beside its exact value: distance, error in ulp, faithful and correct rounding; compiled.

The exact value is ``vh + vl`` to ``radius``, |vl| <= ulp(vh)/2, in units of 1 or 2^-600 (``q``). With two_sum, ``g -
vh = s + e`` exactly. If g lies within a factor of 2 of vh, s is exact and e = 0 (Sterbenz); else |s| >= |vh|/2, so
that |e - vl| <= 2^-51 |s|, whose rounding is 2^-104 |s|. The sum ``s + (e - vl)`` rounds once more: the distance is
known to 2^-52 relative and the radius. 2^-49 is granted, as in `softcert_oracle.decide.distance`.

Faithful: g is RD(v) or RU(v) exactly where v lies strictly between g's neighbours (g = v included), and the nearest
where it lies between the two midpoints. Both compare v - g with g's gaps, which are powers of two: ``vh`` minus the end
of a gap is exact where the two are near, and where that is 0 the sign of ``vl`` decides. (Every radius that is not 0 is
larger than the bound it stands for, so v lies strictly inside of its enclosure.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import bits_of, two_sum
from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.constants import UNIT_EXPONENT
from softcert_oracle.judging.compiled.elementary import exponent_of, power, unit_of

NO, YES, UNDECIDED = 0, 1, 2
"""As `softcert_oracle.numbers.enclosure.Decision`."""

ARITHMETIC = 2.0**-49
_NEAR = 2.0**-40  # relative: next to the threshold of overflow nothing is decided here
_FRACTION = (1 << 52) - 1
_INFINITY = np.inf


@embedded
def ulp_shift(vh: float, vl: float, radius: float, q: int, k: Any) -> Any:
    """n with ``1 unit = 2^n ulp(v)``; the smaller ulp where the interval holds a power of two."""
    size = abs(vh)
    order = exponent_of(size) - UNIT_EXPONENT * q
    tail = -vl if vh < 0.0 else vl
    if bits_of(size) & _FRACTION == 0 and tail - radius < 0.0:
        order -= 1
    if vh == 0.0 or order < k.emin:
        order = k.emin
    return -UNIT_EXPONENT * q - (order - k.precision + 1)


@embedded
def compare(g: float, vh: float, vl: float, radius: float, q: int, k: Any) -> Any:
    """``(known, signed, centre, low, high, ulp, faithful, nearest)`` of a result g, k the `Constants`.

    ``signed`` = g - v in units of 1, the next three in units of q: the distance, and bounds of it. ``ulp`` bounds the
    error from above. Not known: next to the threshold of overflow, or overflow in a format without infinity.
    """
    none = (False, 0.0, 0.0, 0.0, 0.0, 0.0, UNDECIDED, UNDECIDED)
    far = (True, _INFINITY, _INFINITY, _INFINITY, _INFINITY, _INFINITY, NO, NO)
    if not k.has_infinity and not abs(g) < k.largest:
        return none
    if g != g:
        return far
    size = abs(vh)
    infinite = abs(g) == _INFINITY
    if infinite:
        if q == 0 and size >= k.largest * (1.0 - _NEAR):
            if size <= k.overflow * (1.0 + _NEAR) or (g > 0.0) != (vh > 0.0):
                return none
            return True, 0.0, 0.0, 0.0, 0.0, 0.0, YES, YES
        g = k.beyond if g > 0.0 else -k.beyond
    unit = unit_of(q)
    scaled = g * unit
    if abs(scaled) == _INFINITY:
        if not infinite:
            return none
        return True, g, _INFINITY, _INFINITY, _INFINITY, _INFINITY, NO, NO
    s, e = two_sum(scaled, -vh)
    b = e - vl
    c = s + b
    exact = radius == 0.0 and vl == 0.0 and e == 0.0
    centre = abs(c)
    error = radius if exact else radius + ARITHMETIC * centre
    low = centre - error
    if low < 0.0:
        low = 0.0
    high = centre + error
    ulp = high * power(ulp_shift(vh, vl, radius, q, k))
    if infinite:
        return True, c / unit, centre, low, high, ulp, NO, NO
    order = exponent_of(abs(g))
    bottom = bits_of(g) & _FRACTION == 0 and order > k.emin
    if order < k.emin:
        order = k.emin
    gap = power(order - k.precision + 1 + UNIT_EXPONENT * q)
    below = 0.5 * gap if bottom else gap
    if high < 0.5 * below:  # most results: the nearest
        return True, c / unit, centre, low, high, ulp, YES, YES
    # v - g = w + tail, away from zero
    w, tail = (-s, -b) if g > 0.0 or (g == 0.0 and vh > 0.0) else (s, b)
    faithful = _between(w, tail, radius, e == 0.0, below, _INFINITY if abs(g) == k.largest else gap)
    if exact and faithful == UNDECIDED:  # v is one of the neighbours itself
        faithful = NO
    return True, c / unit, centre, low, high, ulp, faithful, _between(w, tail, radius, e == 0.0, 0.5 * below, 0.5 * gap)


@embedded_inner
def _between(w: float, tail: float, radius: float, pure: bool, below: float, above: float) -> Any:
    """Whether ``w + tail``, known to ``radius``, lies strictly between -below and above.

    The ends themselves are undecided. ``pure``: ``tail`` is exact.
    """
    lower, upper = _beyond(-w - below, -tail, radius, pure), _beyond(w - above, tail, radius, pure)
    if lower == YES or upper == YES:
        return NO
    return YES if lower == NO and upper == NO else UNDECIDED


@embedded_inner
def _beyond(over: float, tail: float, radius: float, pure: bool) -> Any:
    """Whether ``over + tail`` is above 0 (YES) or below (NO).

    ``over`` is a difference of two numbers: exact where they are near (Sterbenz), else far from 0. Where it is 0, the
    tail alone decides, and it may: v lies strictly inside of its enclosure.
    """
    if over == -_INFINITY:  # no end
        return NO
    if over == 0.0 and pure and abs(tail) >= radius and tail != 0.0:
        return YES if tail > 0.0 else NO
    sum_ = over + tail
    error = radius + ARITHMETIC * (abs(over) + abs(tail))
    if sum_ > error:
        return YES
    return NO if sum_ < -error else UNDECIDED
