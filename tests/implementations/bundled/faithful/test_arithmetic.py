"""Double-double arithmetic of the faithful kernels: error-free where it says so, else within the stated bounds."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from numba import njit

from softcert_implementations.bundled.faithful import arithmetic as a

RNG = np.random.default_rng(0)
PAIRS = [(h, h * 2.0**-53 * t) for h, t in zip(*RNG.uniform((-4, -1), (4, 1), (40, 2)).T.tolist(), strict=True)]
U2 = Fraction(2) ** -106


@njit
def sums(x, y):  # type: ignore[no-untyped-def]
    return a.two_sum(x, y), a.two_product(x, y), a.fma(x, y, -x)


@njit
def pairs(xh, xl, yh, yl):  # type: ignore[no-untyped-def]
    return a.add(xh, xl, yh, yl), a.multiply(xh, xl, yh, yl), a.divide(xh, xl, yh, yl)


@njit
def exponential(dh, dl):  # type: ignore[no-untyped-def]
    return a.exp_scaled(dh, dl)


@njit
def bits(x, n):  # type: ignore[no-untyped-def]
    return a.from_bits(a.bits_of(x)), a.power_of_two(n), a.single_from_bits(np.int64(0x3FC00000))


def exact(pair: tuple[float, float]) -> Fraction:
    return Fraction(pair[0]) + Fraction(pair[1])


@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0**-60), (2.0**-60, -1.0), (0.1, 0.2), (1e16, -1.0), (3.3, 7.7)])
def test_transformations_are_free_of_error(x: float, y: float) -> None:
    total, product, fused = sums(x, y)
    assert exact(total) == Fraction(x) + Fraction(y)
    assert exact(product) == Fraction(x) * Fraction(y)
    assert fused == float(Fraction(x) * Fraction(y) - Fraction(x))
    assert total[0] == x + y
    assert product[0] == x * y


def test_double_double_operations_stay_within_their_bounds() -> None:
    for x, y in zip(PAIRS, reversed(PAIRS), strict=True):
        total, product, quotient = pairs(*x, *y)
        for got, true, bound in (
            (total, exact(x) + exact(y), 3.1),
            (product, exact(x) * exact(y), 6),
            (quotient, exact(x) / exact(y), 12),
        ):
            assert abs(exact(got) - true) <= Fraction(bound) * U2 * abs(true)


@pytest.mark.parametrize("d", [0.0, -1e-9, -0.3, -1.0, -17.25, -300.5, -799.0, 0.4, math.log(2) / 2])
def test_the_exponential_stays_within_thirteen_units(d: float) -> None:
    n, h, low = exponential(d, d * 2.0**-54)
    with mpmath.workprec(400):
        true = mpmath.exp(mpmath.mpf(d) + mpmath.mpf(d * 2.0**-54))
        got = (mpmath.mpf(h) + mpmath.mpf(low)) * mpmath.mpf(2) ** n
        assert abs(got - true) <= 13 * mpmath.mpf(2) ** -106 * true
    assert 0.7 < h < 1.42


@pytest.mark.parametrize("t", [2.0**-900, 2.0**-61, 2.0**-59, 2.0**-45, 1e-8, 0.3, 1.0, 17.0, 1e6, 2.0**40])
def test_the_logarithm_stays_within_its_bound(t: float) -> None:
    h, low = a.log1p_pair(t, t * 2.0**-54)
    with mpmath.workprec(3000):
        true = mpmath.log(1 + mpmath.mpf(t) + mpmath.mpf(t * 2.0**-54))
        assert abs(mpmath.mpf(h) + mpmath.mpf(low) - true) <= mpmath.mpf(2) ** -98 * true


def test_bits_make_and_read_numbers() -> None:
    assert bits(-0.1, -1022) == (-0.1, 2.0**-1022, 1.5)
    assert bits(math.inf, 1023) == (math.inf, 2.0**1023, 1.5)
