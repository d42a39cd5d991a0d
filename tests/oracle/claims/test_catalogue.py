"""Every claim of the seed documents has the verdict that its executed arguments bear out."""

import json
from xml.etree import ElementTree

import pytest

from softcert_oracle.claims import DOCUMENTS, claims, rulings, rulings_json

REFUTED = {"000-6", "000-7", "000-9", "002-16"}
CORRECTED = {
    "000-2",
    "000-12",
    "000-14",
    "001-1",
    "001-5",
    "001-6",
    "001-8",
    "001-11",
    "002-2",
    "002-3",
    "002-10",
    "002-12",
    "002-17",
    "002-19",
    "003-9",
    "004-5",
    "004-7",
    "004-11",
    "004-16",
    "004-18",
}

IDS = [c.id for c in claims()]


@pytest.fixture(scope="module")
def by_id():
    return {r.claim.id: r for r in rulings()}


def test_every_document_has_claims_and_every_claim_its_own_id():
    assert {c.seed for c in claims()} == set(DOCUMENTS)
    assert len(set(IDS)) == len(IDS)
    assert set(IDS) > REFUTED | CORRECTED
    assert all(c.quote and c.quote == c.quote.strip() for c in claims())


@pytest.mark.parametrize("identity", IDS)
def test_each_verdict_is_borne_out(by_id, identity):
    ruling = by_id[identity]
    expected = "refuted" if identity in REFUTED else "corrected" if identity in CORRECTED else "proved"
    assert ruling.verdict == expected
    assert ruling.claimed.holds == (expected == "proved")
    assert ruling.steps


@pytest.mark.parametrize("identity", [i for i in IDS if i not in REFUTED | CORRECTED])
def test_the_argument_of_a_proof_refutes_a_wrong_version(by_id, identity):
    ruling = by_id[identity]
    assert not ruling.mutant.holds
    assert ruling.mutant.counterexample
    assert type(ruling.claim.claimed.argument) is type(ruling.claim.mutant.argument)


@pytest.mark.parametrize("identity", sorted(REFUTED | CORRECTED))
def test_what_is_not_true_has_a_counterexample_and_a_proven_correction(by_id, identity):
    ruling = by_id[identity]
    assert any(c.isdigit() for c in ruling.claimed.counterexample)
    assert ruling.correction.holds
    assert ruling.correction.statement != ruling.claimed.statement


def test_the_numbers_of_the_known_refutations_are_shown(by_id):
    step = by_id["002-16"].claimed.counterexample
    assert "a_2 rises from 0.04 to 0.0429614" in step
    assert "(0.886976, 0.0429614, 0.0592903, 0.0107726)" in step
    assert "the claim gives -4, the truth is 1/4" in by_id["004-7"].claimed.counterexample
    assert "the claim gives -6, the truth is 5.17194" in by_id["001-11"].claimed.counterexample
    assert "wrong in [1, 2, 4] and right in [3]" in by_id["004-11"].claimed.counterexample


def test_a_slip_is_attacked_where_it_is_printed(by_id):
    """The sum of seed 000 has three terms; its slip is the name of its end. Sample 3 of 004 gets the exponent 3."""
    assert "3 is named, and the sum of the terms f_0, f_1, f_2 ends at 2" in by_id["000-2"].claimed.counterexample
    assert "the claim gives 24, the truth is 6" in by_id["004-18"].claimed.counterexample
    assert "it is so for 1 of 4, n = 3" in by_id["002-19"].claimed.counterexample
    assert "the claim gives 1/4 = 0.25, the truth is 1/2 = 0.5" in by_id["000-14"].claimed.counterexample


def test_a_remark_says_no_more_than_was_executed(by_id):
    """That other logits give the example's four numbers as well is a step of 001-9."""
    assert any("softmax(6, 3, 0, 4)" in step for step in by_id["001-9"].steps)
    assert "only" not in by_id["001-9"].claim.remark


def test_the_printed_derivative_of_softmax_is_the_diagonal(by_id):
    """Seed 001 differentiates P_j by z_j and states no other entry: what it prints is right."""
    ruling = by_id["001-13"]
    assert ruling.verdict == "proved"
    assert "diagonal" in ruling.steps[0]


def test_the_ledger_is_plain_data_with_well_formed_mathml():
    entries = rulings_json()
    assert json.loads(json.dumps(entries)) == entries
    assert [e["id"] for e in entries] == IDS
    for entry in entries:
        assert set(entry) == {
            "id",
            "seed",
            "quote",
            "statement",
            "verdict",
            "reconstructed",
            "mathml",
            "proof_steps",
            "corrected",
            "corrected_mathml",
            "counterexample",
            "method",
            "remark",
        }
        for field in ("mathml", "corrected_mathml"):
            if entry[field]:
                assert ElementTree.fromstring(entry[field]).tag == "{http://www.w3.org/1998/Math/MathML}math"


def test_formulas_that_were_lost_are_marked():
    marked = {e["id"] for e in rulings_json() if e["reconstructed"]}
    assert {"001-9", "001-11", "003-3", "003-5", "003-7"} <= marked
    assert not any(i.startswith(("000", "002", "004")) for i in marked)
