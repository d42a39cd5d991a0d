"""Scaled numbers against exact rational arithmetic, with exponents beyond every float."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_oracle.numbers.scaled import Scaled, as_scaled

floats = st.floats(allow_nan=False, allow_infinity=False)
powers = st.integers(-3000, 3000)


def exactly(a: Scaled) -> Fraction:
    if a.significand == 0:
        return Fraction(0)
    return Fraction(float(a.significand)) * Fraction(2) ** int(a.exponent)


def close(a: Scaled, exact: Fraction, scale: Fraction) -> bool:
    """Within four roundings of 2^-53 of the largest term."""
    return abs(exactly(a) - exact) <= abs(scale) / 2**51


@given(floats, powers, floats, powers)
def test_sums_products_and_quotients_are_those_of_the_rationals(x: float, j: int, y: float, k: int) -> None:
    a, b = Scaled.of(x, j), Scaled.of(y, k)
    p, q = Fraction(x) * Fraction(2) ** j, Fraction(y) * Fraction(2) ** k
    assert exactly(a) == p
    assert close(a * b, p * q, p * q)
    scale = max(abs(p), abs(q))
    assert close(a + b, p + q, scale)
    assert close(a - b, p - q, scale)
    if q:
        assert close(a / b, p / q, p / q)
    assert exactly(a.maximum(b)) in (p, q)
    assert exactly(a.maximum(b)) >= min(p, q)
    assert exactly(abs(-a)) == abs(p)


@given(floats.map(abs), powers, floats.map(abs), powers)
def test_a_comparison_of_numbers_that_are_not_negative_is_exact(x: float, j: int, y: float, k: int) -> None:
    a, b = Scaled.of(x, j), Scaled.of(y, k)
    assert bool(a.exceeds(b)) == (exactly(a) > exactly(b))
    assert not a.exceeds(a)


def test_nothing_is_known_of_nan_and_negative_numbers_become_zero() -> None:
    nan, one = Scaled.of(np.nan), Scaled.of(1.0)
    assert not nan.exceeds(one)
    assert not one.exceeds(nan)
    kept = Scaled.of([-1.0, 0.0, 3.0, np.nan], [5, 0, -7000, 0]).at_least_zero()
    assert kept.significand[:3].tolist() == [0.0, 0.0, 0.75]
    assert np.isnan(kept.significand[3])
    assert exactly(kept[2]) == 3 * Fraction(2) ** -7000


@given(floats, powers, st.floats(2.0**-800, 2.0**800))
def test_a_factor_that_is_a_float_gives_what_it_gives_as_a_scaled_number(x: float, k: int, factor: float) -> None:
    a = Scaled.of(x, k)
    assert exactly(a * factor) == exactly(a * Scaled.of(factor))


def test_the_larger_of_two_is_found_whatever_their_exponents() -> None:
    a, b = Scaled.of([1.0, 0.0, -1.0], [-5000, 0, 9000]), Scaled.of([1.0, -1.0, 0.0], [5000, 0, 0])
    assert a.maximum(b).exponent[0] == 5001
    assert (a.maximum(b).significand[1:] == 0).all()


def test_sums_over_axes_are_relative_to_the_largest_term() -> None:
    a = Scaled.of([[1.0, 2.0], [3.0, 4.0]], [[9000, 9000], [-9000, -9000]])
    assert (a.sum(axis=1) / Scaled.of([3.0, 7.0], [9000, -9000])).to_float().tolist() == [1.0, 1.0]
    assert a.sum(axis=1, keepdims=True).shape == (2, 1)
    assert (a.sum() / Scaled.of(3.0, 9000)).to_float() == 1.0


def test_conversion_overflows_and_underflows_as_float64_does() -> None:
    assert Scaled.of([1.0, -1.0, 1.0, 0.5], [1024, 1024, -1075, -1073]).to_float().tolist() == [
        np.inf,
        -np.inf,
        0.0,
        5e-324,
    ]


def test_an_error_of_nothing_exceeds_no_limit() -> None:
    assert Scaled.of([0.0, 0.0, 1.0]).ratio([0.0, 1.0, 4.0]).tolist() == [0.0, 0.0, 0.25]
    assert Scaled.of([1.0]).ratio([0.0]).tolist() == [np.inf]


def test_choosing_indexing_and_plain_numbers() -> None:
    a = Scaled.of([1.0, 2.0, 3.0])
    assert a.where([True, False, True], 8.0).to_float().tolist() == [1.0, 8.0, 3.0]
    assert a[1].to_float() == 2.0
    assert a.shape == (3,)
    assert as_scaled(a) is a
    assert (2.0 * a + 1.0).to_float().tolist() == [3.0, 5.0, 7.0]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_special_values_pass_through(value: float) -> None:
    assert np.array_equal(Scaled.of(value, 7).to_float(), value, equal_nan=True)
