"""Whether witnesses agree: exact bounds of one against the intervals of another, in integers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.decide.ziv import Bounds
from softcert_oracle.mp.definition import Ball, Number
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.rounding import Dyadic, floor_log2

_RANGE = 4000  # binary orders about an interval's own exponent; its centre and radius lie within 1100 of it


def agree(enclosure: Enclosure, numbers: Sequence[Number | Bounds]) -> NDArray[np.int8]:
    """Whether each interval (flat, C order) holds the number that another witness gives.

    YES where the interval holds the witness's whole range, NO where the two are disjoint (one of them is wrong),
    UNDECIDED where they overlap. Special values agree with themselves only.
    """
    hi, lo = enclosure.hi.ravel().tolist(), enclosure.lo.ravel().tolist()
    exponent, radius = enclosure.exponent.ravel().tolist(), enclosure.radius.ravel().tolist()
    parts = zip(hi, lo, exponent, radius, numbers, strict=True)
    return np.array([_agrees(*part) for part in parts], np.int8)


def _agrees(hi: float, lo: float, exponent: int, radius: float, number: Number | Bounds) -> Decision:
    if isinstance(number, float) or hi - hi != 0:
        special = isinstance(number, float) and (number == hi or (number != number and hi != hi))
        return Decision.YES if special else Decision.NO
    centre, width = Fraction(hi) + Fraction(lo), Fraction(radius)
    low, high = (_relative(b, exponent) for b in _bounds(number))
    if width == 0 and low == high:
        return Decision.YES if low == centre else Decision.NO
    if max(abs(low - centre), abs(high - centre)) < width:
        return Decision.YES
    return Decision.NO if low - centre >= width or centre - high >= width else Decision.UNDECIDED


def _bounds(number: Number | Bounds) -> tuple[Dyadic | Fraction, Dyadic | Fraction]:
    if isinstance(number, Ball):
        return number.bounds
    if isinstance(number, Fraction):
        return number, number
    assert isinstance(number, tuple)
    return number


def _relative(bound: Dyadic | Fraction, exponent: int) -> Fraction:
    """A bound in units of 2^exponent; magnitudes below 2^-4000 or above 2^4000 of them count as these."""
    sign = (bound > 0) - (bound < 0) if isinstance(bound, Fraction) else bound.sign
    if not sign:
        return Fraction(0)
    if isinstance(bound, Fraction):
        order = floor_log2(abs(bound.numerator), bound.denominator) - exponent
    else:
        order = bound.top - 1 - exponent
    if abs(order) > _RANGE:
        return sign * Fraction(2) ** (_RANGE if order > 0 else -_RANGE)
    if isinstance(bound, Fraction):
        return bound * Fraction(2) ** -exponent
    return bound.mantissa * Fraction(2) ** (bound.exponent - exponent)
