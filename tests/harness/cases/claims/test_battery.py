"""The cases of all claims together."""

from __future__ import annotations

from tests.harness.building import terms

from softcert.cases.claims import battery


def test_the_default_contract_claims_nothing():
    assert list(battery.cases("cross_entropy", terms("cross_entropy"), 0)) == []


def test_every_claim_brings_cases_and_the_seed_of_the_run_is_theirs():
    claims = {"input_kinds": ["lists"], "empty_batch": "result", "batch_invariant": True, "max_rows": 9}
    cases = list(battery.cases("softmax", terms(**claims), 7))
    assert {"lists", "arrays"} == {c.kind for c in cases}
    assert {c.seed for c in cases} == {7}
    assert {0, 9} <= {c.rows_count for c in cases}
