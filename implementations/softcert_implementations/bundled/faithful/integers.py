"""The last resort: rows in fixed-point integers, of as many bits as it takes to round correctly.

Python's integers, the Taylor series of exp after argument reduction, and Newton's iteration for the logarithm with
its residual checked. Precision doubles until the interval rounds one way (Ziv); that ends, since the results are
transcendental but where every logit is the maximum or -inf, and there p is rational (docs/faithful.md, step 7).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

GUARD = 64
"""Working bits beyond those promised: errors of a few thousand units (step 7) leave the promised bits exact to 1."""

SMALLEST_SCALE = -1200
"""No result below 2^-1075 is anything but 0, and 2^125 classes do not exist: deeper terms count as this small."""


@dataclass(frozen=True)
class Rounding:
    """A format to round to: p significant bits, smallest normal exponent emin, largest exponent emax."""

    precision: int
    emin: int
    emax: int

    def nearest(self, value: Fraction) -> float:
        """The number of the format nearest to an exact value, ties to even; infinity where it overflows."""
        if value == 0:
            return 0.0
        p, q = abs(value.numerator), value.denominator
        e = p.bit_length() - q.bit_length()
        if (p << max(-e, 0)) < (q << max(e, 0)):
            e -= 1  # now 2^e <= |value| < 2^(e+1)
        quantum = max(e, self.emin) - self.precision + 1
        n, rest = divmod(p << max(-quantum, 0), q << max(quantum, 0))
        twice, whole = 2 * rest, q << max(quantum, 0)
        if twice > whole or (twice == whole and n & 1):
            n += 1
        if n.bit_length() + quantum > self.emax + 1:
            return math.copysign(math.inf, 1 if value > 0 else -1)
        return math.copysign(math.ldexp(n, quantum), 1 if value > 0 else -1)


@dataclass(frozen=True)
class Between:
    """An exact value known to lie in [low, high]."""

    low: Fraction
    high: Fraction

    def rounded(self, to: Rounding) -> float | None:
        """The nearest number of the format, or None where the two ends round apart."""
        a, b = to.nearest(self.low), to.nearest(self.high)
        return a if a == b else None


@lru_cache(maxsize=64)
def _log2_fixed(bits: int) -> int:
    """ln 2 * 2^bits within 1: 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749) (Gosper)."""
    work = bits + GUARD

    def inverse_atanh(k: int) -> int:
        term = (1 << work) // k
        total, n = 0, 1
        while term:
            total += term // n
            term //= k * k
            n += 2
        return total

    return (18 * inverse_atanh(26) - 2 * inverse_atanh(4801) + 8 * inverse_atanh(8749)) >> GUARD


def exp_fixed(d: int, bits: int) -> int:
    """exp(d 2^-bits) * 2^bits within 2^40 (docs/faithful.md, step 7), for d <= 2^bits."""
    ln2 = _log2_fixed(bits + 64)
    n, r = divmod(d << 64, ln2)
    r >>= 64
    halvings = min(math.isqrt(bits) // 2 + 1, 20)  # each doubles the error: 2^20 leaves GUARD room
    r >>= halvings
    term = total = r
    k = 2
    while term:  # expm1 of the reduced argument
        term = (term * r >> bits) // k
        total += term
        k += 1
    for _ in range(halvings):  # expm1(2t) = expm1(t) (expm1(t) + 2)
        total = (total * total >> bits) + 2 * total
    value = (1 << bits) + total
    return value << n if n >= 0 else value >> -n


def _log_fixed(s: int, start: int, bits: int) -> tuple[int, int]:
    """(y, e) with log(s 2^-bits) within e of y, in units of 2^-bits, from a first guess; s >= 2^bits."""
    y = start
    for _ in range(200):
        e = exp_fixed(y, bits)
        step = (2 * (s - e) << bits) // (s + e)
        if abs(step) < 1 << (GUARD // 2):
            break
        y += step
    # |log s - y| <= |s - e| / min(s, e) + the error of e, both s and e being 2^bits or more
    return y, abs(step) + (1 << 42)


class Row:
    """One row with a finite maximum, in integers of a given precision."""

    def __init__(self, values: Sequence[float], bits: int) -> None:
        maximum = Fraction(max(values))
        self.maximum = maximum
        self.differences = [None if v == -math.inf else maximum - Fraction(v) for v in values]
        distinct = {d for d in self.differences if d}
        nearest = min(distinct, default=Fraction(0))
        depth = min(int(nearest * 3 / 2) + 2, -SMALLEST_SCALE)  # 1 / ln 2 < 3/2
        self.bits = bits + depth + GUARD
        self.unit = 1 << (GUARD - 8)  # error of each term, in units of 2^-self.bits
        terms = {d: self._term(d) for d in distinct}
        self.terms = [0 if d is None else (1 << self.bits if d == 0 else terms[d]) for d in self.differences]
        self.ties = sum(d == 0 for d in self.differences)
        self.total = sum(self.terms)
        self.inexact = sum(1 for d in self.differences if d)
        self._logarithm: Between | None = None

    def _term(self, d: Fraction) -> int:
        if d > -SMALLEST_SCALE * 2:
            return 1
        return exp_fixed(-(d.numerator << self.bits) // d.denominator, self.bits)

    def _positive(self, value: int, error: int) -> Between:
        """An interval for a value known to be above 0.

        Where that is all that is known, 2^-1300 stands for whatever is smaller: logits, their differences and rounding
        boundaries times m are multiples of 2^-1075, so nothing can lie between.
        """
        low = Fraction(value - error, 1 << self.bits) if value > error else Fraction(1, 1 << -SMALLEST_SCALE + 100)
        high = Fraction(value + error, 1 << self.bits)
        return Between(min(low, high), high)

    def _ratio(self, numerator: int, terms: int, divisor: int) -> Between:
        spread, all_ = terms * self.unit, self.inexact * self.unit
        return Between(
            Fraction(max(numerator - spread, 0), (self.total + all_) * divisor),
            Fraction(numerator + spread, (self.total - all_) * divisor),
        )

    def probability(self, j: int, divisor: int = 1) -> Between:
        """p_j / divisor."""
        return self._ratio(self.terms[j], 1 if self.differences[j] else 0, divisor)

    def others(self, j: int, divisor: int = 1) -> Between:
        """(1 - p_j) / divisor, from the sum of the others."""
        return self._ratio(self.total - self.terms[j], self.inexact - bool(self.differences[j]), divisor)

    def logarithm(self) -> Between:
        """L = log of the sum."""
        if self._logarithm is None:
            if self.total == 1 << self.bits:
                self._logarithm = Between(Fraction(0), Fraction(0))
            else:
                tau = self.total - (1 << self.bits)
                shift = max(tau.bit_length() - 60, 0)
                small = tau.bit_length() < self.bits - 60
                guess = tau if small else int(math.log1p(math.ldexp(tau >> shift, shift - self.bits)) * 2**60)
                start = guess if small else (guess << self.bits) >> 60
                y, error = _log_fixed(self.total, start, self.bits)
                self._logarithm = self._positive(y, error + self.inexact * self.unit)
        return self._logarithm

    def log_probability(self, j: int) -> Between:
        """-l_j = |d_j| + L."""
        own, d = self.logarithm(), self.differences[j]
        assert d is not None
        return Between(own.low + d, own.high + d)

    def log_sum(self) -> Between:
        """y = m + L."""
        own = self.logarithm()
        return Between(own.low + self.maximum, own.high + self.maximum)


def settle(rows: Sequence[Sequence[float]], value: Callable[[list[Row]], Between], to: Rounding) -> float:
    """A value of some rows, correctly rounded: precision doubles until its interval rounds one way."""
    bits = 160
    while True:
        rounded = value([Row(row, bits) for row in rows]).rounded(to)
        if rounded is not None:
            return rounded
        bits *= 2
