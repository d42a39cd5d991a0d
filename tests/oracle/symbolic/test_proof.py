"""A proof is made of outcomes: one that fails refutes it, and none at all proves nothing."""

import pytest

from softcert_oracle.symbolic import Outcome, every, prove


def test_nothing_decided_proves_nothing():
    with pytest.raises(ValueError, match="nothing was decided"):
        every([], "nothing")
    with pytest.raises(ValueError, match="no argument"):
        prove("nothing", [], method="none")
    refuted = prove("two parts", [("a", Outcome(True, "")), ("b", Outcome(False, "", "1"))], method="none")
    assert (refuted.holds, refuted.counterexample) == (False, "b: 1")
