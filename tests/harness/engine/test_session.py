"""A session calls, judges and records; the contract's domain holds for every call that it makes."""

from __future__ import annotations

import numpy as np
from tests.harness.building import fault_reply, rows_case, session_of, softmax

from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.executors.protocol import FaultKind

CASES = [Case.of("ordinary", 2, n, "float32") for n in (3, 5, 9)]


def run(session, cases=CASES):
    return list(session.run_battery(list(cases), lambda done, total: None))


def test_cases_outside_the_domain_are_left_out_with_the_reason():
    session = session_of(softmax, max_classes=5)
    assert [c.classes for c in run(session)] == [3, 5]
    assert session.tally.domain.left_out == {"more than 5 classes": 1}
    assert session.admit(CASES[2]) == "more than 5 classes"


def test_relations_stay_within_the_domain_too():
    session = session_of(softmax, max_classes=10)
    session.run_relations(EFFORTS["standard"])
    assert max(r.arrays[0].shape[1] for r in session.caller.executor.requests) <= 10
    wide = session_of(softmax)
    wide.run_relations(EFFORTS["standard"])
    assert max(r.arrays[0].shape[1] for r in wide.caller.executor.requests) > 17


def test_the_parts_of_a_state_are_called_and_recorded():
    session = session_of(softmax)
    run(session, [Case.of("ordinary", 3, 4, "float32", state="alone")])
    assert [r.arrays[0].shape for r in session.caller.executor.requests] == [(3, 4), (1, 4), (1, 4), (1, 4)]
    assert session.tally.tallies.by_property["batch_independence", "sound"].cases == 3


def test_a_subject_that_keeps_ending_its_process_is_given_up():
    session = session_of(lambda x: fault_reply(FaultKind.CRASH))
    assert len(run(session)) == 2
    assert session.control.exhausted
    assert any("given up" in reason for reason in session.tally.domain.not_run)


def test_progress_counts_the_cases():
    seen = []
    list(session_of(softmax).run_battery(CASES, lambda done, total: seen.append((done, total))))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_inputs_of_a_battery_case_are_built_once(monkeypatch):
    from softcert.engine import session as module

    built = []
    monkeypatch.setattr(module, "build", lambda case: built.append(case) or build(case))
    session = session_of(softmax, max_abs_logit=100.0)
    run(session)
    assert len(built) == len(CASES)


def test_an_output_of_its_own_operation_is_recorded():
    session = session_of(softmax)
    output = session.output("softmax", rows_case([[0.0, 1.0]], [0]))
    assert np.allclose(output.got.sum(), 1)
    assert session.tally.tallies
