"""The exponential of the fast path against 400-bit arithmetic, its error bound and where that bound ends."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")
from softcert_oracle.fast import tables
from softcert_oracle.fast.exponential import FAR_EXPONENT, FURTHEST, exponential


def exponents() -> list[tuple[float, float]]:
    """Arguments from 0 to -2^32 with low parts up to half an ulp, next to the ends of the table's intervals too."""
    rng = np.random.default_rng(3)
    wide = -np.exp2(rng.uniform(-60, 32, 1500))
    ends = -(rng.integers(0, 2**20, 1500) + 0.5) * float(mpmath.log(2)) / tables.INTERVALS
    high = np.concatenate([wide, ends, [0.0, -5e-324, -FURTHEST, -745.2]])
    low = rng.uniform(-1, 1, high.size) * 0.5 * np.abs(np.spacing(high))
    low[-4:] = 0.0
    return list(zip(high.tolist(), low.tolist(), strict=True))


def test_the_exponential_is_within_four_units() -> None:
    worst = mpmath.mpf(0)
    with mpmath.workprec(400):
        for dh, dl in exponents():
            high, low, n = exponential(dh, dl)
            assert 0.999 < high < 2
            assert high + low == high
            truth = mpmath.exp(mpmath.mpf(dh) + dl)
            worst = max(worst, abs((mpmath.mpf(high) + low) * mpmath.mpf(2) ** n / truth - 1))
        assert 0.5 < worst * 2**106 <= 4
        assert mpmath.floor(-FURTHEST / mpmath.log(2)) == FAR_EXPONENT
