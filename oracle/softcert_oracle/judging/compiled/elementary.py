"""Elementary functions of limits in float64, compiled, with their errors.

A limit needs few bits: the kernel leaves a decision open wherever the limit's own error could turn it
(`softcert_oracle.judging.compiled.row_limits`, `BAND`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import bits_of, from_bits
from softcert_oracle.fast.jit import embedded_inner
from softcert_oracle.judging.compiled.constants import UNIT_EXPONENT, UNITS

LARGE = 30.0
"""Above this, p (e^t - 1) is formed as e^{t - log(1/p)}: as in `softcert_oracle.limits.sums`."""

_TINY, _SMALL = 2.0**-17, 2.0**-6
_INFINITY = np.inf


@embedded_inner
def expm1(t: float) -> Any:
    """``e^t - 1`` for t >= 0.

    By three terms of the series below 2^-17, the fourth is 2^-55 of the sum; by eight below 2^-6, the ninth is 2^-66 of
    it; else libm's.
    """
    if t < _TINY:
        return t * (1.0 + t * 0.5 * (1.0 + t * (1 / 3)))
    if t > _SMALL:
        return math.expm1(t)
    tail = 1.0 + t * (1 / 6) * (1.0 + t * (1 / 7) * (1.0 + t * (1 / 8)))
    return t * (1.0 + t * 0.5 * (1.0 + t * (1 / 3) * (1.0 + t * 0.25 * (1.0 + t * 0.2 * tail))))


@embedded_inner
def grown(weight: float, t: float, surprisal: float) -> Any:
    """``w (e^t - 1)``, or ``e^{t - surprisal}`` above `LARGE`, surprisal = -log w; infinite beyond e^709."""
    if t <= LARGE:
        return weight * expm1(t)
    power = t - surprisal
    return math.exp(power) if power < 709.0 else _INFINITY


@embedded_inner
def power(n: int) -> Any:
    """2^n for -1022 <= n <= 1023; 0 below, infinite above."""
    if n < -1022:
        return 0.0
    return from_bits((n + 1023) << 52) if n <= 1023 else _INFINITY


@embedded_inner
def exponent_of(v: float) -> Any:
    """floor(log2 v) of a positive normal number; -1023 for zero and subnormal ones."""
    return (bits_of(v) >> 52) - 1023


@embedded_inner
def in_unit(hi: float, lo: float, n: int, radius: float) -> Any:
    """``(hi, lo, radius, q)``: the interval in units of 1 (q = 0), and below 2^-850 in units of 2^-600 (q = 1).

    There 2^-1000 is added to the radius, in that unit: whatever shifting to below 2^-1022 drops of hi, lo and radius,
    three times at most 2^-1075. A value below 2^-1601 becomes the interval from 0 to 2^-1000 of its sign; zero stays
    zero.
    """
    if hi == 0.0:
        return 0.0, 0.0, radius, 1
    order = exponent_of(abs(hi)) + n
    if order >= -850:
        f = power(n)
        if f == 0.0 or f == _INFINITY:  # hi itself is far from 1
            half = n // 2
            f, g = power(half), power(n - half)
            return hi * f * g, lo * f * g, radius * f * g, 0
        return hi * f, lo * f, radius * f, 0
    if order < -1601:
        return (2.0**-1001 if hi > 0.0 else -(2.0**-1001)), 0.0, 2.0**-1001, 1
    half = (n + UNIT_EXPONENT) // 2
    f, g = power(half), power(n + UNIT_EXPONENT - half)
    return hi * f * g, lo * f * g, radius * f * g + 2.0**-1000, 1


@embedded_inner
def unit_of(q: int) -> Any:
    """How many units q make 1."""
    return UNITS[1] if q else UNITS[0]


@embedded_inner
def pair(plain: float, scaled: float, q: int) -> Any:
    """What is given in both units, in unit q."""
    return scaled if q else plain
