"""Structural properties: each holds for the exact result, and fails for a result that breaks it beyond its slack."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import REFERENCES, call_of, exact_of, judged, terms

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
    from tests.harness.building import rows_case

    from softcert.cases.call import build_call
    from softcert.cases.inputs import build

    call = build_call("softmax", build(rows_case(ROWS, [0, 0], options=(("temperature", 2.0),))))
    contract = terms(options=("temperature",))
    exact = REFERENCES.of(call, contract).exact.to_float()
    assert structure.check(judged(call, exact, options=("temperature",))) == []


def checked(operation, rows, change, label=0, **claims):
    """The checks of the exact result, changed by a function of the result and its limits."""
    call = call_of(operation, rows, [label] * len(rows))
    exact = exact_of(call, **claims)
    got = change(exact.copy(), judged(call, exact, **claims).limits(Level.STABLE))
    return {c.property_name: c for c in structure.check(judged(call, got, **claims))}


def at(index, value):
    """A change that puts a function of the limit, and the number of limits, at an index."""

    def change_by(limits):
        def change(got, limit):
            got[index] = value(got[index], limits * limit[index])
            return got

        return change

    return change_by


def everywhere(sign):
    return lambda limits: lambda got, limit: got + limits * limit * np.array(sign)


NEAR = [[2.0**-40, 0.0]]  # probabilities of one half, the first a little larger
SLACKS = [
    ("softmax", "sum_to_one", [[0.0, 1.0, 2.0]], everywhere(1), (0,)),
    ("softmax", "range", [[50.0, 0.0]], at((0, 0), lambda got, by: 1 + by), (0, 0)),
    ("softmax", "order", NEAR, everywhere([-1, 1]), (0, 0)),
    ("softmax", "ties", [[1.0, 3.0, 1.0]], everywhere([1, 0, -1]), (0, 2)),
    ("softmax", "ties", [[0.0, 3.0, 3.0]], everywhere([0, 1, -1]), (0, 2)),
    ("log_softmax", "range", [[50.0, 0.0]], at((0, 0), lambda got, by: by), (0, 0)),
    ("log_softmax", "order", NEAR, everywhere([-1, 1]), (0, 0)),
    ("log_softmax", "ties", [[1.0, 3.0, 1.0]], everywhere([1, 0, -1]), (0, 2)),
    ("logsumexp", "lse_bounds", [[50.0, 0.0]], at((0,), lambda got, by: 50 - by), (0,)),
    ("logsumexp", "lse_bounds", [[0.0, 0.0, -np.inf]], at((0,), lambda got, by: got + by), (0,)),
    ("cross_entropy", "loss_sign", [[50.0, 0.0]], at((), lambda got, by: -by), ()),
    ("cross_entropy_grad", "gradient_signs", [[200.0, 0.0]], at((0, 0), lambda got, by: by), (0, 0)),
    ("cross_entropy_grad", "gradient_signs", [[200.0, 0.0]], at((0, 1), lambda got, by: -by), (0, 1)),
    ("cross_entropy_grad", "gradient_sum", [[0.0, 1.0, 2.0]], everywhere(1), (0,)),
    ("cross_entropy_grad", "gradient_range", [[-50.0, 0.0]], at((0, 0), lambda got, by: -1 - by), (0, 0)),
    ("cross_entropy_grad", "gradient_range", [[-50.0, 0.0]] * 2, at((1, 1), lambda got, by: 0.5 + by), (1, 1)),
]


@pytest.mark.parametrize(("operation", "name", "rows", "change_by", "index"), SLACKS)
def test_a_property_may_miss_by_its_slack_and_by_no_more(operation, name, rows, change_by, index):
    within = checked(operation, rows, change_by(0.99))[name]
    assert not within.failed
    beyond = checked(operation, rows, change_by(1.01))[name]
    assert (beyond.failed, beyond.index, beyond.cause) == (True, index, "value")
    assert (beyond.measured, beyond.limit) == (beyond.ratio, 1.0)
    if name != "gradient_signs":  # the ratio of a wrong sign is at least 2
        assert within.ratio == pytest.approx(0.99, abs=0.02)
        assert beyond.violated == 1


def test_a_sum_has_the_range_of_the_loss_and_a_mean_its_share():
    change = at((0, 0), lambda got, by: -1.0)(0)
    assert not checked("cross_entropy_grad", [[-50.0, 0.0]] * 2, change, reduction="sum")["gradient_range"].failed
    assert checked("cross_entropy_grad", [[-50.0, 0.0]] * 2, change)["gradient_range"].failed


@pytest.mark.parametrize(("rows", "failed"), [([[0.0, 0.0]], True), ([[200.0, 0.0]], False)])
def test_a_gradient_of_zero_is_wrong_where_the_exact_one_exceeds_the_limit(rows, failed):
    assert checked("cross_entropy_grad", rows, lambda got, limit: 0 * got)["gradient_signs"].failed is failed


def test_a_gradient_of_nan_has_no_sign():
    check = checked("cross_entropy_grad", [[0.0, 0.0]], at((0, 1), lambda got, by: np.nan)(1))["gradient_signs"]
    assert (check.failed, check.cause, check.index) == (True, "nan", (0, 1))


def test_a_probability_of_zero_lies_in_its_range():
    assert checked("softmax", [[0.0, -200.0]], lambda got, limit: got)["range"].ratio == 0


def test_what_fails_at_stable_alone_is_shown_at_stable():
    # Logits of a thousand, moved by a few ulps, give probabilities that differ by a thousandth.
    check = checked("softmax", [[1000.0, 1001.0]], everywhere(1)(1.5))["sum_to_one"]
    assert (check.level, check.failed, check.ratio) == (Level.STABLE, True, pytest.approx(1.5, rel=1e-3))
    assert checked("softmax", [[1000.0, 1001.0]], lambda got, limit: got)["sum_to_one"].level == Level.STABLE


@pytest.mark.parametrize(
    ("operation", "rows"),
    [
        ("softmax", np.zeros((0, 3))),
        ("softmax", np.zeros((2, 0))),
        ("softmax", [[np.nan, 0.0]]),
        ("cross_entropy", [[0.0, 1.0], [np.inf, 0.0]]),
        ("softmax_vjp", [[0.0, 1.0]]),
    ],
)
def test_without_an_ordinary_number_there_is_no_statement(operation, rows):
    call = call_of(operation, rows)
    assert structure.check(judged(call, np.zeros(REFERENCES.of(call, terms(operation)).shapes[0]))) == []


def test_labels_belong_to_their_rows_where_special_rows_are_left_out():
    call = call_of("cross_entropy_grad", [[np.nan, 0.0], [0.0, 1.0]], [0, 1])
    assert not any(c.failed for c in structure.check(judged(call, exact_of(call))))


def test_a_row_alone_is_told_from_its_neighbours():
    call = call_of("softmax", ROWS)
    got = exact_of(call)
    got[0, 0] = np.nan
    (check,) = [c for c in structure.check(judged(call, got)) if c.property_name == "sum_to_one"]
    assert (check.index, check.violated, check.cause) == ((0,), 1, "nan")


@pytest.mark.parametrize(
    ("operation", "name", "row", "change_by"),
    [
        ("softmax", "sum_to_one", [0.0, 1.0, 2.0], everywhere(1)),
        ("cross_entropy_grad", "gradient_sum", [0.0, 1.0, 2.0], everywhere(1)),
        ("logsumexp", "lse_bounds", [0.0, 0.0, -np.inf], everywhere(1)),
    ],
)
def test_the_slack_is_that_of_each_row(operation, name, row, change_by):
    assert not checked(operation, [row, row], change_by(0.99))[name].failed
    assert checked(operation, [row, row], change_by(1.01))[name].violated == 2


def test_a_row_that_holds_nan_has_that_cause_whatever_else_is_wrong():
    check = checked("softmax", [[0.0, 1.0]], lambda got, limit: np.array([[np.nan, 1.5]]))["range"]
    assert (check.index, check.cause) == ((0, 1), "nan")


def test_a_wrong_sign_has_the_ratio_of_its_error_and_at_least_two():
    by = checked("cross_entropy_grad", [[200.0, 0.0]], at((0, 0), lambda got, by: by)(1.5))["gradient_signs"]
    assert by.ratio == 2
    output = judged(call_of("cross_entropy_grad", [[0.0, 0.0]], [0]), [[0.5, 0.5]])
    (signs,) = [c for c in structure.check(output) if c.property_name == "gradient_signs"]
    sound = output.limits(signs.level)[0, 0]
    assert (signs.index, signs.ratio) == ((0, 0), pytest.approx(1 / sound))
