"""What a row has once: tau, s = 1 + tau, 1 / s, L = log s, and max + L.

tau is the sum of all exponentials but the first largest; s - 1, 1 - p and log s next to zero come from it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from softcert_oracle.fast.bounds import LOG_SUM_RADIUS, SHIFTED_SUM_RADIUS
from softcert_oracle.fast.error_free import add, fast_two_sum, power_of_two, reciprocal, two_sum
from softcert_oracle.fast.exponential import FAR_EXPONENT
from softcert_oracle.fast.jit import inner, outlined
from softcert_oracle.fast.logarithm import log1p

TINY = -200
"""Below 2^TINY, log(1 + tau) is tau to 2^-200 relative."""


class Row(NamedTuple):
    """Double-doubles (high, low) of a row; tau and L carry exponents of their own."""

    tau_h: float
    tau_l: float
    tau_n: int
    far: bool  # nothing is known of tau but 0 < tau <= 2 * 2^tau_n
    s_h: float
    s_l: float
    reciprocal_h: float
    reciprocal_l: float
    log_h: float
    log_l: float
    log_n: int
    log_radius: float


@inner
def joined(a: Any, b: Any) -> Any:
    """Four words plus three words, exactly but for the last word."""
    s1, e1 = two_sum(a[0], b[0])
    s2, e2 = two_sum(a[1], b[1])
    s2, e1 = two_sum(s2, e1)
    s3, e3 = two_sum(a[2], b[2])
    s3, e2 = two_sum(s3, e2)
    s3, e1 = two_sum(s3, e1)
    return s1, s2, s3, a[3] + (e3 + (e2 + e1))


@outlined
def row_of(total: Any, unit: int, classes: int) -> Any:
    """The `Row` whose tau is the sum of the four words of `total`, in units of 2^unit."""
    th, tl = two_sum(total[0], total[1])
    th, tl = fast_two_sum(th, tl + (total[2] + total[3]))
    if th == 0.0:
        return Row(
            tau_h=0.0,
            tau_l=0.0,
            tau_n=0,
            far=False,
            s_h=1.0,
            s_l=0.0,
            reciprocal_h=1.0,
            reciprocal_l=0.0,
            log_h=0.0,
            log_l=0.0,
            log_n=0,
            log_radius=0.0,
        )
    if unit <= FAR_EXPONENT:  # all others lie more than 2^32 below, so tau < C * 2 * 2^FAR_EXPONENT
        while classes > 1:
            classes = (classes + 1) // 2
            unit += 1
        return Row(
            tau_h=1.0,
            tau_l=0.0,
            tau_n=unit,
            far=True,
            s_h=1.0,
            s_l=0.0,
            reciprocal_h=1.0,
            reciprocal_l=0.0,
            log_h=1.0,
            log_l=0.0,
            log_n=unit,
            log_radius=1.0,
        )
    f = power_of_two(unit)
    sh, sl = add(1.0, 0.0, th * f, tl * f)
    rh, rl = reciprocal(sh, sl)
    if unit < TINY:
        lh, ll, ln = th, tl, unit
    else:
        lh, ll = log1p(th * f, tl * f)
        ln = 0
    return Row(
        tau_h=th,
        tau_l=tl,
        tau_n=unit,
        far=False,
        s_h=sh,
        s_l=sl,
        reciprocal_h=rh,
        reciprocal_l=rl,
        log_h=lh,
        log_l=ll,
        log_n=ln,
        log_radius=LOG_SUM_RADIUS * lh,
    )


@outlined
def shifted_sum(largest: float, row: Any) -> Any:
    """Enclosure ``(hi, lo, exponent, radius)`` of max + L; where the two cancel, the radius stays that of L."""
    if row.log_h == 0.0:
        return largest, 0.0, 0, 0.0
    if largest == 0.0:
        return row.log_h, row.log_l, row.log_n, row.log_radius
    unit = -700 if abs(largest) < 2.0**-300 and row.log_n < 0 else 0  # both tiny: away from the subnormal numbers
    f = power_of_two(row.log_n - unit)
    hi, lo = add(largest * power_of_two(-unit), 0.0, row.log_h * f, row.log_l * f)
    return hi, lo, unit, SHIFTED_SUM_RADIUS * abs(hi) + row.log_radius * f


@outlined
def is_dyadic(x: Any, largest: float, row: Any) -> bool:
    """Whether every probability is 0 or the same power of two: then softmax and complement are exact."""
    k = 0
    while k < 60 and power_of_two(k) < row.s_h:
        k += 1
    if row.s_l != 0.0 or power_of_two(k) != row.s_h:
        return False
    for v in x:  # noqa: SIM110 - Numba compiles no generator expressions
        if v != largest and v != -np.inf:
            return False
    return True


@inner
def unscaled(hi: float, n: int) -> Any:
    """``hi 2^n`` as a float64."""
    return hi * power_of_two(n) if n >= -900 else hi * power_of_two(-600) * power_of_two(n + 600)
