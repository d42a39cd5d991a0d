"""A session calls, judges and records; the contract's domain holds for every call that it makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.building import fault_reply, rows_case, session_of, softmax

from softcert.cases.case import Case
from softcert.cases.effort import EFFORTS
from softcert.cases.inputs import build
from softcert.executors.protocol import FaultKind
from softcert.expected.reference import ReferenceCache

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
    from softcert.expected import case_cache

    built = []
    monkeypatch.setattr(case_cache, "build", lambda case: built.append(case) or build(case))
    session = replace(session_of(softmax, max_abs_logit=100.0), references=ReferenceCache())
    run(session)
    assert len(built) == len(CASES)
    run(replace(session_of(softmax), references=session.references))  # another subject of the run
    assert len(built) == len(CASES)


def test_an_output_of_its_own_operation_is_recorded():
    session = session_of(softmax)
    output = session.output("softmax", rows_case([[0.0, 1.0]], [0]))
    assert np.allclose(output.got.sum(), 1)
    session.settle()
    assert session.tally.tallies


def test_a_block_is_judged_as_each_call_by_itself():
    """The judgements of a block come in the order of the calls, recorded, with the checks of single ones."""

    def wrong_at_five(x):
        return softmax(x) * np.float32(1.5 if x.shape[1] == 5 else 1)

    session, alone = session_of(wrong_at_five), session_of(wrong_at_five)
    judgements = session.run_block([build(case) for case in CASES])
    single = [alone.run(build(case)) for case in CASES]
    assert [j.case for j in judgements] == CASES
    for one, other in zip(judgements, single, strict=True):
        assert [(c.property_name, c.level, c.failed) for c in one.checks] == [
            (c.property_name, c.level, c.failed) for c in other.checks
        ]
    assert session.tally.tallies.counts() == alone.tally.tallies.counts()
    assert any(c.failed for c in judgements[1].checks)


def test_a_block_ends_where_the_subject_is_given_up():
    """Calls that end the process cost a new one each: the rest of the block is not made."""
    session = session_of(lambda x: fault_reply(FaultKind.CRASH))
    judgements = session.run_block([build(case) for case in 4 * CASES])
    assert session.control.exhausted
    assert len(judgements) == session.tally.tallies.by_property["completes", "sound"].violated == 3


def test_a_block_that_the_user_stops_is_recorded_as_far_as_it_went():
    """Ctrl-C loses no result that is there."""

    def stopped(x):
        if x.shape[1] == 9:
            raise KeyboardInterrupt
        return softmax(x)

    session = session_of(stopped)
    with pytest.raises(KeyboardInterrupt):
        session.run_block([build(case) for case in CASES])
    assert session.tally.tallies.by_property["accuracy", "stable"].cases == 2


def test_relations_are_compared_after_the_block_of_their_calls():
    """In the order of the calls, and then in that of the relations."""
    session = session_of(softmax)
    recorded = []
    session.tally.record_all = lambda judged, table: recorded.extend(judgement.case for judgement in judged)
    session.tally.record_checks = lambda case, checks: recorded.append(checks[0].property_name)
    session.run_relations(replace(EFFORTS["quick"], relations=1))
    shapes = [entry if isinstance(entry, str) else (entry.rows_count, entry.classes) for entry in recorded]
    assert shapes[:6] == [(2, 5), (2, 5), (2, 5), (2, 8), (2, 10), (1, 5)]
    assert shapes[6:] == ["shift", "permutation", "padding", "duplication", "batch_independence"]
