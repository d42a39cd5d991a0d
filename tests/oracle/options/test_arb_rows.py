"""One row as balls: differences are exact before they are rounded, also under a soft cap that saturates."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb

from softcert_oracle.options.arb_rows import RowBalls, rational
from softcert_oracle.reference.arb import bounds, precision

MP = mpmath.mpf


def close(ball: object, truth: object, bits: int = 150) -> None:
    with precision(4000), mpmath.workprec(4000):
        low, high = (MP(end.mantissa) * MP(2) ** end.exponent for end in bounds(ball))
        assert low <= truth <= high
        assert high - low <= abs(truth) * MP(2) ** -bits  # type: ignore[operator]


def row(values: list[float | None], temperature: float = 1.0, cap: float | None = None, bits: int = 200) -> RowBalls:
    return RowBalls([None if v is None else arb(v) for v in values], temperature, cap, bits)


@pytest.mark.parametrize(("temperature", "cap"), [(1.0, None), (0.7, None), (1.0, 5.0), (1.3, 5.0)])
def test_probabilities_logarithms_and_slopes_are_those_of_the_definition(temperature: float, cap: float | None) -> None:
    values = [0.5, -2.0, 3.25]
    own = row(values, temperature, cap)
    with mpmath.workprec(600):
        t, k = MP(temperature), None if cap is None else MP(cap)
        z = [(MP(v) if k is None else k * mpmath.tanh(MP(v) / k)) / t for v in values]
        s = mpmath.fsum(mpmath.exp(v) for v in z)
        for j in range(3):
            close(own.softmax(j), mpmath.exp(z[j]) / s)
            close(own.log_softmax(j), z[j] - mpmath.log(s))
            close(own.slope(j), (1 if k is None else mpmath.sech(MP(values[j]) / k) ** 2) / t)
        close(own.logsumexp, mpmath.log(s))


def test_a_saturated_soft_cap_still_tells_two_logits_apart() -> None:
    own = row([400.0, 401.0], cap=1.0)
    with mpmath.workprec(3000):
        truth = mpmath.tanh(MP(400)) - mpmath.tanh(MP(401))
        close(own.d[0], truth, 120)
    assert own.first == 1
    assert not own.flat


def test_infinities_become_the_cap() -> None:
    own = row([float("inf"), 0.0, float("-inf")], cap=2.0)
    with mpmath.workprec(600):
        s = mpmath.exp(2) + 1 + mpmath.exp(-2)
        close(own.softmax(2), mpmath.exp(-2) / s)
    assert own.slope(0) == 0


def test_classes_that_take_no_part_have_nothing() -> None:
    own = row([1.0, None, 1.0])
    assert own.present == (0, 2)
    assert own.flat
    assert own.softmax(1) == 0
    assert own.log_softmax(1) == arb.neg_inf()
    close(own.softmax(0), MP(1) / 2)


def test_a_float_is_an_exact_fraction() -> None:
    assert (int(rational(0.1).p), int(rational(0.1).q)) == Fraction(0.1).as_integer_ratio()
