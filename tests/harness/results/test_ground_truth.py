"""What the report says of softcert's own truth is what is proven now."""

from __future__ import annotations

import json

from softcert.results import ground_truth


def test_the_shipped_ground_truth_is_proven_anew():
    shipped = ground_truth.shipped()
    proven = json.loads(json.dumps(ground_truth.proven()))
    assert [dict(c) for c in shipped.claims] == proven["claims"]
    assert [p.statement for p in shipped.proofs] == [p["statement"] for p in proven["proofs"]]
    assert all(p["holds"] for p in proven["proofs"])


def test_every_claim_of_the_seeds_has_a_verdict():
    claims = ground_truth.shipped().claims
    assert {c["seed"] for c in claims} == {"000", "001", "002", "003", "004"}
    assert {c["verdict"] for c in claims} == {"proved", "corrected", "refuted"}
    assert all(c["counterexample"] for c in claims if c["verdict"] == "refuted")


def test_the_witnesses_agreed_over_a_million_elements_in_each_format():
    agreed = ground_truth.shipped().witnesses
    assert {a.format for a in agreed} >= {"float64", "float32", "float16", "bfloat16"}
    assert all(a.disagreements == 0 for a in agreed)
    for format in ("float64", "float32", "float16", "bfloat16"):
        assert max(a.elements for a in agreed if a.format == format) >= 1_000_000
