"""Regimes: each gives finite logits of its shape, and the thing that it is named after."""

from __future__ import annotations

import math

import numpy as np
import pytest

from softcert.cases.battery import battery
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.cases.regimes import REGIMES, thresholds
from softcert_implementations.contract import Contract
from softcert_oracle.numbers import formats

CASES = battery("cross_entropy", "float32", EFFORTS["standard"], Contract().terms("cross_entropy", "float32"), 0)


def of(regime):
    return [build(c) for c in CASES if c.regime == regime and 0 < c.size < 20_000]


@pytest.mark.parametrize("regime", REGIMES)
def test_every_regime_is_in_the_battery_and_fills_its_shape(regime):
    assert REGIMES[regime].provokes
    cases = of(regime)
    assert cases
    for inputs in cases[:20]:
        assert inputs.exact.shape == (inputs.case.rows_count, inputs.case.classes)
        special = "special" in regime or "minus inf" in regime
        assert special or np.isfinite(inputs.exact).all()


def test_thresholds_are_those_of_the_format():
    found = thresholds(formats.lookup("float16"))
    assert found["overflow/float16"] == math.log(65504)
    assert found["underflow/float16"] == pytest.approx(-25 * math.log(2))
    assert "overflow/float32" in found
    assert {name.split("/")[1] for name in thresholds(formats.lookup("float32"))} == {"float32"}


def test_regimes_show_what_they_are_named_after():
    assert all(np.ptp(i.exact) == 0 for i in of("ties") if "tied" not in dict(i.case.parameters))
    assert all(np.isneginf(i.exact).all(axis=1).any() for i in of("all minus inf"))
    for inputs in of("far rows"):
        tops = inputs.exact.max(axis=1)
        assert len(tops) < 2 or np.ptp(tops) > 10
    for inputs in of("edge"):
        name = dict(inputs.case.parameters)["at"]
        near = thresholds(formats.lookup("float32"))[name]
        assert np.abs(np.abs(inputs.exact).max() - abs(near)) < 1e-3 * abs(near) + 1 or inputs.exact.size > 2
