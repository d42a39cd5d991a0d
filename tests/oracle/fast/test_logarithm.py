"""The logarithm of the fast path against 500-bit arithmetic."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")
from softcert_oracle.fast.logarithm import log1p


def test_the_logarithm_is_relatively_accurate_next_to_zero_too() -> None:
    rng = np.random.default_rng(4)
    arguments = np.concatenate([np.exp2(rng.uniform(-199, 24, 1500)), 1 + np.arange(64) / 64, 2.0 ** np.arange(24)])
    worst = mpmath.mpf(0)
    with mpmath.workprec(500):
        for t in [*arguments.tolist(), *(2.0**-6 * (1 + k * 2.0**-52) for k in (-1, 0, 1))]:
            high, low = t, 0.4 * t * 2.0**-53
            got = log1p(high, low)
            truth = mpmath.log1p(mpmath.mpf(high) + low)
            worst = max(worst, abs((mpmath.mpf(got[0]) + got[1]) / truth - 1))
        assert 0.1 < worst * 2**106 <= 25.1
