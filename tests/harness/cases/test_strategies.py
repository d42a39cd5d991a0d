"""Hypothesis's strategies draw cases that can be built, in the format that is asked for."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from softcert.cases.battery import SMALL_SHAPES
from softcert.cases.case import Case
from softcert.cases.inputs import build, round_to
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes.families import thresholds
from softcert.cases.strategies import LABELS, cases, explicit_cases, logits, recipe_cases
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


@cache
def drawn(strategy, count=200):
    """What a strategy draws."""
    found = []

    @settings(QUICK, max_examples=count)
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


@pytest.mark.parametrize("format", ["float32", "float16"])
def test_logits_are_found_at_each_threshold_and_at_either_sign(format):
    fmt = formats.lookup(format)
    found = np.array(drawn(logits(format), 500))
    for name, threshold in thresholds(fmt).items():
        for sign in (1, -1):
            near = np.abs(found - sign * threshold) <= 8 * fmt.unit_roundoff * abs(threshold)
            assert near.any(), f"nothing near {sign} times {name}"
    assert (found == np.round(found * 4) / 4).mean() > 0.2, "short dyadic numbers"
    assert np.abs(found).max() > fmt.largest / 1000
    assert not np.isinf(found).any()


@pytest.mark.parametrize(("format", "has"), [("float32", True), ("float8_e4m3fn", False)])
def test_minus_infinity_is_drawn_where_it_is_asked_for_and_exists(format, has):
    assert np.isneginf(drawn(logits(format, special=True), 100)).any() == has
    assert not np.isnan(drawn(logits(format, special=True), 100)).any()
    assert np.isneginf([float.fromhex(c.rows[0][0]) for c in drawn(explicit_cases(format), 100)]).any() == has


def test_explicit_rows_are_found_at_every_size_with_every_label():
    found = drawn(explicit_cases("float32"))
    assert {c.classes for c in found} == {2, 3, 4, 5, 6}
    assert {c.label_values[0] for c in found} == set(range(6))
    assert all(c.label_values[0] < c.classes == len(c.rows[0]) and c.rows_count == 1 for c in found)


RECIPES = recipe_cases("float32")
RANGES = {
    "ordinary": {"scale": (0.01, 200)},
    "offset": {"by": (-1e6, 1e6)},
    "edge": {"ulps": (-5, 5)},
    "gap": {"below": (0, 800)},
    "reach": {"depth": (0.01, 1.5)},
    "far rows": {"apart": (1, 800)},
    "peak": {"at": (0, 40), "height": (0, 100)},
    "ladder": {"step": (-60, 60)},
    "any float": {"top": (0.01, 1)},
}
"""Regimes with the ranges of their parameters in wide formats."""


def test_every_regime_is_drawn_over_the_range_of_its_parameters():
    found = drawn(RECIPES, 500)
    assert {c.regime for c in found} == set(RANGES)
    for regime, ranges in RANGES.items():
        parameters = [dict(c.parameters) for c in found if c.regime == regime]
        assert all(set(p) == {*ranges, *(["at"] if regime == "edge" else [])} for p in parameters)
        for name, (low, high) in ranges.items():
            values = [p[name] for p in parameters]
            assert low <= min(values) <= low + 0.3 * (high - low)
            assert high - 0.3 * (high - low) <= max(values) <= high
    edges = {dict(c.parameters)["at"] for c in found if c.regime == "edge"}
    assert edges == set(thresholds(formats.lookup("float32")))


def test_parameters_stay_in_the_range_of_a_narrow_format():
    top = formats.lookup("float8_e4m3fn").largest / 8
    for case in drawn(recipe_cases("float8_e4m3fn")):
        given = dict(case.parameters)
        limits = {"scale": top, "by": top, "below": top, "apart": top, "height": top, "step": top / 64}
        assert all(abs(given[name]) <= limit for name, limit in limits.items() if name in given)


def test_shapes_are_few_and_layouts_labels_and_seeds_are_many():
    found = drawn(RECIPES, 500)
    assert {(c.rows_count, c.classes) for c in found} == {*SMALL_SHAPES, (1, 5), (1, 33)}
    assert {c.layout for c in found} == set(LAYOUTS)
    assert {c.labels for c in found} == set(LABELS) == {"argmax", "argmin", "first", "last", "random"}
    seeds = {c.seed for c in found}
    assert len(seeds) > 100
    assert 0 <= min(seeds) <= max(seeds) <= 2**16
    assert max(seeds) > 2**15
