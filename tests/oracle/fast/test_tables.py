"""The tables of the fast path, each entry against 400-bit arithmetic."""

from __future__ import annotations

import mpmath
import pytest

pytest.importorskip("numba")
from softcert_oracle.fast import tables


def test_tables_are_the_nearest_double_doubles() -> None:
    with mpmath.workprec(400):
        for j in range(tables.INTERVALS):
            high, low = tables.POWERS[2 * j : 2 * j + 2].tolist()
            power = mpmath.mpf(2) ** (mpmath.mpf(j) / tables.INTERVALS)
            assert abs(power - high - low) <= mpmath.mpf(2) ** -107
        step = mpmath.log(2) / tables.INTERVALS
        assert abs(step - tables.STEP_1) <= mpmath.mpf(2) ** -63
        assert tables.STEP_1 % tables.STEP_QUANTUM == 0
        assert abs(step - tables.STEP_1 - tables.STEP_2 - tables.STEP_3) <= mpmath.mpf(2) ** -168
        for i, c in enumerate(tables.CENTRES.tolist()):
            high, low = tables.MINUS_LOG_CENTRES[2 * i : 2 * i + 2].tolist()
            log = -mpmath.log(c)
            assert abs(log - high - low) <= abs(log) * mpmath.mpf(2) ** -107
            widest = max(abs(c * (1 + k / tables.CELLS) - 1) for k in (i, i + 1))
            assert widest <= (2.0**-6 if i < 2 else 2.0**-7.88)
