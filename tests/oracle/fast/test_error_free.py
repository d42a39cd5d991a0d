"""Error-free transformations and double-double arithmetic, each bound against exact rational arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle.fast import error_free

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
