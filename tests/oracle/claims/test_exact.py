"""The rational enclosures of exp, and decisions made with them, against mpmath."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcert_oracle.claims import exact


def truth(q):
    with mpmath.workdps(120):
        return mpmath.exp(mpmath.mpf(q.numerator) / q.denominator)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.fractions(min_value=-800, max_value=800, max_denominator=10**6))
def test_exp_is_enclosed_narrowly(q):
    value = exact.exp(q)
    with mpmath.workdps(120):
        low, high = (mpmath.mpf(v.numerator) / v.denominator for v in (value.low, value.high))
        assert low * (1 - mpmath.mpf(10) ** -110) <= truth(q) <= high * (1 + mpmath.mpf(10) ** -110)
        assert high / low - 1 < mpmath.mpf(2) ** -170


def test_a_comparison_is_decided_or_refused_but_never_guessed():
    assert exact.less(exact.exp(1), exact.point("2.72"), "e").holds
    assert not exact.less(exact.exp(1), exact.point("2.71"), "e").holds
    with pytest.raises(ArithmeticError, match="overlap"):
        exact.less(exact.exp(1), exact.exp(1), "e")


@pytest.mark.parametrize(
    ("decimal", "holds"), [("2.718", True), ("2.7", True), ("2.719", False), ("3", True), ("2", False)]
)
def test_rounding_to_a_decimal_is_decided(decimal, holds):
    assert exact.rounds_to(exact.exp(1), decimal).holds == holds


def test_softmax_is_enclosed_and_sums_to_one():
    p = exact.softmax((5, Fraction(1, 3), -1000))
    assert sum(v.low for v in p) <= 1 <= sum(v.high for v in p)
    assert 0 < p[2].low <= p[2].high < Fraction(1, 10**400)
