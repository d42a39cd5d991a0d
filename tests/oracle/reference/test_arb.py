"""Arb's balls become enclosures that hold them, whatever their exponents."""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import pytest
from flint import arb as ball

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.numbers.enclosure import Decision
from softcert_oracle.reference import arb


def test_the_working_precision_is_restored_also_after_an_error() -> None:
    before = flint.ctx.prec
    with arb.precision(777):
        assert flint.ctx.prec == 777
    arb.enclose(np.array([[1.0, 2.0]]))
    with pytest.raises(ValueError, match="empty"):
        _enclose_nothing_at(777)
    assert flint.ctx.prec == before


def _enclose_nothing_at(bits: int) -> None:
    with arb.precision(bits):
        arb.enclose(np.empty((1, 0)))


def test_conversion_holds_the_whole_ball_and_adds_little() -> None:
    with arb.precision(160):
        balls = [ball(k).exp() for k in (1, -1, 0.001, -700, 700, -1e5, 1e5, -1e10, 1e10)]
        balls += [-b for b in balls]
    found = arb.from_balls(balls)
    with arb.precision(400):
        assert (agree(found, [arb.bounds(b) for b in balls]) == Decision.YES).all()
    assert (found.relative_radius() < 2.0**-104).all()


def test_exact_balls_that_fit_stay_exact() -> None:
    with arb.precision(300):
        found = arb.from_balls(
            [
                ball(3) / 4,
                ball(2) ** 5000,
                ball(1) + ball(2) ** -80,
                ball(0),
                ball(1) + ball(2) ** -60 + ball(2) ** -130,
            ]
        )
    assert (found.radius[:4] == 0).all()
    assert found.radius[4] > 0
    assert (found.hi[3], found.exponent[3]) == (0, 0)
    assert Fraction(found.hi[2].item()) + Fraction(found.lo[2].item()) == (1 + Fraction(1, 2**80)) / 2


def test_special_balls_become_special_values() -> None:
    found = arb.from_balls([ball.pos_inf(), ball.neg_inf(), ball.nan()])
    assert np.array_equal(found.hi, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert (found.radius == 0).all()


def test_values_below_the_floor_of_exponents_are_open_intervals_that_begin_at_zero() -> None:
    with arb.precision(160):
        found = arb.from_balls([ball(-1e300).exp(), -ball(-1e300).exp(), ball(-1e9).exp()])
    assert found.hi.tolist()[:2] == [0.5, -0.5]
    assert found.radius.tolist()[:2] == [0.5, 0.5]
    assert found.exponent.tolist()[:2] == [arb.TINY_EXPONENT] * 2
    assert found.relative_radius()[2] < 2.0**-100


def test_a_ball_too_wide_for_its_floor_is_refused() -> None:
    with arb.precision(160):
        wide = ball(0, 1)
        wide = wide + ball(-1e300).exp()
    with pytest.raises(ArithmeticError, match="too wide"):
        arb.from_balls([wide])


def test_more_bits_give_intervals_inside_those_of_fewer() -> None:
    x = np.array([[0.1, -3.0, 7.5, -np.inf, -800.0]])
    few, many = arb.enclose(x, bits=64), arb.enclose(x, bits=500)
    for name in ("softmax", "complement", "log_softmax", "logsumexp"):
        a, b = getattr(few, name), getattr(many, name)
        assert (a.relative_radius() < 2.0**-96).all()
        shift = np.exp2((b.exponent - a.exponent).astype(float))
        with np.errstate(invalid="ignore"):
            gap = np.abs((b.hi * shift - a.hi) + (b.lo * shift - a.lo))
        assert np.all((gap <= a.radius + b.radius * shift + 2.0**-105 * np.abs(a.hi)) | np.isinf(a.hi))
