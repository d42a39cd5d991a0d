"""log(1 + t) in double-double with small relative error for every t > 0, next to zero included.

A table of -log c with c close to 1 / f (Tang, "Table-driven implementation of the logarithm function", ACM TOMS 16,
1990) and the series of atanh. Never from 1 + t where t < 1. Error: docs/oracle.md, step 5.
"""

from __future__ import annotations

from typing import Any

from softcert_oracle.fast.error_free import (
    add,
    bits_of,
    fast_two_sum,
    from_bits,
    multiply,
    reciprocal,
    two_product,
    two_sum,
)
from softcert_oracle.fast.jit import inner, outlined
from softcert_oracle.fast.tables import (
    CENTRES,
    FIFTH,
    FIFTH_LOW,
    LOG2_HIGH,
    LOG2_LOW,
    MINUS_LOG_CENTRES,
    SEVENTH,
    SEVENTH_LOW,
    THIRD,
    THIRD_LOW,
)

_FRACTION = (1 << 52) - 1
_ONE_BITS = 1023 << 52
_C9, _C11, _C13, _C15 = 1 / 9, 1 / 11, 1 / 13, 1 / 15


@outlined
def log1p(th: float, tl: float) -> Any:
    """``(hi, lo)``, ``log(1 + th + tl)``, for 2^-200 <= th < 2^50."""
    if th < 1.0:  # N = (c - 1) + c t, so that nothing of t is lost
        e = 0
        cell = int(th * 128.0)
        c = CENTRES[cell]
        ph, pl = two_product(c, th)
        ph, pl = fast_two_sum(ph, pl + c * tl)
        nh, nl = add(c - 1.0, 0.0, ph, pl)
    else:
        sh, sl = add(1.0, 0.0, th, tl)
        bits = bits_of(sh)
        e = (bits >> 52) - 1023
        fh = from_bits((bits & _FRACTION) | _ONE_BITS)
        fl = sl * from_bits((1023 - e) << 52)
        cell = int((fh - 1.0) * 128.0)
        c = CENTRES[cell]
        ph, pl = two_product(c, fh)
        nh, nl = two_sum(ph - 1.0, pl + c * fl)  # ph - 1 is exact (Sterbenz)
    dh, dl = add(2.0, 0.0, nh, nl)
    rh, rl = reciprocal(dh, dl)
    zh, zl = multiply(nh, nl, rh, rl)
    ah, al = _twice_atanh(zh, zl)
    bh, bl = add(MINUS_LOG_CENTRES[2 * cell], MINUS_LOG_CENTRES[2 * cell + 1], ah, al)
    if e != 0:
        ph, pl = two_product(float(e), LOG2_HIGH)
        ph, pl = fast_two_sum(ph, pl + float(e) * LOG2_LOW)
        bh, bl = add(ph, pl, bh, bl)
    return bh, bl


@inner
def _twice_atanh(zh: float, zl: float) -> Any:
    """``2 z (1 + w / 3 + w^2 / 5 + ...)``, w = z^2, for |z| <= 2^-6.9."""
    wh, wl = multiply(zh, zl, zh, zl)
    tail = wh * (_C9 + wh * (_C11 + wh * (_C13 + wh * _C15)))
    ph, pl = fast_two_sum(SEVENTH, tail)
    ph, pl = multiply(ph, pl + SEVENTH_LOW, wh, wl)
    ph, pl = add(FIFTH, FIFTH_LOW, ph, pl)
    ph, pl = multiply(ph, pl, wh, wl)
    ph, pl = add(THIRD, THIRD_LOW, ph, pl)
    ph, pl = multiply(ph, pl, wh, wl)
    ph, pl = multiply(ph, pl, zh, zl)
    ph, pl = add(zh, zl, ph, pl)
    return 2.0 * ph, 2.0 * pl
