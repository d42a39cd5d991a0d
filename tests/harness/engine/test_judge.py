"""Judging a call is a pure function of the call and its reply."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import (
    REFERENCES,
    call_of,
    exact_of,
    fault_reply,
    judgement_of,
    reply_of,
    rows_case,
    softmax,
    terms,
)

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.engine.judge import DECLINED, LAYOUTS, judge
from softcert.executors.protocol import OVERWRITTEN, FaultKind
from softcert_oracle.levels import Level

CALL = call_of("softmax", [[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])


def outcome(judgement):
    return [(c.property_name, c.level, c.checked, c.violated, c.ratio) for c in judgement.checks]


def test_the_same_call_and_reply_are_judged_alike_every_time():
    wrong = 2 * exact_of(CALL)
    first = judgement_of(CALL, wrong)
    judgement_of(CALL, exact_of(CALL))
    assert outcome(judgement_of(CALL, wrong)) == outcome(first)
    assert outcome(first) == outcome(first)


def test_an_output_that_is_not_stable_is_not_checked_at_higher_levels():
    assert {c.level for c in judgement_of(CALL, exact_of(CALL)).values()} == set(Level)
    assert max(c.level for c in judgement_of(CALL, 2 * exact_of(CALL)).values()) <= Level.STABLE


def test_only_the_levels_that_are_asked_for_are_checked():
    judgement = judgement_of(CALL, exact_of(CALL))
    assert {c.level for c in judgement.up_to(Level.STABLE)} == {Level.SOUND, Level.STABLE}
    assert Level.ACCURATE in {c.level for c in judgement.up_to(Level.ACCURATE)}
    assert Level.FAITHFUL not in {c.level for c in judgement.up_to(Level.ACCURATE)}


def test_a_call_that_could_not_be_made_has_a_reason_and_no_check():
    judgement = judge(CALL, terms(), fault_reply(FaultKind.UNSUPPORTED, "no such view"), REFERENCES)
    assert judgement.declined == "no such view"
    assert judgement.checks == ()
    assert judgement.fault is None


def test_a_call_that_the_worker_declines_is_a_violation_with_its_reason():
    """Alone it is one, so that it can be shrunk and replayed; the tally knows whether the whole unit was declined."""
    judgement = judge(CALL, terms(), fault_reply(FaultKind.UNAVAILABLE, "no such format"), REFERENCES)
    assert judgement.unavailable == "no such format"
    (check,) = judgement.checks
    assert (check.property_name, check.cause, check.failed) == ("completes", DECLINED, True)
    assert "other calls of the operation in this format are answered: no such format" in check.message


def test_a_label_out_of_range_may_be_declined_where_the_contract_refuses_it():
    """A program has no other way to refuse one."""
    invalid = build_call("cross_entropy", build(rows_case([[0.0, 1.0]], [2])))
    promises = terms("cross_entropy", invalid_labels="refuse")
    judgement = judge(invalid, promises, fault_reply(FaultKind.UNAVAILABLE), REFERENCES)
    assert [(c.property_name, c.failed) for c in judgement.checks] == [("invalid_labels", False)]


@pytest.mark.parametrize("kind", [k for k in FaultKind if k is not FaultKind.UNSUPPORTED])
def test_every_other_fault_is_a_failing_check(kind):
    judgement = judge(CALL, terms(), fault_reply(kind), REFERENCES)
    assert judgement.fault == kind
    assert any(c.failed for c in judgement.checks)
    assert judgement.output is None


def test_an_error_for_an_empty_input_is_right():
    empty = build_call("softmax", build(rows_case(np.zeros((0, 3)), np.zeros(0, int))))
    judgement = judge(empty, terms(), fault_reply(FaultKind.EXCEPTION), REFERENCES)
    assert [c.failed for c in judgement.checks] == [False]
    assert judgement.fault is None


def test_a_result_that_the_next_call_overwrites_is_not_repeatable():
    reply = reply_of(exact_of(CALL), observations=((OVERWRITTEN, "by the next call"),))
    failed = [c for c in judge(CALL, terms(), reply, REFERENCES).checks if c.failed]
    assert [(c.property_name, c.cause) for c in failed] == [("repeatable", "overwritten")]


@pytest.mark.parametrize(("factor", "fails"), [(1.0, False), (2.0, True)])
def test_an_unusual_layout_has_a_check_of_its_own_that_fails_as_the_values_do(factor, fails):
    strided = build_call("softmax", build(rows_case([[0.0, 1.0, 2.0]], [0], layout="column stride")))
    checks = {c.property_name: c for c in judgement_of(strided, factor * softmax(np.array([[0.0, 1, 2]]))).values()}
    assert checks[LAYOUTS].failed is fails
    assert LAYOUTS not in {c.property_name for c in judgement_of(CALL, exact_of(CALL)).values()}


def test_the_check_of_stable_accuracy_is_at_hand():
    check = judgement_of(CALL, exact_of(CALL)).stable_accuracy
    assert (check.property_name, check.level, check.checked) == ("accuracy", "stable", 6)
    nothing = call_of("softmax", [[np.nan, 1.0]])
    assert judgement_of(nothing, [[np.nan, np.nan]]).stable_accuracy is None
