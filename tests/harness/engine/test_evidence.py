"""Outputs of small cases are stored, of large ones a few that fail; rows that are written out are not compared."""

from __future__ import annotations

import numpy as np
from tests.harness.building import REFERENCES, call_of, exact_of, fault_reply, judgement_of, terms

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.engine.evidence import Evidence
from softcert.engine.judge import judge
from softcert.executors.protocol import FaultKind


def recorded(*calls, factor=1.0):
    evidence = Evidence()
    for call in calls:
        judgement = judgement_of(call, factor * exact_of(call))
        evidence.record(judgement, judgement.values())
    return evidence


def calls(classes, count=1):
    return [build_call("softmax", build(Case.of("ordinary", 1, classes, "float32", seed=k))) for k in range(count)]


def test_small_outputs_are_stored_and_failing_ones_marked():
    (call,) = calls(5)
    assert recorded(call).failing_cases == set()
    assert np.allclose(recorded(call).outputs[call.case], exact_of(call), atol=1e-7)
    assert recorded(call, factor=2.0).failing_cases == {call.case}


def test_large_outputs_are_stored_where_they_fail_up_to_twelve():
    many = calls(600, 20)
    assert recorded(*many).outputs == {}
    assert recorded(*many).large_passing_cases == {c.case for c in many}
    assert len(recorded(*many, factor=2.0).outputs) == 12


def test_rows_that_are_written_out_are_not_stored():
    assert recorded(call_of("softmax", [[0.0, 1.0]])).outputs == {}


def test_properties_of_the_form_that_fail_are_stored_by_case():
    (call,) = calls(5)
    evidence = Evidence()
    evidence.record(judge(call, terms(), fault_reply(FaultKind.EXCEPTION), REFERENCES), ())
    assert evidence.failed_properties == {call.case: frozenset({"completes"})}
