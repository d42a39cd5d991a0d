"""Hypothesis's strategies draw cases that can be built, in the format that is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from softcert.cases.case import Case
from softcert.cases.inputs import build, round_to
from softcert.cases.strategies import cases, explicit_cases, logits
from softcert_oracle.numbers import formats

QUICK = settings(
    max_examples=60, database=None, derandomize=True, suppress_health_check=list(HealthCheck), deadline=None
)


@pytest.mark.parametrize("format", ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_logits_are_numbers_of_the_format(format):
    fmt = formats.lookup(format)

    @QUICK
    @given(logits(format))
    def holds(value):
        assert np.isfinite(value)
        assert round_to(value, fmt) == value

    holds()


@pytest.mark.parametrize("format", ["float32", "bfloat16"])
def test_drawn_cases_can_be_built(format):
    regimes = set()

    @QUICK
    @given(cases(format))
    def holds(case):
        inputs = build(case)
        assert inputs.exact.shape == (case.rows_count, case.classes)
        assert case == Case.from_json(case.to_json())
        regimes.add(case.regime)

    holds()
    assert len(regimes) > 4
    assert "drawn" in regimes


def test_explicit_rows_are_small_and_have_a_finite_maximum():
    @QUICK
    @given(explicit_cases("float32"))
    def holds(case):
        x = build(case).exact
        assert 2 <= x.shape[1] <= 6
        assert np.isfinite(x.max())

    holds()


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.1, float(np.float32(0.1))), (1e300, 3.4028234663852886e38), (-np.inf, -np.inf)]
)
def test_a_number_is_rounded_and_stays_finite(value, rounded):
    if np.isfinite(value):
        assert round_to(value, formats.lookup("float32")) == rounded
