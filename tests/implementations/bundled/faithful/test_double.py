"""The second rung: rounding of values with an exponent of their own, and sums that a tiny term decides."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numba import njit

from softcert_implementations.bundled.faithful import double
from softcert_oracle.numbers import formats, rounding

FLOAT64 = formats.lookup("float64")


@njit
def rounded(qh, ql, n, delta):  # type: ignore[no-untyped-def]
    return double.nearest_double(qh, ql, n, delta)


@njit
def rounded_sum(dh, dl, lh, ll, slack):  # type: ignore[no-untyped-def]
    return double.nearest_of_sum(dh, dl, lh, ll, slack, half=0, normal=0.0)


@njit
def logarithm(th, tl, n):  # type: ignore[no-untyped-def]
    return double.log1p_scaled(th, tl, n)


@pytest.mark.parametrize("n", [0, -5, -1000, -1022, -1050, -1073, -1080])
def test_values_of_any_exponent_are_rounded_once(n: int) -> None:
    rng = np.random.default_rng(3)
    for qh, t in zip(rng.uniform(0.7, 1.4, 50).tolist(), rng.uniform(-1, 1, 50).tolist(), strict=True):
        ql = qh * 2.0**-54 * t
        got, doubt = rounded(qh, ql, n, 2.0**-96)
        exact = (Fraction(qh) + Fraction(ql)) * Fraction(2) ** n
        assert doubt or got == rounding.round_to(exact, FLOAT64)
        assert not doubt or n < -1022  # next to a boundary only where few bits are left


def test_a_value_on_a_boundary_is_in_doubt() -> None:
    assert rounded(1.0, 2.0**-53, 0, 2.0**-96)[1]
    assert not rounded(1.0, 2.0**-53 * (1 + 2.0**-30), 0, 2.0**-96)[1]
    assert rounded(1.0, 2.0**-53 * (1 + 2.0**-30), 0, 2.0**-80)[1]


def test_the_sign_of_a_tiny_logarithm_decides_a_tie() -> None:
    tie, up = 2.0**53, 2.0**53 + 2
    assert rounded_sum(tie, 1.0, 2.0**-900, 0.0, 2.0**-996) == (up, False)
    assert rounded_sum(tie, 1.0, 0.0, 0.0, 2.0**-996)[1]
    assert rounded_sum(tie, 1.0 - 2.0**-53, 2.0**-900, 0.0, 2.0**-996) == (tie, False)


@pytest.mark.parametrize(("t", "n"), [(0.5, 0), (1.0, -30), (3.7, -99), (0.9, -101), (1.5, -800), (1.5, -1100)])
def test_logarithms_keep_an_exponent_of_their_own(t: float, n: int) -> None:
    import mpmath

    lh, ll, k = logarithm(t, 0.0, n)
    with mpmath.workprec(4000):
        got = (mpmath.mpf(lh) + mpmath.mpf(ll)) * mpmath.mpf(2) ** k
        true = mpmath.log(1 + mpmath.mpf(t) * mpmath.mpf(2) ** n)
        assert abs(got - true) <= true * mpmath.mpf(2) ** -98
