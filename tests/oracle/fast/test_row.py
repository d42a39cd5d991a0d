"""What a row has once: tau, s, 1 / s, log s and max + L, also where nothing but an upper bound is known."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle.fast.bounds import LOG_SUM_RADIUS
from softcert_oracle.fast.exponential import FAR_EXPONENT
from softcert_oracle.fast.row import is_dyadic, joined, row_of, shifted_sum, unscaled


def words(tau: float) -> tuple[float, float, float, float]:
    return tau, 0.0, 0.0, 0.0


def test_tau_gives_the_sum_its_reciprocal_and_its_logarithm() -> None:
    with mpmath.workprec(300):
        for tau in (1e-12, 0.3, 1.0, 17.25, 4e6):
            row = row_of(words(tau), 0, 100)
            s = 1 + mpmath.mpf(tau)
            assert abs((mpmath.mpf(row.s_h) + row.s_l) / s - 1) < 2.0**-103
            assert abs((mpmath.mpf(row.reciprocal_h) + row.reciprocal_l) * s - 1) < 2.0**-102
            assert abs((mpmath.mpf(row.log_h) + row.log_l) / mpmath.log(s) - 1) < LOG_SUM_RADIUS
            assert (row.tau_h, row.tau_n, row.far) == (tau, 0, False)
            assert row.log_radius == LOG_SUM_RADIUS * row.log_h


def test_a_tiny_tau_is_its_own_logarithm() -> None:
    row = row_of(words(1.5), -300, 2)
    assert (row.log_h, row.log_l, row.log_n) == (1.5, 0.0, -300)
    assert row.s_h == 1.0


def test_a_row_of_one_class_has_nothing_left() -> None:
    row = row_of(words(0.0), 0, 1)
    assert (row.tau_h, row.s_h, row.reciprocal_h, row.log_h, row.log_radius) == (0.0, 1.0, 1.0, 0.0, 0.0)


def test_beyond_the_reach_of_the_exponential_only_a_bound_is_known() -> None:
    row = row_of(words(5.0), FAR_EXPONENT, 9)
    assert row.far
    assert row.tau_n == FAR_EXPONENT + 4  # 9 terms are at most 2^4
    assert row.log_radius == row.log_h  # from 0 to there


def test_max_plus_log_s_keeps_the_radius_of_log_s_where_they_cancel() -> None:
    row = row_of(words(1.0), 0, 2)
    largest = -float(np.log(2.0))
    hi, lo, exponent, radius = shifted_sum(largest, row)
    with mpmath.workprec(300):
        truth = mpmath.log(2) + largest
        assert exponent == 0
        assert abs(mpmath.mpf(hi) + lo - truth) <= radius
    assert radius == pytest.approx(row.log_radius, rel=1e-6)
    assert shifted_sum(3.5, row_of(words(0.0), 0, 1)) == (3.5, 0.0, 0, 0.0)
    assert shifted_sum(0.0, row) == (row.log_h, row.log_l, row.log_n, row.log_radius)


def test_powers_of_two_of_equal_maxima_are_dyadic_and_nothing_else_is() -> None:
    def dyadic(x: list[float]) -> bool:
        largest = max(x)
        return bool(is_dyadic(np.array(x), largest, row_of(words(x.count(largest) - 1.0), 0, len(x))))

    assert dyadic([1.0])
    assert dyadic([1.0, 1.0])
    assert dyadic([1.0, -np.inf, 1.0, 1.0, 1.0])
    assert not dyadic([1.0, 1.0, 1.0])
    assert not dyadic([1.0, 1.0, 0.0])  # far terms could leave s at a power of two


def test_words_join_without_loss() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        a = tuple(rng.normal() * 2.0 ** (-52 * k) for k in range(4))
        b = tuple(rng.normal() * 2.0 ** (-40 * k) for k in range(3))
        error = abs(sum(map(Fraction, joined(a, b))) - sum(map(Fraction, (*a, *b))))
        assert error <= Fraction(1, 2**150)


def test_scaling_reaches_subnormal_numbers() -> None:
    assert unscaled(1.5, 4) == 24.0
    assert unscaled(1.0, -1074) == 5e-324
    assert unscaled(1.0, -1200) == 0.0
