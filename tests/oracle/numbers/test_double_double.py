"""Each step on enclosures against rational arithmetic: the exact result lies inside, and the radius is small."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.numbers import double_double
from softcert_oracle.numbers.enclosure import Decision, Enclosure

significands = st.floats(0.5, 1.0, exclude_max=True)
signs = st.sampled_from([-1.0, 1.0])


@st.composite
def enclosures(draw: st.DrawFn, orders: int = 600) -> Enclosure:
    hi = draw(signs) * draw(significands)
    lo = draw(signs) * draw(significands) * 2.0 ** -draw(st.integers(54, 120)) * draw(st.sampled_from([0.0, 1.0]))
    radius = draw(st.sampled_from([0.0, 2.0**-104, 2.0**-120, 2.0**-300]))
    return Enclosure(
        hi=np.array(hi), lo=np.array(lo), exponent=np.array(draw(st.integers(-orders, orders))), radius=np.array(radius)
    )


def centre(e: Enclosure) -> Fraction:
    return (Fraction(e.hi.item()) + Fraction(e.lo.item())) * Fraction(2) ** e.exponent.item()


def radius(e: Enclosure) -> Fraction:
    return Fraction(e.radius.item()) * Fraction(2) ** e.exponent.item()


def corners(e: Enclosure) -> list[Fraction]:
    """Values inside the (open) interval, next to its ends and in the middle."""
    inner = radius(e) * (1 - Fraction(1, 2**60))
    return [centre(e) - inner, centre(e), centre(e) + inner]


def holds(e: Enclosure, value: Fraction) -> bool:
    return bool(agree(e, [value])[0] == Decision.YES)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_difference_of_two_floats_is_exact_at_any_size(x: float, y: float) -> None:
    a1, a2, k = double_double.exact_difference(np.array(x), np.array(y))
    assert (Fraction(a1.item()) + Fraction(a2.item())) * Fraction(2) ** k.item() == Fraction(x) - Fraction(y)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), enclosures(orders=1000))
def test_adding_to_an_exact_difference_holds_every_exact_sum(x: float, y: float, b: Enclosure) -> None:
    a1, a2, k = double_double.exact_difference(np.array(x), np.array(y))
    found = double_double.exact_plus(a1, a2, k, b)
    exact = Fraction(x) - Fraction(y)
    for value in corners(b):
        assert holds(found, exact + value)
    scale = abs(exact) + abs(centre(b))
    assert radius(found) <= radius(b) * (1 + Fraction(1, 2**40)) + scale / 2**100


@given(enclosures(orders=60), st.integers(0, 200))
def test_one_minus_a_small_number(b: Enclosure, orders: int) -> None:
    small = Enclosure(hi=np.abs(b.hi), lo=b.lo * np.sign(b.hi), exponent=np.array(-1 - orders), radius=b.radius)
    found = double_double.one_minus(small)
    for value in corners(small):
        assert holds(found, 1 - value)


@given(enclosures(), enclosures())
def test_products(a: Enclosure, b: Enclosure) -> None:
    found = double_double.product(a, b)
    for x in corners(a):
        for y in corners(b):
            assert holds(found, x * y)
    exact = centre(a) * centre(b)
    assert radius(found) <= abs(exact) / 2**100


@given(enclosures())
def test_a_factor_known_by_sign_and_bound_gives_such_a_product(a: Enclosure) -> None:
    below = Enclosure(hi=np.array(-0.5), lo=np.array(0.0), exponent=np.array(-80), radius=np.array(0.5))
    found = double_double.product(a, below)
    assert found.radius == np.abs(found.hi)
    assert np.sign(found.hi) == -np.sign(a.hi)
    for x in corners(a):
        for part in (Fraction(1, 2**90), Fraction(1, 2), 1 - Fraction(1, 2**90)):
            assert holds(found, -x * part * Fraction(1, 2**80))


@given(enclosures(), st.integers(1, 2**53 - 1))
def test_quotients_by_integers(a: Enclosure, n: int) -> None:
    found = double_double.divided_by(a, n)
    for x in corners(a):
        assert holds(found, x / n)
    assert radius(found) <= abs(centre(a)) / n / 2**100


@given(st.lists(enclosures(orders=300), min_size=1, max_size=6))
def test_totals(parts: list[Enclosure]) -> None:
    found = double_double.total(Enclosure.concatenate([p.reshape(1) for p in parts]))
    for k in range(3):
        assert holds(found, sum((corners(p)[k] for p in parts), Fraction(0)))


def test_what_a_sum_leaves_lies_inside_the_open_interval() -> None:
    parts = Enclosure(
        hi=np.array([-0.5, -0.5]), lo=np.array([0.0, -(2.0**-55)]), exponent=np.array([53, 0]), radius=np.zeros(2)
    )
    assert holds(double_double.total(parts), -(Fraction(2) ** 52) - Fraction(1, 2) - Fraction(1, 2**55))


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, 0.0])
def test_special_values_and_zero_pass_through_division_and_products(special: float) -> None:
    e = Enclosure.exactly([special])
    assert np.array_equal(double_double.divided_by(e, 3).hi, [special], equal_nan=True)
    assert double_double.divided_by(e, 3).radius == 0
    if special == 0:
        third = double_double.divided_by(Enclosure.exactly([1.0]), 3)
        found = double_double.product(e, third)
        assert (found.hi, found.radius, found.exponent) == (0, 0, 0)


def test_what_is_exact_has_no_radius() -> None:
    quarter = double_double.divided_by(Enclosure.exactly([3.0]), 4)
    assert quarter.radius == 0
    assert double_double.product(quarter, quarter).radius == 0
    assert double_double.divided_by(Enclosure.exactly([1.0]), 3).radius > 0
    assert double_double.total(Enclosure.exactly([0.0, 1.0, 2.0**-70])).radius == 0


def test_one_sided_intervals_stay_one_sided_in_sums_and_halves() -> None:
    beside_one = Enclosure(
        hi=np.full(2, 1.0), lo=np.full(2, -(2.0**-160)), exponent=np.zeros(2, np.int64), radius=np.full(2, 2.0**-160)
    )
    half = double_double.divided_by(double_double.total(beside_one), 4)
    assert centre(half) + radius(half) == Fraction(1, 2)


def test_normalising_keeps_every_bit_or_says_so() -> None:
    e = Enclosure(
        hi=np.array([3e-310, 1e300]), lo=np.array([0.0, 5e-324]), exponent=np.array([0, 7]), radius=np.array([0.0, 0.0])
    )
    hi, lo, exponent, width = e.normalised
    assert Fraction(hi[0].item()) * Fraction(2) ** exponent[0].item() == Fraction(3e-310)
    assert width[0] == 0
    assert width[1] > 0  # the tail left float64's range
    assert lo[1] == 0


def test_a_difference_whose_intermediates_overflow_is_exact():
    x, y = np.array([4.4725082731404797e307, 1.7e308, -1.7e308]), np.array([np.finfo(np.float64).max] * 3)
    a1, a2, exponent = double_double.exact_difference(x, y)
    assert np.isfinite(a1).all()
    assert np.isfinite(a2).all()
    for k in range(3):
        exact = (Fraction(float(a1[k])) + Fraction(float(a2[k]))) * Fraction(2) ** int(exponent[k])
        assert exact == Fraction(float(x[k])) - Fraction(float(y[k]))
