"""Decimal text: only digits that are certain, ties to the even digit, exact reading."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from softcert_oracle.mp import decimal_text
from softcert_oracle.mp.definition import Ball


def test_decimal_text_of_balls_is_given_only_when_it_is_certain() -> None:
    third = mpmath.mpf(1) / 3
    assert decimal_text.to_text(Ball(third, mpmath.mpf(10) ** -12), 10) == "0.3333333333"
    assert decimal_text.to_text(Ball(third, mpmath.mpf(10) ** -9), 10) is None
    assert decimal_text.to_text(Ball(mpmath.mpf(0.125), mpmath.mpf(2) ** -60), 2) is None  # across a tie
    assert decimal_text.to_text(Ball(mpmath.mpf(0), mpmath.mpf(1)), 2) is None


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Fraction(999999, 1000), 3, "1.00e+3"),
        (Fraction(1, 3), 3, "0.333"),
        (Fraction(-2, 3), 3, "-0.667"),
        (Fraction(10) ** 20, 5, "1e+20"),
        (Fraction(15, 10), 1, "2"),
        (Fraction(25, 10), 1, "2"),
        (Fraction(1, 10**9), 5, "1e-9"),
        (Fraction(123456789), 3, "1.23e+8"),
        (Fraction(1, 2**30), 4, "9.313e-10"),
    ],
)
def test_rational_numbers_round_to_the_even_digit(value: Fraction, digits: int, text: str) -> None:
    assert decimal_text.to_text(value, digits) == text
