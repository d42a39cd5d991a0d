"""A verdict counts only if the executed arguments bear it out."""

import dataclasses

import pytest

from softcert_oracle.claims import check, claims
from softcert_oracle.symbolic import Outcome

IDS = [c.id for c in claims()]


@pytest.mark.parametrize("identity", IDS)
def test_a_verdict_that_is_declared_wrongly_is_unsettled(identity):
    claim = next(c for c in claims() if c.id == identity)
    if claim.verdict == "proved":
        assert check(dataclasses.replace(claim, claimed=claim.mutant, mutant=claim.claimed)).verdict == "unsettled"
        assert check(dataclasses.replace(claim, mutant=None)).verdict == "unsettled"
    else:
        swapped = dataclasses.replace(claim, claimed=claim.correction, correction=claim.claimed)
        assert check(swapped).verdict == "unsettled"
        assert check(dataclasses.replace(claim, correction=None)).verdict == "unsettled"


def test_a_proof_whose_argument_accepts_anything_is_unsettled():
    claim = claims()[0]
    anything = dataclasses.replace(claim.claimed, argument=lambda: [("anything", Outcome(True, "accepted"))])
    assert check(dataclasses.replace(claim, claimed=anything, mutant=anything)).verdict == "unsettled"
