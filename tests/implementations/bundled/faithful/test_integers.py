"""The integers of the faithful implementation against mpmath at far more digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from softcert_implementations.bundled.faithful.integers import GUARD, Between, Rounding, Row, exp_fixed
from softcert_oracle.numbers import formats, rounding

FLOAT64 = Rounding(53, -1022, 1023)


@pytest.mark.parametrize("bits", [180, 500, 1500])
def test_exp_keeps_the_guard_bits_free_of_error(bits: int) -> None:
    with mpmath.workprec(3 * bits):
        for d in (0.0, -1e-9, -0.3, -1.0, -17.25, -300.5, -699.0, 0.4):
            exact = mpmath.exp(mpmath.mpf(d)) * mpmath.mpf(2) ** bits
            assert abs(exp_fixed(int(Fraction(d) * 2**bits), bits) - exact) < 2.0 ** (GUARD // 2)


@pytest.mark.parametrize("row", [[0.0, 0.0], [0.0, -1.0, -3.5], [5.0, 4.0, -700.0], [0.0, -730.25], [-1e300, -1e300]])
def test_intervals_hold_the_logarithm_and_are_narrow(row: list[float]) -> None:
    between = Row(row, 160).logarithm()
    with mpmath.workprec(4000):
        exact = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(v) - max(row)) for v in row))
        low, high = (mpmath.mpf(f.numerator) / f.denominator for f in (between.low, between.high))
        assert low <= exact <= high
        assert (high - low) / exact < 2.0**-150


def test_probabilities_of_ties_are_exact_fractions() -> None:
    row = Row([2.0, 2.0, 2.0, float("-inf")], 160)
    assert row.probability(0, 7) == Between(Fraction(1, 21), Fraction(1, 21))
    assert row.others(0, 7) == Between(Fraction(2, 21), Fraction(2, 21))


@pytest.mark.parametrize("format", formats.FORMATS)
def test_rounding_agrees_with_the_oracle_on_ties_edges_and_overflow(format: str) -> None:
    fmt = formats.FORMATS[format]
    to = Rounding(fmt.precision, fmt.emin, fmt.emax)
    unit = Fraction(2) ** fmt.quantum_exponent
    half_beyond = Fraction(2) ** fmt.emax * (2 - Fraction(1, 2**fmt.precision))
    values = [unit * k / 8 for k in range(1, 40)] + [
        Fraction(2) ** fmt.emin * (1 + Fraction(k, 2**12)) for k in range(-9, 9)
    ]
    values += [half_beyond, half_beyond - unit, half_beyond + unit, Fraction(1, 3), Fraction(2**60 + 1, 2**60)]
    for value in [*values, *(-v for v in values)]:
        in_format = float(
            np.float64(to.nearest(value)).astype(fmt.dtype)
        )  # float8_e4m3fn: 480 and infinity are NaN there
        assert in_format == pytest.approx(rounding.round_to(value, fmt), rel=0, abs=0, nan_ok=True)


def test_an_interval_around_a_boundary_is_not_rounded() -> None:
    tie = Fraction(2**53 + 1)
    assert Between(tie - 1, tie + 1).rounded(FLOAT64) is None
    assert Between(tie, tie).rounded(FLOAT64) == 2.0**53
