"""Distances of results from exact values: exact where they can be, bounds elsewhere, conventions for infinities."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from softcert_oracle.decide.distance import ARITHMETIC, distance
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import FORMATS
from softcert_oracle.numbers.scaled import Scaled

INF, NAN = np.inf, np.nan


def fraction(s: Scaled) -> Fraction:
    return Fraction(s.significand.item()) * Fraction(2) ** int(s.exponent) if s.significand else Fraction(0)


def interval(hi: float, lo: float = 0.0, exponent: int = 0, radius: float = 0.0) -> Enclosure:
    return Enclosure(hi=np.array(hi), lo=np.array(lo), exponent=np.array(exponent), radius=np.array(radius))


def test_the_bounds_hold_the_distance_of_every_value_of_the_interval() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        hi, exponent = rng.uniform(0.5, 1) * rng.choice([-1, 1]), int(rng.integers(-1200, 1000))
        lo, radius = rng.uniform(-1, 1) * 2.0**-54, 2.0 ** -int(rng.integers(90, 110))
        scale = Fraction(2) ** exponent
        near = np.ldexp(hi, exponent) * (1 + rng.choice([0.0, 2.0**-52, 1e-3, -1.0]))
        d = distance(near, interval(hi, lo, exponent, radius))
        for end in (-1, 1):
            v = (Fraction(hi) + Fraction(lo) + end * Fraction(radius)) * scale
            true = abs(Fraction(float(near)) - v)
            assert fraction(d.low) <= true * (1 + Fraction(ARITHMETIC))
            assert true <= fraction(d.high) * (1 + Fraction(2) ** -50)
        centre = abs(Fraction(float(near)) - (Fraction(hi) + Fraction(lo)) * scale)
        assert abs(fraction(d.centre) - centre) <= centre * Fraction(ARITHMETIC)
        assert fraction(d.low) >= 0


def test_a_distance_is_exact_where_nothing_is_rounded() -> None:
    assert distance(1.0, interval(0.75)).exact
    assert fraction(distance(1.0, interval(0.75)).signed) == Fraction(1, 4)
    assert fraction(distance(0.5, interval(0.75)).signed) == Fraction(-1, 4)
    assert not distance(1.0, interval(0.5, 2.0**-54, -40)).exact
    assert not distance(1.0, interval(0.5, 0.0, -2000)).exact  # dropped by the shift, though its tail is 0


def test_without_a_format_an_infinity_for_a_number_is_infinitely_far() -> None:
    e = Enclosure.exactly([1.0, INF, -INF, NAN, INF, NAN, 1.0])
    d = distance([INF, INF, INF, NAN, 1.0, 1.0, NAN], e)
    assert d.centre.to_float().tolist() == [INF, 0.0, INF, 0.0, INF, INF, INF]


@pytest.mark.parametrize("name", ["float16", "float32", "bfloat16", "float8_e5m2"])
def test_an_infinity_is_right_from_the_overflow_threshold_and_counts_as_the_next_power_below(name: str) -> None:
    fmt = FORMATS[name]
    threshold = (2.0 - fmt.unit_roundoff) * 2.0**fmt.emax
    assert distance(INF, Enclosure.exactly(threshold), fmt).centre.to_float() == 0
    below = np.nextafter(threshold, 0)
    assert distance(INF, Enclosure.exactly(below), fmt).centre.to_float() == 2.0 ** (fmt.emax + 1) - below
    assert distance(-INF, Enclosure.exactly(threshold), fmt).centre.to_float() > threshold
    assert distance(-INF, Enclosure.exactly(1.0), fmt).signed.to_float() == -(2.0 ** (fmt.emax + 1)) - 1


def test_in_a_format_without_infinity_an_overflow_is_nan_or_the_largest_number_of_its_sign() -> None:
    fmt = FORMATS["float8_e4m3fn"]
    beyond = Enclosure.exactly([1e4, 1e4, 1e4, -1e4])
    got = distance([NAN, 448.0, -448.0, -448.0], beyond, fmt).centre.to_float()
    assert got[[0, 1, 3]].tolist() == [0.0, 0.0, 0.0]
    assert got[2] == 10448.0
    assert distance(NAN, Enclosure.exactly(440.0), fmt).centre.to_float() == INF


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float16"])
def test_in_a_format_that_saturates_an_overflow_is_the_largest_number_and_nothing_else(name: str) -> None:
    fmt = replace(FORMATS[name], saturates=True)
    top = fmt.largest
    beyond = Enclosure.exactly([4 * top, 4 * top, -4 * top, 4 * top, 4 * top])
    got = distance([top, -top, -top, INF, NAN], beyond, fmt).centre.to_float()
    assert got.tolist() == [0.0, 5 * top, 0.0, INF, INF]
    assert distance(top, Enclosure.exactly(top / 2), fmt).centre.to_float() == top / 2


def test_results_and_intervals_broadcast() -> None:
    d = distance(np.zeros((3, 1)), Enclosure.exactly([1.0, 2.0]))
    assert d.centre.to_float().tolist() == [[1.0, 2.0]] * 3
