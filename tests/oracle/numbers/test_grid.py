"""Where an interval lies on a format's grid: floor, ceiling and nearest number, and when they are decided."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.numbers import grid
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.numbers.rounding import round_to

FORMAT = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


def around(value: float, low: float, radius: float) -> Enclosure:
    """The interval of that radius around ``value + low``."""
    return Enclosure(hi=np.array(value), lo=np.array(low), exponent=np.array(0), radius=np.array(radius))


def values(fmt: Format) -> np.ndarray:
    """float64 numbers over the format's whole range and beyond both ends, midpoints and neighbours among them."""
    rng = np.random.default_rng(len(fmt.name))
    exponents = rng.integers(max(fmt.quantum_exponent - 3, -1074), min(fmt.emax + 2, 1023) + 1, 400)
    random = np.ldexp(rng.uniform(0.5, 1, 400), exponents.astype(np.int32))
    grid_points = np.array([round_to(v, fmt) for v in random.tolist()])
    midpoints = grid_points * (1 + fmt.unit_roundoff)
    all_ = np.concatenate([random, grid_points, midpoints, -random, [fmt.smallest_subnormal, fmt.largest]])
    return all_[np.isfinite(all_) & (all_ != 0)]


@FORMAT
def test_exact_values_have_the_neighbours_and_the_nearest_of_exact_rounding(fmt: Format) -> None:
    x = values(fmt)
    low, _, high, decided = grid.brackets(Enclosure.exactly(x), fmt)
    nearest, sure = grid.nearest(Enclosure.exactly(x), fmt)
    assert decided.all()
    assert sure.all()
    for got, direction in ((low, "down"), (high, "up"), (nearest, "nearest")):
        expected = [round_to(v, fmt, direction) for v in x.tolist()]  # type: ignore[arg-type]
        assert np.array_equal(got, expected, equal_nan=True)


def test_an_interval_across_a_midpoint_has_neighbours_but_no_nearest() -> None:
    fmt = FORMATS["float32"]
    e = around(1 + 2.0**-24, 0.0, 2.0**-60)
    low, _, high, decided = grid.brackets(e, fmt)
    assert (low, high, decided) == (1.0, 1 + 2.0**-23, True)
    assert not grid.nearest(e, fmt)[1]


def test_an_open_interval_that_begins_at_a_number_lies_beyond_it() -> None:
    fmt = FORMATS["float64"]
    low, _, high, decided = grid.brackets(around(1.0, 2.0**-80, 2.0**-80), fmt)
    assert (low, high, decided) == (1.0, 1 + 2.0**-52, True)
    low, _, high, decided = grid.brackets(around(1.0, -(2.0**-80), 2.0**-80), fmt)
    assert (low, high, decided) == (1 - 2.0**-53, 1.0, True)
    nearest, sure = grid.nearest(around(1 + 2.0**-52, 2.0**-104 - 2.0**-53, 2.0**-104), fmt)  # begins at a tie
    assert (nearest, sure) == (1 + 2.0**-52, True)


def test_an_interval_that_holds_a_number_is_undecided_around_it() -> None:
    low, inner, high, decided = grid.brackets(around(1.0, 0.0, 2.0**-80), FORMATS["float64"])
    assert not decided
    assert (low, inner, high) == (1 - 2.0**-53, 1.0, 1 + 2.0**-52)


def test_sides_are_exact_and_a_touching_end_decides() -> None:
    fmt = FORMATS["float64"]
    at = grid.locate(around(1.0, 0.0, 0.0), fmt)
    assert (at.side_of(0.0), at.side_of(1.0), at.side_of(-1.0)) == (0, -1, 1)
    touching = grid.locate(around(1.0, 2.0**-80, 2.0**-80), fmt)
    assert touching.side_of(0.0) == 1
    across = grid.locate(around(1.0, 2.0**-80, 2.0**-79), fmt)
    assert across.side_of(0.0) == grid.UNKNOWN


def test_the_step_below_a_power_of_two_is_half_a_quantum() -> None:
    at = grid.locate(Enclosure.exactly([1.0, 1.5, 2.0**-1022]), FORMATS["float64"])
    assert at.below.tolist() == [0.5, 1.0, 1.0]


@FORMAT
def test_beyond_the_largest_number_rounding_down_stops_there(fmt: Format) -> None:
    power = np.array([fmt.emax + 3])
    e = Enclosure(hi=np.array([0.5]), lo=np.zeros(1), exponent=power, radius=np.zeros(1))
    low, _, high, decided = grid.brackets(e, fmt)
    assert decided.all()
    assert low[0] == fmt.largest
    over = np.inf if fmt.has_infinity else np.nan
    assert np.array_equal(high, [over], equal_nan=True)
    assert np.array_equal(grid.nearest(e, fmt)[0], [over], equal_nan=True)


@FORMAT
def test_a_value_below_every_number_lies_between_zero_and_the_smallest(fmt: Format) -> None:
    e = Enclosure(hi=np.array(-0.5), lo=np.array(0.0), exponent=np.array(-5000), radius=np.array(0.5))
    low, _, high, decided = grid.brackets(e, fmt)
    assert (low, high, decided) == (-fmt.smallest_subnormal, 0.0, True)
    assert grid.nearest(e, fmt) == (0.0, True)


def test_special_values_stand_for_themselves() -> None:
    e = Enclosure.exactly([0.0, np.inf, -np.inf, np.nan])
    for fmt, infinite in ((FORMATS["float16"], np.inf), (FORMATS["float8_e4m3fn"], np.nan)):
        expected = [0.0, infinite, -infinite, np.nan]
        for got in grid.brackets(e, fmt)[:3]:
            assert np.array_equal(got, expected, equal_nan=True)


def test_a_wide_interval_decides_nothing() -> None:
    e = around(1.0, 0.0, 0.4)
    assert not grid.brackets(e, FORMATS["float8_e5m2"])[3]
    assert not grid.nearest(e, FORMATS["float8_e5m2"])[1]
