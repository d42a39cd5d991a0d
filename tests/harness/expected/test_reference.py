"""References are computed once for all who ask for the same, and only for them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from cachetools import LRUCache

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.commands.job_process import dumped
from softcert.expected.reference import Reference, ReferenceCache
from softcert_implementations.contract import Contract
from softcert_oracle.levels import Level

CASE = Case.of("ordinary", 3, 5, "float32")


def reference(
    cache: ReferenceCache, case: Case = CASE, operation: str = "cross_entropy", **claims: object
) -> Reference:
    return cache.of(build_call(operation, build(case)), Contract(claims).terms(operation, "float32"))


def test_subjects_of_one_contract_share_a_reference_whatever_else_they_claim():
    cache = ReferenceCache()
    first = reference(cache).computed
    assert reference(cache).computed is first
    assert reference(cache, CASE.with_(layout="Fortran")).computed is first
    assert reference(cache, special_values="nan").computed is first
    assert first.limit(Level.STABLE) is reference(cache).limit(Level.STABLE)


def test_nothing_is_computed_before_it_is_asked_for():
    """Most calls are judged in blocks, which need no exact result of a call alone."""
    cache = ReferenceCache()
    one = reference(cache)
    assert (one.shapes, one.labels.shape) == (((),), (3,))
    assert cache._computed.currsize == cache._small_rows.currsize == 0
    assert one.exact.shape == ()
    assert cache._computed.currsize == cache._small_rows.currsize == 15


@pytest.mark.parametrize(
    "other",
    [
        {"case": CASE.with_(seed=1)},
        {"case": CASE.with_(labels="first")},
        {"case": CASE.with_(label_dtype="int8")},
        {"operation": "cross_entropy_grad"},
        {"reduction": "sum"},
        {"exp_ulp": 1.0},
        {"summation": "pairwise"},
    ],
)
def test_references_differ_where_the_exact_result_or_a_limit_may(other):
    cache = ReferenceCache()
    assert reference(cache, **other).computed is not reference(cache).computed


def test_operations_share_the_rows_of_a_case():
    cache = ReferenceCache()
    inputs = build(CASE)
    assert cache.rows(inputs) is cache.rows(build(CASE.with_(labels="last", layout="row stride")))


def test_large_references_are_not_stored():
    cache = ReferenceCache()
    large = CASE.with_(rows_count=2, classes=4000)
    assert reference(cache, large).computed is not reference(cache, large).computed
    assert np.array_equal(reference(cache, large).exact.hi, reference(cache, large).exact.hi)


def test_caches_of_two_runs_are_apart():
    assert reference(ReferenceCache()).computed is not reference(ReferenceCache()).computed


def test_a_call_with_options_has_the_interface_of_a_plain_one():
    cache = ReferenceCache()
    smoothed = CASE.with_(options=(("label_smoothing", 0.1),))
    plain, with_options = reference(cache), reference(cache, smoothed, options=("label_smoothing",))
    for one in (plain, with_options):
        assert one.shapes == ((),)
        assert one.exact.shape == ()
        assert one.limit(Level.STABLE).numbers.shape == ()
        assert np.ndim(one.vacuous(Level.STABLE)) == 0
    assert reference(cache, smoothed, options=("label_smoothing",)) is with_options
    assert float(plain.exact.to_float()) != float(with_options.exact.to_float())


@pytest.mark.parametrize(
    ("operation", "reduction", "shapes"),
    [
        ("softmax", "mean", ((3, 5),)),
        ("logsumexp", "mean", ((3,),)),
        ("cross_entropy", "mean", ((),)),
        ("cross_entropy", "none", ((3,),)),
        ("cross_entropy_grad", "none", ((3, 5),)),
    ],
)
def test_shapes_come_from_the_table_of_operations(operation, reduction, shapes):
    assert reference(ReferenceCache(), operation=operation, reduction=reduction).shapes == shapes


@pytest.mark.parametrize(("reduction", "share"), [("mean", 3), ("sum", 1), ("none", 1)])
def test_results_limits_and_bounds_are_those_of_the_reduction(reduction, share):
    losses = reference(ReferenceCache(), reduction="none").exact.to_float()
    one = reference(ReferenceCache(), reduction=reduction)
    expected = losses if reduction == "none" else losses.sum() / share
    assert np.allclose(one.exact.to_float(), expected, rtol=1e-15)
    first = np.ravel(one.exact.to_float())[0]
    ((low, high),) = one.refine(np.array([0]), 100)
    for end in (low, high):
        assert end.mantissa * 2.0**end.exponent == pytest.approx(first, rel=1e-15)
    assert one.limit(Level.STABLE).numbers.shape == one.exact.shape


def test_limits_nest_and_what_is_asked_twice_is_made_once():
    one = reference(ReferenceCache(), operation="softmax")
    sound, stable = (one.limit(level).numbers.to_float() for level in (Level.SOUND, Level.STABLE))
    assert np.all(sound >= stable)
    assert one.limit(Level.SOUND) is not one.limit(Level.STABLE)
    assert one.vacuous(Level.STABLE) is one.vacuous(Level.STABLE)
    assert one.exact is one.exact


def test_labels_belong_to_operations_that_take_them():
    assert reference(ReferenceCache(), operation="softmax").labels is None
    inputs = build(CASE)
    assert np.array_equal(reference(ReferenceCache()).labels, inputs.labels)


@pytest.mark.parametrize(("classes", "stored"), [(4096, True), (4097, False)])
def test_references_are_stored_up_to_4096_logits(classes, stored):
    cache = ReferenceCache()
    case = CASE.with_(rows_count=1, classes=classes)
    smoothed = case.with_(options=(("label_smoothing", 0.1),))
    assert (reference(cache, case).computed is reference(cache, case).computed) is stored
    assert (
        reference(cache, smoothed, options=("label_smoothing",))
        is reference(cache, smoothed, options=("label_smoothing",))
    ) is stored


def test_the_rows_of_a_large_case_are_stored_apart():
    cache = ReferenceCache()
    small, large = build(CASE), build(CASE.with_(rows_count=1, classes=5000))
    assert cache.rows(large) is cache.rows(large)
    assert cache.rows(small) is cache.rows(small)
    assert cache._small_rows.currsize == small.exact.size
    assert cache._large_rows.currsize == 5000


def test_what_exceeds_the_budget_is_made_anew():
    cache = ReferenceCache()
    cache._large_rows = LRUCache(4999, lambda r: r.x.size)
    large = build(CASE.with_(rows_count=1, classes=5000))
    assert cache.rows(large) is not cache.rows(large)
    cache._large_rows = LRUCache(5000, lambda r: r.x.size)
    assert cache.rows(large) is cache.rows(large)


def test_a_reference_travels_to_another_process_without_its_cache():
    """What is shared in one process is computed again in another; the numbers are the same."""
    here = reference(ReferenceCache())
    there = pickle.loads(dumped(here))
    assert np.array_equal(there.exact.to_float(), here.exact.to_float())
