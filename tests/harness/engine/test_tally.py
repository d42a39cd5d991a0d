"""The tally alone records, each call once; what says nothing new is dropped there."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import (
    REFERENCES,
    call_of,
    exact_of,
    judgement_of,
    reply_of,
    rows_case,
    session_of,
    softmax,
    terms,
)

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.engine.judge import LAYOUTS, judge
from softcert.engine.tally import RunTally
from softcert.executors.protocol import Fault, FaultKind, Reply
from softcert.properties.check import Check
from softcert_oracle.levels import Level
from softcert_reports.document.verdicts.units import Unit

CALL = call_of("softmax", [[0.0, 1.0, 2.0]])


def tally_of(*judgements):
    tally = RunTally("softmax", "float32")
    for judgement in judgements:
        tally.record(judgement)
    return tally


def test_judging_records_nothing():
    def chatty(x):
        return reply_of(softmax(x), observations=(("stdout", "hello"),))

    session = session_of(chatty)
    inputs = build(rows_case([[0.0, 1.0, 2.0]], [0]))
    for _ in range(5):
        session.judge(inputs)
    assert session.tally.observations == {}
    assert not session.tally.tallies
    session.run(inputs)
    assert session.tally.observations == {("stdout", "hello"): 1}


def test_a_failing_call_that_is_not_recorded_leaves_the_layouts_in_question():
    session = session_of(lambda x: 2 * softmax(x))
    session.judge(build(rows_case([[0.0, 1.0, 2.0]], [0])))
    session.run(build(rows_case([[0.0, 1.0, 2.0]], [0], layout="Fortran")))
    assert (LAYOUTS, Level.STABLE) in session.tally.tallies.by_property or (
        LAYOUTS,
        Level.SOUND,
    ) in session.tally.tallies.by_property


def test_layouts_are_not_blamed_once_contiguous_inputs_fail_too():
    strided = build_call("softmax", build(rows_case([[0.0, 1.0, 2.0]], [0], layout="Fortran")))
    wrong = 2 * exact_of(CALL)
    tally = tally_of(judgement_of(CALL, wrong), judgement_of(strided, wrong))
    assert LAYOUTS not in {name for name, _ in tally.tallies.by_property}
    first = tally_of(judgement_of(strided, wrong))
    assert LAYOUTS in {name for name, _ in first.tallies.by_property}


def test_checks_of_a_lost_level_are_dropped():
    almost = exact_of(CALL).astype(np.float32) * np.float32(1 + 2**-21)
    tally = tally_of(*[judgement_of(CALL, almost)] * 8)
    assert tally.tallies.by_property["accuracy", Level.STABLE].cases == 8
    assert tally.tallies.by_property["accuracy", Level.FAITHFUL].cases == 5
    assert Unit(operation=tally.operation, format=tally.format, parts=tally.tallies.counts()).level in (
        Level.STABLE,
        Level.ACCURATE,
    )


def test_a_declined_call_is_counted_as_not_run_and_as_nothing_else():
    declined = judge(CALL, terms(), Reply(fault=Fault(FaultKind.UNSUPPORTED, "no views")), REFERENCES)
    tally = tally_of(declined)
    assert tally.domain.not_run == {"no views": 1}
    assert not tally.tallies


def unavailable(call=CALL, reason="no such format"):
    return judge(call, terms(), Reply(fault=Fault(FaultKind.UNAVAILABLE, reason)), REFERENCES)


def test_a_unit_in_which_every_call_is_declined_was_not_run():
    tally = tally_of(*[unavailable()] * 3)
    assert tally.domain.not_run == {"no such format": 3}
    assert not tally.tallies


@pytest.mark.parametrize("order", [(0, 0, 1), (1, 0, 0), (0, 1, 0)])
def test_declined_calls_beside_answered_ones_are_violations_in_any_order(order):
    """A subject that declines what it cannot do would otherwise be certified on the rest."""
    kinds = (unavailable(), judgement_of(CALL, exact_of(CALL)))
    tally = tally_of(*[kinds[k] for k in order])
    completes = tally.tallies.by_property["completes", Level.SOUND]
    assert (completes.cases, completes.violated) == (3, 2)
    assert not tally.domain.not_run
    assert tally.tallies.failed(Level.SOUND)


def test_an_empty_input_may_be_declined():
    empty = call_of("softmax", np.zeros((0, 3)))
    tally = tally_of(unavailable(empty), judgement_of(CALL, exact_of(CALL)))
    assert not tally.tallies.failed(Level.SOUND)
    assert not tally_of(unavailable(empty)).tallies


def test_rows_of_the_table_of_special_values_are_shown_as_they_came():
    infinite = call_of("softmax", [[np.inf, 0.0]])
    tally = tally_of(judgement_of(infinite, [[np.nan, np.nan]]))
    assert tally.special_rows["one +inf"] == ("nan, nan", "1 or nan", "pass")
    tally.record(judgement_of(infinite, [[0.5, 0.5]]))
    assert tally.special_rows["one +inf"][2] == "fail"


def test_what_was_run_and_stored_follows_the_outputs():
    tally = tally_of(
        judgement_of(CALL, exact_of(CALL)), judgement_of(call_of("softmax", [[4.0] * 7] * 2), [[1 / 7] * 7] * 2)
    )
    assert (tally.domain.classes, tally.domain.rows, tally.domain.largest_logit) == ((3, 7), (1, 2), 4.0)
    assert tally.domain.elements == 17
    assert len(tally.curves.points) == 2
    assert tally.curves.histogram.sum() == 17


def test_a_check_of_several_calls_tells_that_equal_calls_differ():
    tally = RunTally("softmax", "float32")
    check = Check(property_name="repeatable", level=Level.SOUND, checked=3, violated=1, cause="bits")
    tally.record_checks(CALL.case, (check,))
    assert tally.observations["equal calls differ", "two equal calls differ bitwise, within the slack"] == 1
