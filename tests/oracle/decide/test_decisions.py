"""Decisions on enclosures that are built to lie on, beside and across numbers and midpoints of every format."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from softcert_oracle.decide import decisions
from softcert_oracle.decide.ziv import Bounds
from softcert_oracle.numbers import grid
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.formats import FORMATS, Format
from softcert_oracle.numbers.rounding import Dyadic, floor_log2, round_to, ulp, ulp_exponent
from softcert_oracle.numbers.scaled import Scaled

NO, YES, UNDECIDED = Decision.NO, Decision.YES, Decision.UNDECIDED
each_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


def interval(centre: Fraction, radius: Fraction = Fraction(0)) -> Enclosure:
    """An enclosure of a centre that two float64 hold, scaled so that neither underflows."""
    if centre == 0:
        return Enclosure.exactly(0.0)
    power = floor_log2(abs(centre.numerator), centre.denominator)
    unit = Fraction(2) ** power
    hi = round_to(centre / unit, FORMATS["float64"])
    lo = centre / unit - Fraction(hi)
    width = radius / unit
    assert Fraction(float(lo)) == lo
    assert Fraction(float(width)) == width
    return Enclosure(hi=np.array(hi), lo=np.array(float(lo)), exponent=np.array(power), radius=np.array(float(width)))


def step_up(value: float, fmt: Format) -> float:
    """The next number above (infinity or NaN beyond the largest)."""
    return round_to(Fraction(value) + Fraction(fmt.smallest_subnormal) / 4, fmt, "up")


def numbers(fmt: Format) -> list[float]:
    """Numbers at the ends of binades, inside them, and among the subnormals."""
    at = [1.0, 1.5, fmt.smallest_normal, fmt.smallest_subnormal, 2 * fmt.smallest_subnormal, fmt.largest, 2.0**-5]
    return sorted({round_to(Fraction(v) * k, fmt, "down") for v in at for k in (1, Fraction(7, 8), Fraction(5, 8))})


def crumbs(value: Fraction) -> list[Fraction]:
    size = Fraction(2) ** (floor_log2(value.numerator, value.denominator) if value else -1074)
    return [size * Fraction(1, 2**k) for k in (70, 104)]


def cases(fmt: Format) -> list[tuple[Fraction, Fraction]]:
    """(centre, radius) on and beside numbers and midpoints; radii that stop short of them, touch or cross them."""
    out = []
    for low in numbers(fmt):
        high = step_up(low, fmt)
        points = [Fraction(low)]
        if math.isfinite(high):
            points.append((Fraction(low) + Fraction(high)) / 2)
        for point in points:
            out.append((point, Fraction(0)))
            for crumb in crumbs(point):
                out += [(point + side * crumb, r * crumb) for side in (-1, 0, 1) for r in (0, Fraction(1, 2), 1, 2)]
    return [(c, r) for c, r in out if c - r >= 0 and c > 0]


def possible(centre: Fraction, radius: Fraction, fmt: Format) -> list[Fraction]:
    """Representatives of every way in which an open interval can be rounded."""
    if radius == 0:
        return [centre]
    crumb = radius / 2**40
    inside = [centre - radius + crumb, centre + radius - crumb]
    for value in (centre - radius, centre, centre + radius):
        for direction in ("down", "up"):
            number = round_to(value, fmt, direction)
            if math.isfinite(number):
                inside += [Fraction(number), (Fraction(number) + Fraction(step_down(number, fmt))) / 2]
    return [v for v in inside if abs(v - centre) < radius and v > 0]


def step_down(value: float, fmt: Format) -> float:
    return round_to(Fraction(value) - Fraction(fmt.smallest_subnormal) / 4, fmt, "down")


def verdict(answers: set[bool]) -> Decision:
    return UNDECIDED if len(answers) == 2 else (YES if answers.pop() else NO)


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


@each_format
@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_decisions_match_exact_rounding_of_all_that_the_interval_holds(fmt: Format, sign: int) -> None:
    got, faithful, correct, enclosures = [], [], [], []
    for centre, radius in cases(fmt):
        e = interval(sign * centre, radius).reshape(1)
        pairs = [tuple(round_to(sign * v, fmt, d) for d in ("down", "up")) for v in possible(centre, radius, fmt)]
        near = [round_to(sign * v, fmt) for v in possible(centre, radius, fmt)]
        finite = [v for pair in pairs for v in pair if math.isfinite(v)]
        candidates = {v for pair in pairs for v in pair} | {step_down(min(finite), fmt), step_up(max(finite), fmt)}
        for candidate in candidates:
            got.append(candidate)
            faithful.append(verdict({any(same(candidate, v) for v in pair) for pair in pairs}))
            correct.append(verdict({same(candidate, v) for v in near}))
            enclosures.append(e)
    e, results = Enclosure.concatenate(enclosures), np.array(got)
    assert np.array_equal(decisions.faithful(results, e, fmt), faithful)
    assert np.array_equal(decisions.correctly_rounded(results, e, fmt), correct)
    assert set(faithful) == set(correct) == {NO, YES, UNDECIDED}


@each_format
@pytest.mark.parametrize("sign", [1, -1])
def test_neighbours_and_nearest_are_exact_wherever_they_are_decided(fmt: Format, sign: int) -> None:
    at = cases(fmt)
    e = Enclosure.concatenate([interval(sign * centre, radius).reshape(1) for centre, radius in at])
    low, high, bracketed = decisions.neighbours(e, fmt)
    value, decided = decisions.nearest(e, fmt)
    for k, (centre, radius) in enumerate(at):
        inside = [sign * v for v in possible(centre, radius, fmt)]
        down, up, near = ({repr(round_to(v, fmt, d)) for v in inside} for d in ("down", "up", "nearest"))
        assert decided[k] == (len(near) == 1)
        assert bracketed[k] == (len(down) == len(up) == 1)
        assert not decided[k] or near == {repr(value[k].item())}
        assert not bracketed[k] or (down, up) == ({repr(low[k].item())}, {repr(high[k].item())})


@each_format
def test_an_undecided_rounding_is_settled_by_bounds_of_more_bits(fmt: Format) -> None:
    centre = Fraction(1) + ulp(1.0, fmt) / 2
    e = interval(centre, Fraction(1, 2**104))
    asked = []

    def refine(positions: np.ndarray, bits: int) -> list[Bounds]:
        asked.append(bits)
        value = Dyadic.of(centre + Fraction(1, 2**600))  # just above the midpoint
        width = Dyadic.of(Fraction(1, 2**bits))
        low = Dyadic.of(Fraction(value.mantissa, 2**-value.exponent) - Fraction(width.mantissa, 2**bits))
        high = Dyadic.of(Fraction(value.mantissa, 2**-value.exponent) + Fraction(width.mantissa, 2**bits))
        return [(low, high) for _ in positions]

    one, above = 1.0, float(1 + ulp(1.0, fmt))
    assert decisions.correctly_rounded([one, above], e, fmt).tolist() == [UNDECIDED, UNDECIDED]
    assert decisions.correctly_rounded(np.array(above), e, fmt, refine) == YES
    assert asked == [256, 512, 1024]
    assert decisions.correctly_rounded(np.array(one), e, fmt, refine) == NO
    assert decisions.faithful(np.array(one), e, fmt, refine) == YES


def test_what_no_precision_decides_stays_undecided() -> None:
    fmt = FORMATS["float32"]
    e = interval(Fraction(1), Fraction(1, 2**104))

    def stubborn(positions: np.ndarray, bits: int) -> list[Bounds]:
        return [(Dyadic(2**bits - 1, -bits), Dyadic(2**bits + 1, -bits)) for _ in positions]

    assert decisions.faithful(np.array(1 + 2.0**-23), e, fmt, stubborn) == UNDECIDED
    assert decisions.faithful(np.array(1.0), e, fmt, stubborn) == YES
    assert decisions.exceeds(np.array(1.0), e, 0.0, fmt, stubborn) == UNDECIDED


@each_format
def test_ulp_error_is_measured_in_the_ulp_of_the_exact_value(fmt: Format) -> None:
    u = Fraction(1, 2**fmt.precision)
    below, above = interval(1 - u / 4), interval(1 + u / 4)
    assert decisions.ulp_exponent(below, fmt) == -fmt.precision
    assert decisions.ulp_exponent(above, fmt) == 1 - fmt.precision
    assert [v.item() for v in decisions.ulp_error(1.0, below, fmt)] == [0.25, 0.25]
    assert [v.item() for v in decisions.ulp_error(1.0, above, fmt)] == [0.125, 0.125]
    zero = Enclosure.exactly(0.0)
    assert decisions.ulp_error(fmt.smallest_subnormal, zero, fmt)[0] == 1.0
    tiny = interval(Fraction(fmt.smallest_subnormal) / 2**20)
    assert decisions.ulp_error(0.0, tiny, fmt)[1] == 2.0**-20
    low, high = decisions.ulp_error(1.5, interval(Fraction(1), Fraction(1, 2**104)), fmt)
    assert low < float(Fraction(1, 4) / u) * 1.01
    assert high >= float(Fraction(1, 2) / u) * 0.99


@each_format
def test_ulp_exponents_agree_with_the_exact_definition(fmt: Format) -> None:
    at = cases(fmt)
    e = Enclosure.concatenate([interval(centre, radius).reshape(1) for centre, radius in at])
    for found, (centre, radius) in zip(decisions.ulp_exponent(e, fmt).tolist(), at, strict=True):
        assert found == min(ulp_exponent(v, fmt) for v in possible(centre, radius, fmt)), (float(centre), radius)


@each_format
def test_an_error_equal_to_its_limit_is_within_it_and_a_larger_one_is_not(fmt: Format) -> None:
    u = fmt.unit_roundoff
    e = interval(Fraction(1) + Fraction(u) / 2)
    assert decisions.exceeds(1.0, e, u / 2, fmt) == NO
    assert decisions.exceeds(1.0, e, u / 2 * (1 - 2.0**-40), fmt) == YES
    wide = interval(Fraction(1) + Fraction(u) / 2, Fraction(u) / 4)
    assert decisions.exceeds(1.0, wide, u / 2, fmt) == UNDECIDED
    assert decisions.exceeds(1.0, wide, u * 0.76, fmt) == NO
    assert decisions.exceeds(1.0, wide, u * 0.24, fmt) == YES


@each_format
def test_a_limit_of_zero_allows_the_exact_value_and_nothing_else(fmt: Format) -> None:
    tiny = Enclosure(
        hi=np.array(0.5), lo=np.array(0.0), exponent=np.array(-(2**36)), radius=np.array(0.5)
    )  # positive, below 2^(-2^36)
    assert decisions.exceeds(0.0, Enclosure.exactly(0.0), 0.0, fmt) == NO
    assert decisions.exceeds(0.5, Enclosure.exactly(0.5), 0.0, fmt) == NO
    assert decisions.exceeds(0.0, tiny, 0.0, fmt) == YES
    assert decisions.exceeds(fmt.smallest_subnormal, Enclosure.exactly(0.0), 0.0, fmt) == YES
    assert decisions.exceeds(fmt.smallest_subnormal, tiny, fmt.smallest_subnormal, fmt) == NO
    assert decisions.exceeds(0.0, tiny, Scaled.of(0.5, -(2**35)), fmt) == NO


@each_format
def test_special_values_are_right_or_infinitely_wrong(fmt: Format) -> None:
    inf, nan = math.inf, math.nan
    one, none, infinite = (Enclosure.exactly(v) for v in (1.0, nan, inf))
    for got, e, expected in [
        (nan, one, YES),
        (nan, none, NO),
        (1.0, none, YES),
        (inf, infinite, NO),
        (-inf, infinite, YES),
        (nan, infinite, YES),
        (fmt.largest, infinite, YES),
    ]:
        assert decisions.exceeds(got, e, 1e30, fmt) == expected
        assert decisions.exceeds(got, e, nan, fmt) == expected
    assert decisions.exceeds(1.25, one, nan, fmt) == UNDECIDED
    assert decisions.exceeds(1.25, one, inf, fmt) == NO
    assert decisions.faithful(nan, none, fmt) == YES
    assert decisions.faithful(0.0, none, fmt) == NO


@pytest.mark.parametrize("fmt", [f for f in FORMATS.values() if f.has_infinity], ids=lambda f: f.name)
def test_infinity_is_right_from_the_overflow_threshold_and_counts_as_the_next_power_before(fmt: Format) -> None:
    inf = math.inf
    threshold = (2 - Fraction(1, 2**fmt.precision)) * Fraction(2) ** fmt.emax
    at, before = interval(threshold), interval(threshold - Fraction(2) ** (fmt.emax - 90))
    assert decisions.exceeds(inf, at, 0.0, fmt) == NO
    assert decisions.exceeds(-inf, at, 0.0, fmt) == YES
    assert decisions.exceeds(-inf, at.negated(), 0.0, fmt) == NO
    assert decisions.exceeds(inf, before, 0.0, fmt) == YES
    assert decisions.ulp_error(inf, before, fmt)[1] == pytest.approx(0.5)
    assert decisions.ulp_error(inf, interval(Fraction(2) ** fmt.emax), fmt)[1] == 2.0 ** (fmt.precision - 1)
    assert decisions.faithful([inf, fmt.largest], at, fmt).tolist() == [YES, YES]
    assert decisions.faithful([inf, fmt.largest], interval(8 * threshold), fmt).tolist() == [YES, YES]
    assert decisions.correctly_rounded([inf, fmt.largest], before, fmt).tolist() == [NO, YES]


def test_a_format_without_infinity_overflows_to_nan_or_saturates() -> None:
    fmt = FORMATS["float8_e4m3fn"]
    beyond = interval(Fraction(500))
    assert decisions.exceeds([math.nan, 448.0, -448.0, 416.0], beyond, 0.0, fmt).tolist() == [NO, NO, YES, YES]
    assert decisions.faithful([math.nan, 448.0], beyond, fmt).tolist() == [YES, YES]
    assert math.isnan(decisions.nearest(beyond, fmt)[0])
    assert decisions.exceeds(math.nan, interval(Fraction(460)), 0.0, fmt) == YES


def test_signed_errors_have_the_sign_of_what_is_too_much() -> None:
    e = Enclosure.exactly([1.0, 1.0])
    assert decisions.signed_error([1.25, 0.5], e).to_float().tolist() == [0.25, -0.5]
    assert decisions.error([1.25, 0.5], e).to_float().tolist() == [0.25, 0.5]


def test_errors_across_any_distance_of_exponents() -> None:
    e = Enclosure(hi=np.array([0.5, 0.75]), lo=np.zeros(2), exponent=np.array([-(2**30), 5000]), radius=np.zeros(2))
    found = decisions.error([1.0, 1.0], e)
    assert found[0].to_float() == 1.0
    assert (found[1] / Scaled.of(0.75, 5000)).to_float() == 1.0


def test_brackets_hold_each_undecided_number_in_their_middle() -> None:
    fmt = FORMATS["float16"]
    low, inner, high, decided = grid.brackets(interval(Fraction(1), Fraction(1, 2**104)), fmt)
    assert (low, inner, high, decided) == (1 - 2.0**-11, 1.0, 1 + 2.0**-10, False)
