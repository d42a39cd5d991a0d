"""The first rung: rounding to a narrow format, and the doubt where an error could change it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numba import njit

from softcert_implementations.bundled.faithful import single
from softcert_implementations.bundled.faithful.codes import DECIDED, LOGSUMEXP, SOFTMAX, SPECIAL, UNDECIDED
from softcert_implementations.bundled.faithful.evaluation import Target
from softcert_oracle.numbers import formats, rounding


@njit
def rounded(v, w, delta, half, normal):  # type: ignore[no-untyped-def]
    return single.nearest(v, w, delta, half, normal)


@njit
def exponential(dh, dl):  # type: ignore[no-untyped-def]
    return single.exp_double(dh, dl)


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_sums_are_rounded_once_to_the_nearest_number(name: str) -> None:
    fmt = formats.lookup(name)
    half = Target(fmt).half
    rng = np.random.default_rng(0)
    normal = rng.uniform(1, 2, 50) * 2.0 ** rng.integers(fmt.emin, 3, 50)
    subnormal = rng.uniform(0, 1, 50) * fmt.smallest_normal
    for v in [*normal.tolist(), *subnormal.tolist()]:
        w = v * 2.0**-54
        got, doubt = rounded(v, w, v * 2.0**-49, half, fmt.smallest_normal)
        assert got == rounding.round_to(Fraction(v) + Fraction(w), fmt) or doubt


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_next_to_a_boundary_there_is_doubt_and_elsewhere_none(name: str) -> None:
    fmt = formats.lookup(name)
    half = Target(fmt).half
    boundary = 1.0 + 2.0**-fmt.precision
    for offset, doubtful in (
        (0.0, True),
        (2.0**-50, True),
        (-(2.0**-50), True),
        (2.0**-40, False),
        (-(2.0**-40), False),
    ):
        got, doubt = rounded(boundary, offset, 2.0**-49, half, fmt.smallest_normal)
        assert bool(doubt) is doubtful
        assert doubtful or got == (1.0 if offset < 0 else 1.0 + 2.0 ** (1 - fmt.precision))


@pytest.mark.parametrize("d", [0.0, -1e-12, -0.5, -1.0, -17.3, -87.0, -300.0, -700.0])
def test_the_exponential_is_within_two_units(d: float) -> None:
    import mpmath

    with mpmath.workprec(200):
        assert abs(exponential(d, 0.0) / mpmath.exp(d) - 1) < 2.0**-52


def test_each_row_says_how_it_went() -> None:
    rows = [[0.0, 1.0], [math.nan, 0.0], [math.inf, 0.0], [-math.inf, -math.inf], [-math.inf, 3.0]]
    x = np.array(rows, np.float32)
    fmt = formats.lookup("float32")
    out, state = np.empty_like(x), np.empty(len(x), np.uint8)

    def run(code: int, half: int) -> list[int]:
        single.rows_single(
            x,
            x.view(np.int32),
            np.zeros(len(x), np.int64),
            code=code,
            count=1,
            half=half,
            normal=fmt.smallest_normal,
            out=out,
            losses=np.empty((0, 4)),
            state=state,
        )
        return state.tolist()

    assert run(SOFTMAX, Target(fmt).half) == [DECIDED, SPECIAL, SPECIAL, SPECIAL, DECIDED]
    assert out[4].tolist() == [0.0, 1.0]
    # One bit less than float64 has: a result is within 2^-49 of a boundary more often than not.
    assert UNDECIDED in run(SOFTMAX, 1)
    assert run(LOGSUMEXP, Target(fmt).half)[4] == DECIDED
