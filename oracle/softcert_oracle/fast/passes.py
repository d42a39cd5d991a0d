"""The loops over classes: one function for each pass over a tile, written so that the compiler can use vectors.

No pass branches on data, none carries a rounded value from one class to the next (sums are in integers), and each
takes slices, so that its index is never negative. Errors of each: docs/oracle.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.bounds import COMPLEMENT_RADIUS, LOG_SOFTMAX_RADIUS, SOFTMAX_RADIUS
from softcert_oracle.fast.error_free import add, bits_of, from_bits, multiply, power_of_two, two_sum
from softcert_oracle.fast.exponential import FAR_EXPONENT, FURTHEST, exponential
from softcert_oracle.fast.jit import inner, outlined

_HALF = 0.5  # x - max may overflow: d / 2 = x / 2 - max / 2 never does, and halving loses at most 2^-1075
_INFINITY = np.inf
_ALL_BUT_SIGN = (1 << 63) - 1

# Adding 1.5 * 2^e rounds to a multiple of 2^(e - 52), whose count then stands in the low bits of the sum.
_BIN_1, _BIN_2, _BIN_3 = 1.5 * 2.0**13, 1.5 * 2.0**-27, 1.5 * 2.0**-76
_BIN_1_BITS, _BIN_2_BITS, _BIN_3_BITS = (int(np.float64(b).view(np.int64)) for b in (_BIN_1, _BIN_2, _BIN_3))
_UNIT_1, _UNIT_2, _UNIT_3 = 2.0**-39, 2.0**-79, 2.0**-128


@inner
def _order(v: float) -> Any:
    """An integer that sorts as the float64 does (-0 as 0; NaN beyond the infinities): the largest goes by vectors."""
    bits = bits_of(v + 0.0)
    return bits ^ ((bits >> 63) & _ALL_BUT_SIGN)


@inner
def _value(order: int) -> Any:
    return from_bits(order ^ ((order >> 63) & _ALL_BUT_SIGN))


@outlined
def two_largest(x: Any) -> Any:
    """``(place, second)``: index of the first largest entry, the largest of the rest; NaN if x holds one."""
    top, bottom = _order(-_INFINITY), _order(_INFINITY)
    for j in range(x.size):
        k = _order(x[j])
        top, bottom = max(top, k), min(bottom, k)
    place, others, count = x.size, _order(-_INFINITY), 0
    for j in range(x.size):
        k = _order(x[j])
        place = min(place, j if k == top else x.size)
        others = max(others, k if k != top else _order(-_INFINITY))
        count += 1 if k == top else 0
    if top > _order(_INFINITY) or bottom < _order(-_INFINITY):
        return 0, np.nan
    return (0 if count == 0 else place), _value(top if count > 1 else others)


@inner
def exponential_below(v: float, largest: float) -> Any:
    """``e^(v - largest)`` as (hi, lo, n); (1, 0, FAR_EXPONENT) where v - largest < -2^32, hi = 0 there for v = -inf."""
    dh, dl = two_sum(v * _HALF, -largest * _HALF)
    near = dh >= -FURTHEST * _HALF
    hi, lo, n = exponential(2.0 * dh if near else 0.0, 2.0 * dl if near else 0.0)
    hi = hi if near else (0.0 if v == -_INFINITY else 1.0)
    return hi, lo if near else 0.0, n if near else FAR_EXPONENT


@outlined
def exponentials(x: Any, largest: float, hi: Any, lo: Any, n: Any) -> None:
    """The exponentials of a tile, as `exponential_below`."""
    for j in range(hi.size):
        hi[j], lo[j], n[j] = exponential_below(x[j], largest)


@outlined
def sum_of_tile(hi: Any, lo: Any, n: Any, skipped: int, unit: int) -> Any:
    """Sum of the terms but the skipped one in units of 2^unit, where no term exceeds 2, in three words.

    Fixed point in 64-bit integers (multiples of 2^-39, 2^-79 and 2^-128), because integers may be added in any
    order: the loop runs on vectors, and the sum does not depend on how the work is shared out.
    """
    top, middle, bottom = 0, 0, 0
    for j in range(hi.size):
        f = power_of_two(n[j] - unit) if j != skipped else 0.0
        a, b = hi[j] * f, lo[j] * f
        t = a + _BIN_1
        top += bits_of(t) - _BIN_1_BITS
        a -= t - _BIN_1
        s, t = a + _BIN_2, b + _BIN_2
        middle += (bits_of(s) - _BIN_2_BITS) + (bits_of(t) - _BIN_2_BITS)
        rest = (a - (s - _BIN_2)) + (b - (t - _BIN_2))
        bottom += bits_of(rest + _BIN_3) - _BIN_3_BITS
    return float(top) * _UNIT_1, float(middle) * _UNIT_2, float(bottom) * _UNIT_3


@outlined
def probabilities(tile: Any, reciprocal: Any, exact: bool) -> None:
    """``e^d / s`` in the place of ``e^d``, for a tile (hi, lo, n, radius) and 1 / s as a double-double."""
    hi, lo, n, radius = tile
    rh, rl = reciprocal
    e = 0.0 if exact else SOFTMAX_RADIUS
    for j in range(hi.size):
        ph, pl = multiply(hi[j], lo[j], rh, rl)
        far = n[j] <= FAR_EXPONENT
        radius[j] = ph if far else e * ph
        hi[j], lo[j] = ph, 0.0 if far else pl  # a tail would lift the lower end of the interval above 0
        n[j] = 0 if ph == 0.0 else n[j]


@outlined
def complements(terms: Any, s: Any, reciprocal: Any, exact: bool, out: Any) -> None:
    """``(s - e^d) / s`` for entries that are not the largest: there s - e^d >= s / 2, so nothing cancels.

    ``terms`` are the exponentials (hi, lo, n), s and 1 / s double-doubles, ``out`` a tile (hi, lo, n, radius).
    """
    hi, lo, n = terms
    sh, sl = s
    rh, rl = reciprocal
    ch, cl, cn, cr = out
    e = 0.0 if exact else COMPLEMENT_RADIUS
    for j in range(ch.size):
        f = power_of_two(n[j])
        ah, al = add(sh, sl, -hi[j] * f, -lo[j] * f)
        ah, al = multiply(ah, al, rh, rl)
        masked = hi[j] == 0.0
        ch[j] = 1.0 if masked else ah
        cl[j] = 0.0 if masked else al
        cn[j] = 0
        cr[j] = 0.0 if masked else e * ah


@outlined
def log_probabilities(x: Any, largest: float, log_s: Any, out: Any) -> None:
    """``(x - max) - log s`` for entries that are not the largest, in units of 2: -2 * (largest float64) may occur.

    log s is a double-double, ``out`` a tile (hi, lo, n, radius).
    """
    log_h, log_l = log_s
    hi, lo, n, radius = out
    for j in range(hi.size):
        dh, dl = two_sum(x[j] * _HALF, -largest * _HALF)
        ah, al = add(dh, dl, -log_h * _HALF, -log_l * _HALF)
        masked = x[j] == -_INFINITY
        hi[j] = -_INFINITY if masked else ah
        lo[j] = 0.0 if masked else al
        n[j] = 0 if masked else 1
        radius[j] = 0.0 if masked else -LOG_SOFTMAX_RADIUS * ah
