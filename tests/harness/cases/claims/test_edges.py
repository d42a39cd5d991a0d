"""The edges of a domain: cases just inside of it."""

from __future__ import annotations

import pytest
from tests.harness.building import terms

from softcert.cases import domain
from softcert.cases.claims import edges
from softcert.cases.inputs import build
from softcert_oracle.numbers import formats

CLAIMS = [
    {"min_classes": 6},
    {"max_classes": 50},
    {"classes_multiple_of": 48, "max_classes": 100},
    {"max_rows": 16},
    {"max_rows": 0},
    {"max_abs_logit": 37.3},
    {"max_abs_logit": 0.1, "min_classes": 5},
]


def cases(format="float32", **claims):
    return list(edges.cases("softmax", formats.lookup(format), terms("softmax", format, **claims)))


def test_the_default_contract_has_no_edge():
    assert cases() == []


@pytest.mark.parametrize("format", ["float32", "bfloat16"])
@pytest.mark.parametrize("claims", CLAIMS)
def test_no_edge_lies_outside_the_domain_by_the_size_of_its_logits(claims, format):
    limits = {k: v for k, v in claims.items() if k == "max_abs_logit"}
    for case in cases(format, **claims):
        if case.rows is not None:
            assert domain.outside(build(case), terms("softmax", format, **limits)) == ""


def test_each_bound_is_reached():
    assert {c.rows_count for c in cases(max_rows=16)} >= {15, 16}
    assert 50 in {c.classes for c in cases(max_classes=50)}
    assert 6 in {c.classes for c in cases(min_classes=6)}
    assert {48, 96} <= {c.classes for c in cases(classes_multiple_of=48)}
    assert max(build(c).largest_logit for c in cases(max_abs_logit=37.5)) == 37.5


def test_a_bound_beyond_any_memory_makes_no_case():
    assert cases(max_rows=10**12, max_classes=10**12) == []
