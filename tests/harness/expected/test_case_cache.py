"""Batteries and inputs are made once in a run, within a budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.harness.building import terms

from softcert.cases.battery import battery
from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.expected.case_cache import CaseCache
from softcert_oracle.operations import CORE

QUICK = EFFORTS["quick"]
CASE = Case.of("ordinary", 3, 5, "float32")


def test_a_case_is_built_once_and_as_it_is_without_the_cache():
    cache = CaseCache()
    inputs = cache.inputs(CASE)
    assert cache.inputs(CASE.with_()) is inputs
    assert cache.inputs(CASE.with_(layout="Fortran")) is not inputs
    assert inputs.buffer.tobytes() == build(CASE).buffer.tobytes()
    assert CaseCache().inputs(CASE) is not inputs


def test_the_oldest_inputs_are_dropped_beyond_the_budget():
    """Arrays of some thousand bytes each, in a budget for two of them."""
    one = build(CASE)
    cache = CaseCache(2 * (one.buffer.nbytes + 2 * 2048))
    first = cache.inputs(CASE)
    for seed in (1, 2, 3):
        cache.inputs(CASE.with_(seed=seed))
    assert cache.inputs(CASE.with_(seed=3)) is cache.inputs(CASE.with_(seed=3))
    assert cache.inputs(CASE) is not first


def test_large_inputs_are_built_anew():
    """Few cases are large, and they would push out all the others."""
    large = CASE.with_(rows_count=1, classes=70_000)
    cache = CaseCache()
    assert cache.inputs(large) is not cache.inputs(large)
    assert CaseCache(100).inputs(CASE) is not None


def test_operations_share_the_cases_of_a_format():
    """Three operations without labels have the same cases, and two with labels."""
    cache = CaseCache()
    built = {}
    for operation in CORE:
        for case in cache.battery(operation, "float32", QUICK, terms(operation), 0):
            if case.size <= 512:
                built.setdefault(id(cache.inputs(case)), []).append(operation)
    shared = [len(operations) for operations in built.values()]
    assert sum(shared) > 2.2 * len(shared)


def test_a_battery_is_made_once_for_one_contract():
    """What it depends on stands in the key: reduction, label types, promises for invalid labels, options."""
    cache = CaseCache()
    given = ("cross_entropy", "float32", QUICK)
    first = cache.battery(*given, terms("cross_entropy"), 0)
    assert list(first) == battery(*given, terms("cross_entropy"), 0)
    assert cache.battery(*given, terms("cross_entropy", exp_ulp=1.0), 0) is first
    others = [{"label_dtypes": ("int32",)}, {"invalid_labels": "nan"}, {"options": ("weight",)}]
    for claims in others:
        contract = terms("cross_entropy", **claims)
        assert list(cache.battery(*given, contract, 0)) == battery(*given, contract, 0) != list(first)
    assert cache.battery(*given, terms("cross_entropy"), 1) != first
    assert cache.battery(*given[:2], replace(QUICK, seeds=2), terms("cross_entropy"), 0) != first


def test_nothing_of_a_case_is_written_to_by_building_a_call_twice():
    """Arrays are shared between calls, so they stay as they are."""
    from softcert.cases.call import build_call

    cache = CaseCache()
    inputs = cache.inputs(CASE.with_(layout="Fortran"))
    before = inputs.buffer.tobytes()
    first, second = (build_call("cross_entropy", inputs) for _ in range(2))
    assert first.request.arrays[0] is second.request.arrays[0]
    assert inputs.buffer.tobytes() == before
    assert np.array_equal(first.arguments["x"], inputs.exact)
