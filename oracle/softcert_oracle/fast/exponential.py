"""e^d in double-double with an exponent of its own, for d <= 0 as an exact sum of two float64.

Argument reduction to |r| <= 2^-10.5 by a table of 2^(j/512) (Tang, "Table-driven implementation of the exponential
function", ACM TOMS 15, 1989), then the Taylor series. Error below 4u^2 relative: docs/oracle.md, step 2.
"""

from __future__ import annotations

from typing import Any

from softcert_oracle.fast.error_free import bits_of, fast_two_sum, fma, two_product, two_sum
from softcert_oracle.fast.jit import inner
from softcert_oracle.fast.tables import (
    INTERVALS,
    LOG2_INTERVALS,
    POWERS,
    SIXTH,
    SIXTH_LOW,
    STEP_1,
    STEP_2,
    STEP_3,
    STEPS_PER_UNIT,
    TWENTY_FOURTH,
    TWENTY_FOURTH_LOW,
)

FURTHEST = 2.0**32
"""Largest |d| with a relative error bound; beyond it an interval next to zero is given (`FAR_EXPONENT`)."""

FAR_EXPONENT = -6196328019
"""e^d < 2 * 2^FAR_EXPONENT for d < -2^32: floor(-2^32 / log 2) is -6196328019."""

_ROUNDER = 1.5 * 2.0**52  # adding it rounds to an integer, which then stands in the low bits
_ROUNDER_BITS = 0x4338000000000000
_LAST = INTERVALS - 1
_C5, _C6, _C7, _C8 = 1 / 120, 1 / 720, 1 / 5040, 1 / 40320


@inner
def exponential(dh: float, dl: float) -> Any:
    """``(hi, lo, n)`` with ``e^(dh + dl) = (hi + lo) 2^n`` to 4u^2 relative, hi in [0.999, 2), for -2^32 <= dh <= 0."""
    rounded = fma(dh, STEPS_PER_UNIT, _ROUNDER)
    k = bits_of(rounded) - _ROUNDER_BITS
    minus_k = _ROUNDER - rounded
    a = fma(minus_k, STEP_1, dh)  # exact
    p, e = two_product(minus_k, STEP_2)
    q, q1 = two_sum(dl, p)
    r, t = two_sum(a, q)
    eh, el = _expm1(r, t + (q1 + fma(minus_k, STEP_3, e)))
    j = k & _LAST
    th, tl = POWERS[2 * j], POWERS[2 * j + 1]
    p, e = two_product(th, eh)
    e = fma(th, el, fma(tl, eh, e))
    hi, lo = fast_two_sum(th, p)
    hi, lo = fast_two_sum(hi, lo + (tl + e))
    return hi, lo, k >> LOG2_INTERVALS


@inner
def _expm1(r: float, low: float) -> Any:
    """``e^(r + low) - 1`` to u^2 / 16 absolute, for |r| <= 2^-10.5 and |low| <= 2^-63.

    ``r + r^2 / 2 + r^3 (1/6 + r (1/24 + r (1/120 + ...))) + low (1 + r + ...)``, each term in the precision it needs.
    """
    sh, sl = two_product(r, r)
    fh, fl = fast_two_sum(TWENTY_FOURTH, r * fma(r, fma(r, fma(r, _C8, _C7), _C6), _C5))
    p, e = two_product(r, fh)
    ch, cl = fast_two_sum(SIXTH, p)
    cl += SIXTH_LOW + fma(r, fl + TWENTY_FOURTH_LOW, e)
    th, e = two_product(sh, ch)
    tl = fma(sh, cl, fma(sl, ch, e))
    vh, e = two_product(r, th)
    vl = fma(r, tl, e)
    a, b = fast_two_sum(0.5 * sh, vh)
    hi, c = fast_two_sum(r, a)
    return hi, c + (b + (fma(0.5, sl, vl) + fma(low, hi, low)))
