"""Every theorem of the list holds and shows its steps."""

from xml.etree import ElementTree

import pytest

from softcert_oracle.symbolic import proofs


@pytest.mark.parametrize("index", range(20))
def test_each_proof_holds_and_shows_its_steps(index):
    assert len(proofs()) == 20
    proof = proofs()[index]
    assert proof.holds, proof.counterexample
    assert proof.statement
    assert proof.method
    assert all(proof.steps)
    assert not proof.counterexample
    if proof.mathml:
        ElementTree.fromstring(proof.mathml)
