"""A subject is given up after three fatal faults in a row, or four hangs in all."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import REFERENCES, call_of, exact_of, fault_reply, judgement_of, rows_case, terms

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.engine.judge import judge
from softcert.engine.run_control import RunControl
from softcert.executors.protocol import FaultKind

CALL = call_of("softmax", [[0.0, 1.0]])


def fault(kind, call=CALL):
    return judge(call, terms(), fault_reply(kind), REFERENCES)


def right():
    return judgement_of(CALL, exact_of(CALL))


def control_after(*judgements):
    control = RunControl()
    for judgement in judgements:
        control.record(judgement)
    return control


@pytest.mark.parametrize("kind", [FaultKind.CRASH, FaultKind.EXIT, FaultKind.MEMORY, FaultKind.HANG])
def test_three_fatal_faults_in_a_row_exhaust_a_subject(kind):
    assert not control_after(fault(kind), fault(kind)).exhausted
    assert control_after(fault(kind), fault(kind), fault(kind)).exhausted
    assert not control_after(fault(kind), fault(kind), right(), fault(kind)).exhausted


def test_exceptions_do_not():
    assert not control_after(*[fault(FaultKind.EXCEPTION)] * 9).exhausted


def test_four_hangs_in_all_do():
    hang = fault(FaultKind.HANG)
    assert not control_after(hang, right(), hang, right(), hang, right()).exhausted
    assert control_after(hang, right(), hang, right(), hang, right(), hang).exhausted


def test_a_call_that_could_not_be_made_counts_neither_way():
    crash, declined = fault(FaultKind.CRASH), fault(FaultKind.UNSUPPORTED)
    assert control_after(crash, crash, declined, crash).exhausted


def test_an_empty_input_that_was_refused_counts_neither_way():
    crash = fault(FaultKind.CRASH)
    empty = build_call("softmax", build(rows_case(np.zeros((0, 3)), np.zeros(0, int))))
    assert control_after(crash, crash, fault(FaultKind.EXCEPTION, empty), crash).exhausted
