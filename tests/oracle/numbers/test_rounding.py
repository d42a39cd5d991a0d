"""Exact rounding against exhaustive neighbours and against casts that NumPy and ml_dtypes implement."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from softcert_oracle.errors import UsageError
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.numbers.rounding import Dyadic, floor_log2, round_to, to_bits, ulp, ulp_exponent

NARROW = [f for f in FORMATS.values() if f.bits <= 16]
ALL = list(FORMATS.values())
ids = {"ids": lambda f: f.name}


def numbers(fmt: Format) -> np.ndarray:
    """Every finite number of a narrow format from 0 upwards, as float64, in order."""
    patterns = np.arange(2 ** (fmt.bits - 1), dtype=fmt.unsigned)
    with np.errstate(invalid="ignore"):  # signalling NaNs are among the patterns
        values = patterns.view(fmt.dtype).astype(np.float64)
    return np.sort(values[np.isfinite(values)])


@pytest.mark.parametrize("fmt", NARROW, **ids)
def test_every_number_rounds_to_itself_in_every_direction(fmt: Format) -> None:
    for value in numbers(fmt).tolist():
        for direction in ("nearest", "down", "up"):
            assert round_to(value, fmt, direction) == value
            assert round_to(-value, fmt, direction) == -value


@pytest.mark.parametrize("fmt", NARROW, **ids)
def test_halfway_and_its_two_sides_round_as_the_definition_says(fmt: Format) -> None:
    values = numbers(fmt)
    for k in range(len(values) - 1):
        low, high = values[k].item(), values[k + 1].item()
        half = (Fraction(low) + Fraction(high)) / 2
        crumb = (Fraction(high) - Fraction(low)) / 2**200
        even = low if k % 2 == 0 else high  # patterns count upwards, so the even one has the even significand
        assert round_to(half, fmt) == even
        assert round_to(half - crumb, fmt) == low
        assert round_to(half + crumb, fmt) == high
        assert round_to(-half - crumb, fmt) == -high
        assert (round_to(half, fmt, "down"), round_to(half, fmt, "up")) == (low, high)
        assert (round_to(-half, fmt, "down"), round_to(-half, fmt, "up")) == (-high, -low)
        assert round_to(Fraction(low) + crumb, fmt, "up") == high
        assert round_to(Fraction(high) - crumb, fmt, "down") == low


@pytest.mark.parametrize("fmt", [f for f in ALL if f.name != "float64"], **ids)
def test_rounding_a_float64_agrees_with_the_cast_of_numpy_or_ml_dtypes(fmt: Format) -> None:
    rng = np.random.default_rng(7)
    exponents = rng.uniform(fmt.quantum_exponent - 3, fmt.emax + 2, 4000)
    values = rng.choice([-1.0, 1.0], 4000) * 2.0**exponents
    with np.errstate(over="ignore", under="ignore"):
        # float64 -> float8 casts of ml_dtypes are exact single roundings, as are NumPy's and bfloat16's.
        cast = values.astype(fmt.dtype).astype(np.float64)
    ours = np.array([round_to(v, fmt) for v in values.tolist()])
    assert np.array_equal(ours, cast, equal_nan=True)


@pytest.mark.parametrize("fmt", NARROW, **ids)
def test_bits_are_those_of_the_array_library(fmt: Format) -> None:
    values = numbers(fmt)
    values = np.concatenate([values, -values])
    expected = values.astype(fmt.dtype).view(fmt.unsigned)
    assert [to_bits(v, fmt) for v in values.tolist()] == expected.tolist()


@pytest.mark.parametrize("fmt", ALL, **ids)
def test_bits_of_infinities_and_nan_read_back_as_what_they_are(fmt: Format) -> None:
    for value in [math.inf, -math.inf, math.nan]:
        if math.isinf(value) and not fmt.has_infinity:
            with pytest.raises(UsageError):
                to_bits(value, fmt)
            continue
        back = np.array([to_bits(value, fmt)], fmt.unsigned).view(fmt.dtype).astype(np.float64)[0]
        assert np.array_equal(back, value, equal_nan=True)


@pytest.mark.parametrize("fmt", ALL, **ids)
def test_overflow_begins_at_the_midpoint_beyond_the_largest_number(fmt: Format) -> None:
    over = math.inf if fmt.has_infinity else math.nan
    step = Fraction(fmt.largest) - Fraction(round_to(Fraction(fmt.largest) - Fraction(1, 2**1100), fmt, "down"))
    midpoint = Fraction(fmt.largest) + step / 2
    crumb = Fraction(1, 2**1200)
    assert round_to(midpoint - crumb, fmt) == fmt.largest
    assert str(round_to(midpoint + crumb, fmt)) == str(over)
    # The largest number of an IEEE format is odd, that of float8_e4m3fn (448 = 14 * 32) even.
    assert str(round_to(midpoint, fmt)) == str(over if fmt.has_infinity else fmt.largest)
    assert round_to(10 * midpoint, fmt, "down") == fmt.largest
    assert round_to(-10 * midpoint, fmt, "up") == -fmt.largest
    assert str(abs(round_to(10 * midpoint, fmt, "up"))) == str(over)


@pytest.mark.parametrize("fmt", ALL, **ids)
def test_half_the_smallest_subnormal_goes_to_zero_and_just_above_does_not(fmt: Format) -> None:
    half = Fraction(1, 2 ** (1 - fmt.quantum_exponent))
    assert round_to(half, fmt) == 0
    assert round_to(half * (1 + Fraction(1, 2**300)), fmt) == fmt.smallest_subnormal
    assert round_to(half / 2**9000, fmt, "up") == fmt.smallest_subnormal
    assert round_to(-half / 2**9000, fmt, "up") == 0


def test_one_rounding_where_two_would_go_wrong() -> None:
    # 1 + 2^-24 + 2^-60 is above float32's midpoint; float64 first would land on it and then tie to 1.
    value = mpmath.mpf(1) + mpmath.mpf(2) ** -24
    with mpmath.workprec(200):
        value = value + mpmath.mpf(2) ** -60
    assert round_to(value, FORMATS["float32"]) == 1 + 2.0**-23
    assert float(np.float32(float(value))) == 1.0


def test_exponents_without_bound_cost_nothing() -> None:
    with mpmath.workprec(100):
        tiny, huge = mpmath.exp(mpmath.mpf(-1e300)), mpmath.exp(mpmath.mpf(1e300))
    for fmt in ALL:
        assert round_to(tiny, fmt) == 0
        assert round_to(tiny, fmt, "up") == fmt.smallest_subnormal
        assert round_to(huge, fmt, "down") == fmt.largest
    assert round_to(huge, FORMATS["float64"]) == math.inf


def test_balls_that_are_exact_and_special_values_are_taken() -> None:
    f = FORMATS["float16"]
    assert round_to(arb(3) / 4, f) == 0.75
    assert round_to(-math.inf, f) == -math.inf
    assert math.isnan(round_to(math.nan, f))
    assert round_to(mpmath.mpf("-inf"), f) == -math.inf
    assert math.isnan(round_to(mpmath.nan, f))
    assert math.isnan(round_to(math.inf, FORMATS["float8_e4m3fn"]))


def test_a_third_is_no_dyadic_number() -> None:
    with pytest.raises(UsageError, match="power of two"):
        Dyadic.of(Fraction(1, 3))


@pytest.mark.parametrize("fmt", ALL, **ids)
def test_ulp_at_and_just_below_a_power_of_two(fmt: Format) -> None:
    u = Fraction(1, 2**fmt.precision)
    assert ulp(1.0, fmt) == 2 * u
    assert ulp(1 - Fraction(1, 2**500), fmt) == u
    assert ulp(Fraction(2) ** (fmt.emax + 7), fmt) == Fraction(2) ** (fmt.emax + 8) * u
    assert ulp(0, fmt) == ulp(Fraction(1, 2**3000), fmt) == Fraction(fmt.smallest_subnormal)
    assert ulp(fmt.smallest_normal, fmt) == Fraction(fmt.smallest_subnormal)
    assert ulp_exponent(-3, fmt) == 2 - fmt.precision


def test_dyadic_numbers_compare_across_any_distance() -> None:
    near, far = Dyadic(1, 0), Dyadic(-1, -(2**36))
    assert near.compare(far) == 1
    assert Dyadic(1, -(2**36)).compare(near) == -1
    assert Dyadic(4, 0).compare(Dyadic(1, 2)) == 0
    assert Dyadic(-5, 0).compare(Dyadic(-9, -1)) == -1
    assert float(Dyadic(3, -1)) == 1.5


def test_floor_log2_of_ratios_near_powers_of_two() -> None:
    for n, d in [(1, 1), (7, 8), (8, 7), (2**70 - 1, 2**3), (2**70, 2**3), (3, 2**90)]:
        e = floor_log2(n, d)
        assert Fraction(2) ** e <= Fraction(n, d) < Fraction(2) ** (e + 1)
