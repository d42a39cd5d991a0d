"""Calls around a call: repeated, with another input between, row by row, in another order."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, judged, rows_case, softmax

from softcert.cases.call import build_call
from softcert.cases.inputs import build
from softcert.properties import states

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
