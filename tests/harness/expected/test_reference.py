"""Truths are computed once for all who ask for the same, and only for them."""

from __future__ import annotations

import numpy as np
import pytest

from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.expected.reference import Library, Truth, _Pool
from softcert_implementations.contract import Contract

CASE = Case("ordinary", 3, 5, "float32")


def truth(library: Library, case: Case = CASE, operation: str = "cross_entropy", **claims: object) -> Truth:
    return library.truth(operation, build(case), Contract(claims).terms(operation, "float32"))


def test_subjects_of_one_contract_share_the_truth_whatever_else_they_claim():
    library = Library()
    first = truth(library)
    assert truth(library) is first
    assert truth(library, CASE.with_(layout="Fortran")) is first
    assert truth(library, special_values="nan") is first
    assert first.limit("stable") is truth(library).limit("stable")


@pytest.mark.parametrize(
    "other",
    [
        {"case": CASE.with_(seed=1)}, {"case": CASE.with_(labels="first")}, {"case": CASE.with_(label_dtype="int8")},
        {"operation": "cross_entropy_grad"}, {"reduction": "sum"}, {"exp_ulp": 1.0}, {"summation": "pairwise"},
    ],
)  # fmt: skip
def test_what_the_truth_or_its_limits_depend_on_keeps_them_apart(other):
    library = Library()
    assert truth(library, **other) is not truth(library)


def test_operations_share_the_rows_of_a_case():
    library = Library()
    inputs = build(CASE)
    assert library.rows(inputs) is library.rows(build(CASE.with_(labels="last", layout="row stride")))


def test_large_truths_are_not_kept():
    library = Library()
    large = CASE.with_(rows_count=2, classes=4000)
    assert truth(library, large) is not truth(library, large)
    assert np.array_equal(truth(library, large).reference.hi, truth(library, large).reference.hi)


def test_a_pool_drops_what_was_asked_for_least_recently():
    pool = _Pool[str](10)
    made = []

    def get(name: str, size: int) -> str:
        return pool.get((name,), size, lambda: made.append(name) or name)

    for name in ("a", "b", "a", "c", "a", "b"):
        assert get(name, 4) == name
    assert made == ["a", "b", "c", "b"]
    assert get("larger than all", 40) == "larger than all"
