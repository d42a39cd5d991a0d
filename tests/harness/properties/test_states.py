"""Calls around a call: repeated, with another input between, row by row, in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, judged, rows_case, softmax

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.properties import states
from softcert.properties.check import Check
from softcert_oracle.levels import Level

ROWS = [[0.0, 1.0, 2.0], [3.0, -1.0, 0.5], [1.0, 1.0, -4.0]]


def checked(function, state, operation="softmax", **claims):
    """The checks of a state over a function of the logits (and the number of the call), and the inputs it got."""
    seen = []

    def run(name, case):
        call = build_call(name, build(case))
        seen.append(call.inputs.exact)
        return judged(call, function(call.inputs.exact, len(seen)), **claims)

    first = run(operation, rows_case(ROWS, [0, 1, 2], state=state))
    return list(states.check(run, first)), seen


def failed(function, state, **claims):
    return {(c.property_name, c.cause) for c in checked(function, state, **claims)[0] if c.failed}


@pytest.mark.parametrize("state", ["once", "twice", "interleaved", "alone", "reordered"])
def test_a_function_of_its_rows_has_no_violation(state):
    assert failed(lambda x, call: softmax(x), state) == set()


WIDE = np.arange(20.0).reshape(4, 5) / 4


def altered(function):
    """The checks of the state "altered" over a function of the logits and the number of the call."""
    calls = []

    def run(name, case):
        calls.append(case)
        call = build_call(name, build(case))
        return judged(call, function(call.inputs.exact, len(calls)))

    first = run("softmax", rows_case(WIDE, [0, 1, 2, 3], state="altered"))
    return list(states.check(run, first)), calls


def test_a_function_of_its_rows_passes_altered_inputs():
    checks, calls = altered(lambda x, call: softmax(x))
    assert len(checks) == len(calls) - 1 > 8
    assert not any(c.failed for c in checks)


def test_the_result_of_another_input_is_stale():
    checks, _ = altered(lambda x, call: softmax(WIDE))
    assert {(c.property_name, c.cause) for c in checks if c.failed} == {("repeatable", "stale")}
    assert sum(not c.failed for c in checks) == 1  # other labels alone: softmax has none, and its answer is right


def test_a_wrong_result_of_its_own_is_not_called_stale():
    checks, _ = altered(lambda x, call: softmax(x) + call)
    assert not any(c.failed for c in checks)


@pytest.mark.parametrize("state", ["twice", "interleaved"])
def test_a_result_that_depends_on_the_call_is_not_repeatable(state):
    assert failed(lambda x, call: softmax(x) + 0.1 * call, state) == {("repeatable", "value")}


@pytest.mark.parametrize("state", ["alone", "reordered"])
def test_a_row_that_depends_on_the_others_is_not_independent(state):
    assert failed(lambda x, call: softmax(x) + 0.1 * x[0, 0], state) == {("batch_independence", "value")}


def test_another_input_comes_between():
    _, seen = checked(lambda x, call: softmax(x), "interleaved")
    assert len(seen) == 3
    assert np.array_equal(seen[0], seen[2])


def test_each_row_is_called_alone():
    _, seen = checked(lambda x, call: softmax(x), "alone")
    assert [x.shape for x in seen] == [(3, 3), (1, 3), (1, 3), (1, 3)]
    _, seen = checked(lambda x, call: softmax(x), "reordered")
    assert np.array_equal(seen[1], seen[0][::-1])


def test_a_difference_within_the_slack_is_told_and_fails_only_where_the_contract_promises_bits():
    def last_bit(x, call):
        return softmax(x) * (1 + call * 2.0**-52)

    (check,), _ = checked(last_bit, "twice")
    assert not check.failed
    assert states.observation(check) is not None
    assert failed(last_bit, "twice", repeatable=True) == {("repeatable", "bits")}


def test_a_gradient_of_a_mean_is_compared_by_its_share():
    call = call_of("cross_entropy_grad", ROWS, [0, 1, 2])

    def run(name, case):
        part = build_call(name, build(case))
        return judged(part, exact_of(part))

    first = judged(build_call(call.operation, build(rows_case(ROWS, [0, 1, 2], state="alone"))), exact_of(call))
    checks = list(states.check(run, first))
    assert len(checks) == 3
    assert not any(c.failed for c in checks)


def test_the_other_input_is_another_input_of_the_same_kind():
    seen = []

    def run(name, case):
        call = build_call(name, build(case))
        seen.append(call.inputs.exact)
        return judged(call, exact_of(call))

    first = run("softmax", Case.of("ordinary", 2, 3, "float32", state="interleaved", seed=5))
    list(states.check(run, first))
    assert [x.shape for x in seen] == [(2, 3)] * 3
    assert not np.array_equal(seen[1], seen[0])
    assert np.array_equal(seen[1], build(first.case.with_(seed=6)).exact)


@pytest.mark.parametrize("state", ["once", "twice", "interleaved", "alone", "reordered"])
def test_a_call_without_an_output_is_compared_with_nothing(state):
    first = judged(build_call("softmax", build(rows_case(ROWS, [0, 1, 2], state=state))), np.zeros((3, 3)))
    assert list(states.check(lambda name, case: None, first)) == []


@pytest.mark.parametrize(("limits", "broken"), [(0.99, set()), (1.01, {("repeatable", "value")})])
def test_equal_calls_may_differ_by_the_sum_of_their_limits(limits, broken):
    call = build_call("softmax", build(rows_case(ROWS, [0, 1, 2])))
    limit = judged(call, exact_of(call)).limits(Level.SOUND)

    def on_either_side(x, number):
        return exact_of(call) + (limits if number == 1 else -limits) * limit

    assert failed(on_either_side, "twice") == broken


def test_a_difference_beyond_the_slack_is_its_size_whatever_the_contract_promises():
    assert failed(lambda x, call: softmax(x) + 0.1 * call, "twice", repeatable=True) == {("repeatable", "value")}


def test_equal_calls_that_are_equal_tell_nothing():
    (check,), _ = checked(lambda x, call: softmax(x), "twice", repeatable=True)
    assert (check.failed, check.message, check.cause) == (False, "", "")
    assert states.observation(check) is None


def test_bits_that_differ_are_counted_and_have_no_finite_ratio():
    def last_bit_of_one_row(x, call):
        return softmax(x) * np.array([[1 + call * 2.0**-52], [1], [1]])

    (check,), _ = checked(last_bit_of_one_row, "twice", repeatable=True)
    assert (check.cause, check.ratio, check.checked) == ("bits", np.inf, 9)
    assert 1 <= check.violated <= 3


@pytest.mark.parametrize(
    ("property_name", "cause", "message", "told"),
    [
        ("repeatable", "bits", "", True),
        ("repeatable", "", "two equal calls differ bitwise, within the slack", True),
        ("repeatable", "value", "", False),
        ("shift", "bits", "two equal calls differ bitwise, within the slack", False),
    ],
)
def test_an_observation_is_told_of_equal_calls_that_differ_bitwise(property_name, cause, message, told):
    check = Check(property_name=property_name, level=Level.SOUND, checked=1, cause=cause, message=message)
    said = ("equal calls differ", "two equal calls differ bitwise, within the slack")
    assert states.observation(check) == (said if told else None)


@pytest.mark.parametrize(("limits", "broken"), [(0.99, False), (1.01, True)])
@pytest.mark.parametrize("operation", ["softmax", "cross_entropy_grad"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("state", ["alone", "reordered"])
def test_a_row_may_differ_by_the_sum_of_the_limits_in_and_out_of_the_batch(limits, broken, operation, reduction, state):
    def off(call, by):
        exact = judged(call, exact_of(call, reduction=reduction), reduction=reduction)
        return replace(exact, got=exact.got + by * exact.limits(Level.SOUND))

    def run(name, case):
        assert case.state == "once"
        return off(build_call(name, build(case)), -limits)

    first = off(build_call(operation, build(rows_case(ROWS, [0, 1, 2], state=state))), limits)
    checks = list(states.check(run, first))
    assert len(checks) == (3 if state == "alone" else 1)
    assert {c.failed for c in checks} == {broken}


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("state", ["alone", "reordered"])
def test_losses_are_called_by_parts_and_not_compared(reduction, state):
    checks, seen = checked(
        lambda x, call: np.zeros(len(x) if reduction == "none" else ()), state, "cross_entropy", reduction=reduction
    )
    assert checks == []
    assert len(seen) == (4 if state == "alone" else 2)
