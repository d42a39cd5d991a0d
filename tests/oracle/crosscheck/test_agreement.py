"""Exact numbers of one witness held against the intervals of another."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np

from softcert_oracle.crosscheck.agreement import agree
from softcert_oracle.mp.definition import Ball
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.rounding import Dyadic


def test_witnesses_agree_disagree_or_cannot_tell() -> None:
    e = Enclosure(hi=np.full(6, 0.5), lo=np.zeros(6), exponent=np.zeros(6, np.int64), radius=np.full(6, 2.0**-100))
    half, width = mpmath.mpf(0.5), mpmath.mpf(2) ** -101
    with mpmath.workprec(300):
        off = half + mpmath.mpf(2) ** -98
        edge = half + mpmath.mpf(2) ** -100
    numbers = [Ball(half, width), Ball(off, width), Ball(edge, width), Fraction(1, 2), np.inf, (Dyadic(1, -1),) * 2]
    YES, NO, OPEN = Decision.YES, Decision.NO, Decision.UNDECIDED
    assert agree(e, numbers).tolist() == [YES, NO, OPEN, YES, NO, YES]


def test_special_values_agree_with_themselves_only() -> None:
    e = Enclosure.exactly([np.inf, -np.inf, np.nan, 0.0, 0.0])
    numbers = [np.inf, np.inf, np.nan, Fraction(0), Fraction(1, 3)]
    assert agree(e, numbers).tolist() == [1, 0, 1, 1, 0]


def test_a_positive_number_below_every_exponent_lies_in_the_open_interval_above_zero() -> None:
    e = Enclosure(hi=np.full(2, 0.5), lo=np.zeros(2), exponent=np.full(2, -(2**36)), radius=np.full(2, 0.5))
    assert agree(e, [(Dyadic(1, -(2**50)),) * 2, Fraction(0)]).tolist() == [Decision.YES, Decision.NO]
