"""Probes: failing and passing calls of one unit, with what was exact and what came."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.certify import certify_one
from softcert.certification.plan import Plan
from softcert.diagnosis.probes import PROBES, gather, has_claimed_options, spread
from softcert.expected.reference import ReferenceCache

PLAN = Plan.of("quick", isolation="none")


def unit_of(function, operation="softmax", **fields):
    implementation = Implementation("mine", {operation: function}, ("float32",), **fields)
    return certify_one(implementation, PLAN).unit(operation, "float32")


def test_items_are_taken_evenly_from_a_long_list():
    assert spread([1, 2, 3], 5) == [1, 2, 3]
    assert spread(list(range(101)), 5) == [0, 25, 50, 75, 100]


def test_half_of_the_probes_may_fail_and_the_rest_pass():
    probes = gather(unit_of(lambda x: softmax(x) * np.float32(1 + (x.shape[1] % 2))), ReferenceCache())
    failing = [p for p in probes if p.failing]
    assert len(failing) == PROBES // 2
    assert PROBES <= len(probes) <= PROBES + 12
    assert all(p.case.classes % 2 for p in failing if not p.failed_properties)
    assert all(not p.wrong_there.any() for p in probes if not p.failing)


def test_a_wrong_element_is_marked_where_it_stands():
    def one_element(x):
        p = softmax(x)
        p[:1, :1] += np.float32(0.25)
        return p

    probe = next(p for p in gather(unit_of(one_element, max_classes=8, max_rows=4), ReferenceCache()) if p.failing)
    assert probe.wrong_there[0, 0]
    assert probe.wrong_there.sum() == 1


def test_cases_with_options_are_probes_of_their_own():
    def softened(x, *, temperature=1.0):
        return softmax(x)  # ignores it

    unit = unit_of(softened, options=("temperature",), max_classes=16, max_rows=8)
    references = ReferenceCache()
    plain, with_options = gather(unit, references), gather(unit, references, options=True)
    assert not any(has_claimed_options("softmax", p.case) for p in plain)
    assert all(has_claimed_options("softmax", p.case) for p in with_options)
    assert not any(p.failing for p in plain)
    assert any(p.failing for p in with_options)


@pytest.mark.parametrize("got", [np.inf, np.nan])
def test_an_infinity_is_right_only_beyond_the_largest_number(got):
    probes = gather(unit_of(lambda x: 2 * softmax(x), max_classes=8, max_rows=4), ReferenceCache())
    probe = next(p for p in probes if p.accepted is None or not p.accepted.applies.any())
    assert probe.wrong(np.full(probe.exact.shape, got)).all()
