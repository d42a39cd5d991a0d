"""Exponentials enclosed by rationals: the numeric claims are proven, not sampled.

exp(q) for rational q is squared up from exp(q / 2^k), whose Taylor sum has a remainder below twice its first
omitted term (ratio of terms at most 1/2); every step is rounded outward.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath

from softcert_oracle.symbolic.proof import Outcome

_BITS = 240  # kept significant bits; 40 Taylor terms at |r| <= 1/2 leave 2^-40 / 40! < 2^-195
_TERMS = 40


@dataclass(frozen=True)
class Interval:
    """Two rationals with the value between them; positive throughout, as exponentials and their quotients are."""

    low: Fraction
    high: Fraction

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Interval) -> Interval:
        return Interval(_down(self.low * other.low), _up(self.high * other.high))

    def __truediv__(self, other: Interval) -> Interval:
        return Interval(_down(self.low / other.high), _up(self.high / other.low))

    def __str__(self) -> str:
        return str(mpmath.nstr(mpmath.mpf(self.low.numerator) / self.low.denominator, 6))


def _down(q: Fraction) -> Fraction:
    """The largest multiple of a power of two below q that keeps _BITS significant bits."""
    scale = _BITS - (q.numerator.bit_length() - q.denominator.bit_length())
    unit = Fraction(2) ** scale
    return Fraction((q * unit).__floor__()) / unit


def _up(q: Fraction) -> Fraction:
    scale = _BITS - (q.numerator.bit_length() - q.denominator.bit_length())
    unit = Fraction(2) ** scale
    return Fraction((q * unit).__ceil__()) / unit


def point(value: Fraction | int | str) -> Interval:
    """A rational as an interval of width 0."""
    return Interval(Fraction(value), Fraction(value))


def exp(q: Fraction | int | str) -> Interval:
    """The exponential of a rational, enclosed; relative width below 2^-170 for the q that occur here."""
    q = Fraction(q)
    if q < 0:
        return point(1) / exp(-q)
    halvings = max(0, (2 * q).__ceil__().bit_length())
    r = q / 2**halvings
    term, low = Fraction(1), Fraction(1)
    for k in range(1, _TERMS):
        term = term * r / k
        low += term
    value = Interval(_down(low), _up(low + 2 * term * r / _TERMS))
    for _ in range(halvings):
        value = value * value
    return value


def total(terms: Iterable[Interval]) -> Interval:
    """The sum."""
    out = point(0)
    for t in terms:
        out = out + t
    return out


def softmax(logits: Sequence[Fraction | int | str]) -> list[Interval]:
    """Softmax of rational logits, enclosed."""
    e = [exp(x) for x in logits]
    s = total(e)
    return [v / s for v in e]


def less(a: Interval, b: Interval, what: str) -> Outcome:
    """Whether a < b, decided by the enclosures; `ArithmeticError` where they overlap."""
    if a.high < b.low:
        return Outcome(True, f"{a} < {b}")
    if b.high <= a.low:
        return Outcome(False, "the other way round", f"{a} is not below {b}")
    raise ArithmeticError(f"{what}: enclosures overlap")


def rounds_to(value: Interval, decimal: str) -> Outcome:
    """Whether the value rounds (to nearest) to that decimal number, at its number of places."""
    half = Fraction(1, 2 * 10 ** len(decimal.partition(".")[2]))
    nearest = Fraction(decimal)
    if nearest - half < value.low and value.high < nearest + half:
        return Outcome(True, f"{value} rounds to {decimal}")
    return Outcome(False, "another rounding", f"the value is {value}, which does not round to {decimal}")
