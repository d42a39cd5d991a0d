"""The error bounds of the fast path's building blocks, each against exact rational or 300-bit arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle.fast import error_free, tables
from softcert_oracle.fast.exponential import FAR_EXPONENT, FURTHEST, exponential
from softcert_oracle.fast.logarithm import log1p
from softcert_oracle.fast.passes import sum_of_tile, two_largest

U2 = Fraction(1, 2**106)


def pairs(count: int, seed: int) -> list[tuple[float, float]]:
    """Pairs of float64 of many magnitudes and signs, with near-cancelling and bit-pattern extremes among them."""
    rng = np.random.default_rng(seed)
    a = rng.choice([-1.0, 1.0], count) * np.ldexp(rng.uniform(1, 2, count), rng.integers(-60, 60, count).astype(int))
    b = rng.choice([-1.0, 1.0], count) * np.ldexp(rng.uniform(1, 2, count), rng.integers(-60, 60, count).astype(int))
    b[::3] = -a[::3] * (1 + rng.integers(-3, 4, len(a[::3])) * 2.0**-52)
    a[1::5] = 2.0 - 2.0**-52
    return list(zip(a.tolist(), b.tolist(), strict=True))


def double_doubles(count: int, seed: int) -> list[tuple[float, float]]:
    return [error_free.two_sum(a, b * 2.0**-53) for a, b in pairs(count, seed)]


def exact(parts: tuple[float, float]) -> Fraction:
    return Fraction(parts[0]) + Fraction(parts[1])


def test_sum_and_product_of_two_numbers_lose_nothing() -> None:
    for a, b in pairs(2000, 0):
        big, small = (a, b) if abs(a) >= abs(b) else (b, a)
        assert exact(error_free.two_sum(a, b)) == Fraction(a) + Fraction(b)
        assert exact(error_free.fast_two_sum(big, small)) == Fraction(a) + Fraction(b)
        assert exact(error_free.two_product(a, b)) == Fraction(a) * Fraction(b)


@pytest.mark.parametrize(
    ("operation", "exactly", "bound"),
    [
        (error_free.add, lambda a, b: a + b, 3 + 1e-6),
        (error_free.multiply, lambda a, b: a * b, 6 + 1e-6),
        (lambda ah, al, bh, bl: error_free.reciprocal(bh, bl), lambda a, b: 1 / b, 10),
    ],
    ids=["add", "multiply", "reciprocal"],
)
def test_double_double_operations_keep_their_bounds(
    operation: Callable[..., tuple[float, float]], exactly: Callable[[Fraction, Fraction], Fraction], bound: float
) -> None:
    worst = Fraction(0)
    for a, b in zip(double_doubles(800, 1), double_doubles(800, 2), strict=True):
        truth = exactly(exact(a), exact(b))
        got = operation(*a, *b)
        assert got[0] + got[1] == got[0]
        if truth:
            worst = max(worst, abs(exact(got) - truth) / abs(truth))
    assert U2 / 100 < worst <= Fraction(bound) * U2


def test_tables_are_the_nearest_double_doubles() -> None:
    with mpmath.workprec(400):
        for j in range(tables.INTERVALS):
            high, low = tables.POWERS[2 * j : 2 * j + 2].tolist()
            power = mpmath.mpf(2) ** (mpmath.mpf(j) / tables.INTERVALS)
            assert abs(power - high - low) <= mpmath.mpf(2) ** -107
        step = mpmath.log(2) / tables.INTERVALS
        assert abs(step - tables.STEP_1) <= mpmath.mpf(2) ** -63
        assert tables.STEP_1 % tables.STEP_QUANTUM == 0
        assert abs(step - tables.STEP_1 - tables.STEP_2 - tables.STEP_3) <= mpmath.mpf(2) ** -168
        for i, c in enumerate(tables.CENTRES.tolist()):
            high, low = tables.MINUS_LOG_CENTRES[2 * i : 2 * i + 2].tolist()
            log = -mpmath.log(c)
            assert abs(log - high - low) <= abs(log) * mpmath.mpf(2) ** -107
            widest = max(abs(c * (1 + k / tables.CELLS) - 1) for k in (i, i + 1))
            assert widest <= (2.0**-6 if i < 2 else 2.0**-7.88)


def exponents() -> list[tuple[float, float]]:
    """Arguments from 0 to -2^32 with low parts up to half an ulp, next to the ends of the table's intervals too."""
    rng = np.random.default_rng(3)
    wide = -np.exp2(rng.uniform(-60, 32, 1500))
    ends = -(rng.integers(0, 2**20, 1500) + 0.5) * float(mpmath.log(2)) / tables.INTERVALS
    high = np.concatenate([wide, ends, [0.0, -5e-324, -FURTHEST, -745.2]])
    low = rng.uniform(-1, 1, high.size) * 0.5 * np.abs(np.spacing(high))
    low[-4:] = 0.0
    return list(zip(high.tolist(), low.tolist(), strict=True))


