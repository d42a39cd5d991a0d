"""Structural properties: each holds for the exact result, and fails for a result that breaks it beyond its slack."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import call_of, exact_of, judged

from softcert.properties import structure
from softcert_oracle.levels import Level

ROWS = [[0.0, 1.0, 2.0, 2.0], [3.0, -1.0, 0.5, 0.5]]


def failed(operation, change, rows=ROWS, labels=(1, 0), **claims):
    call = call_of(operation, rows, list(labels))
    got = change(exact_of(call, **claims).copy())
    return {c.property_name for c in structure.check(judged(call, got, **claims)) if c.failed}


def put(index, value):
    def change(got):
        got[index] = value(got) if callable(value) else value
        return got

    return change


@pytest.mark.parametrize("operation", ["softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad"])
def test_exact_results_have_every_property(operation):
    assert failed(operation, lambda got: got) == set()
    assert failed(operation, lambda got: got.astype(np.float32).astype(float)) == set()


@pytest.mark.parametrize(
    ("operation", "change", "broken"),
    [
        ("softmax", lambda p: p * 1.01, "sum_to_one"),
        ("softmax", put((0, 0), -1e-30), "range"),
        ("softmax", put((1, 0), 1.2), "range"),
        ("softmax", lambda p: p[:, ::-1], "order"),
        ("softmax", put((0, 3), lambda p: p[0, 2] * 1.01), "ties"),
        ("log_softmax", put((1, 0), 0.25), "range"),
        ("log_softmax", lambda p: p[:, ::-1], "order"),
        ("log_softmax", put((0, 3), lambda p: p[0, 2] + 0.01), "ties"),
        ("logsumexp", put((0,), 1.0), "lse_bounds"),
        ("logsumexp", put((1,), 9.0), "lse_bounds"),
        ("cross_entropy", lambda loss: -loss, "loss_sign"),
        ("cross_entropy_grad", lambda g: -g, "gradient_signs"),
        ("cross_entropy_grad", lambda g: g + 0.1, "gradient_sum"),
        ("cross_entropy_grad", lambda g: g * 9, "gradient_range"),
    ],
)
def test_a_result_that_breaks_a_property_fails_it(operation, change, broken):
    assert broken in failed(operation, change)


def test_a_violation_is_given_at_the_lowest_level_that_it_breaks():
    call = call_of("softmax", ROWS)
    (check,) = [c for c in structure.check(judged(call, exact_of(call) * 1.5)) if c.property_name == "sum_to_one"]
    assert (check.level, check.unit) == (Level.SOUND, "slack")


def test_the_row_of_the_whole_output_is_named_where_special_rows_stand_before_it():
    call = call_of("softmax", [[np.nan, 0.0], [0.0, 0.0], [0.0, 1.0]])
    got = exact_of(call)
    got[2] = [0.9, 0.9]
    (check,) = [c for c in structure.check(judged(call, got)) if c.property_name == "sum_to_one"]
    assert check.index[0] == 2
    assert check.checked == 2


def test_a_nan_fails_the_sum_and_not_the_order():
    assert failed("softmax", put((0, 0), np.nan)) == {"sum_to_one"}


def test_calls_with_options_have_no_structural_statements():
    from tests.harness.building import REFERENCES, rows_case, terms

    from softcert.cases.call import build_call
    from softcert.cases.inputs import build

    call = build_call("softmax", build(rows_case(ROWS, [0, 0], options=(("temperature", 2.0),))))
    contract = terms(options=("temperature",))
    exact = REFERENCES.of(call, contract).exact.to_float()
    assert structure.check(judged(call, exact, options=("temperature",))) == []
