"""Pairs of batches: what they consist of, and when there are any."""

from __future__ import annotations

import pytest
from tests.harness.building import terms

from softcert.cases.case import Case
from softcert.cases.claims import batches
from softcert.cases.inputs import build
from softcert.properties import states
from softcert_oracle.numbers import formats

FLOAT32 = formats.lookup("float32")


def pairs(operation="softmax", **claims):
    return list(batches.cases(operation, FLOAT32, terms(operation, **claims)))


def test_nothing_is_called_without_a_claim():
    assert pairs() == []


def test_a_mean_has_no_rows_and_losses_of_their_own_have():
    assert pairs("cross_entropy", batch_invariant=True) == []
    assert pairs("cross_entropy", batch_invariant=True, reduction="none")


def test_sizes_neighbours_layouts_and_repeated_calls_are_met():
    cases = pairs(batch_invariant=True, repeatable=True)
    assert {15, 16, 17, 64, 1025} <= {c.rows_count for c in cases}
    assert {"special", "far rows", "ordinary"} <= {c.regime for c in cases}
    assert {"Fortran", "row stride"} <= {c.second_layout for c in cases}
    assert {"second batch", "many times", "interleaved"} == {c.state for c in cases}


@pytest.mark.parametrize("number", range(0, 500, 83))
def test_the_second_batch_is_rows_of_the_first(number):
    case = pairs(batch_invariant=True)[number]
    first = build(case)
    (step,) = states.steps(first)
    second = build(step.case)
    assert second.exact.tolist() == first.exact[list(case.second)].tolist()
    assert second.case.layout == case.second_layout


def test_a_pair_survives_the_document():
    for case in pairs(batch_invariant=True)[::50]:
        assert Case.from_json(case.to_json()) == case