def test_the_exponential_is_within_four_units() -> None:
    worst = mpmath.mpf(0)
    with mpmath.workprec(400):
        for dh, dl in exponents():
            high, low, n = exponential(dh, dl)
            assert 0.999 < high < 2
            assert high + low == high
            truth = mpmath.exp(mpmath.mpf(dh) + dl)
            worst = max(worst, abs((mpmath.mpf(high) + low) * mpmath.mpf(2) ** n / truth - 1))
        assert 0.5 < worst * 2**106 <= 4
        assert mpmath.floor(-FURTHEST / mpmath.log(2)) == FAR_EXPONENT


def test_the_logarithm_is_relatively_accurate_next_to_zero_too() -> None:
    rng = np.random.default_rng(4)
    arguments = np.concatenate([np.exp2(rng.uniform(-199, 24, 1500)), 1 + np.arange(64) / 64, 2.0 ** np.arange(24)])
    worst = mpmath.mpf(0)
    with mpmath.workprec(500):
        for t in [*arguments.tolist(), *(2.0**-6 * (1 + k * 2.0**-52) for k in (-1, 0, 1))]:
            high, low = t, 0.4 * t * 2.0**-53
            got = log1p(high, low)
            truth = mpmath.log1p(mpmath.mpf(high) + low)
            worst = max(worst, abs((mpmath.mpf(got[0]) + got[1]) / truth - 1))
        assert 0.1 < worst * 2**106 <= 25.1


def test_a_tile_is_summed_almost_exactly_and_in_any_order() -> None:
    rng = np.random.default_rng(5)
    size = 4096
    hi, n = rng.uniform(1, 2, size), -rng.integers(0, 140, size)
    n[0] = 0
    lo = rng.uniform(-1, 1, size) * 2.0**-54
    truth = sum(
        ((Fraction(h) + Fraction(w)) * Fraction(2) ** int(e) for h, w, e in list(zip(hi, lo, n, strict=True))[:-1]),
        Fraction(0),
    )
    words = sum_of_tile(hi, lo, n, size - 1, 0)
    assert abs(sum(map(Fraction, words)) - truth) <= size * Fraction(1, 2**128) + Fraction(1, 2**120)
    order = rng.permutation(size - 1)
    again = sum_of_tile(np.append(hi[order], 9.0), np.append(lo[order], 9.0), np.append(n[order], 0), size - 1, 0)
    assert words == again


@pytest.mark.parametrize(
    ("row", "place", "second"),
    [
        ([1.0, 2.0, 3.0], 2, 2.0),
        ([3.0, 1.0, 2.0], 0, 2.0),
        ([1.0, 3.0, 3.0], 1, 3.0),
        ([5.0], 0, -np.inf),
        ([-np.inf, -5.0], 1, -np.inf),
        ([-np.inf, -np.inf], 0, -np.inf),
        ([0.0, -0.0], 0, 0.0),
        ([-0.0, 0.0], 0, 0.0),
        ([-1.0, -5e-324, -2.0], 1, -1.0),
        ([np.inf, 1.0], 0, 1.0),
        ([np.nan, 1.0], 0, np.nan),
        ([1.0, -np.nan], 0, np.nan),
    ],
)
def test_the_two_largest_logits(row: list[float], place: int, second: float) -> None:
    found = two_largest(np.array(row))
    assert found[0] == place
    assert np.array_equal(found[1], second, equal_nan=True)
