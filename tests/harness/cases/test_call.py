"""From inputs to a call: a plain call is a call without options, and both are one path."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.call import build_call, has_options
from softcert.cases.case import Case
from softcert.cases.inputs import build
from softcert.executors.protocol import to_numpy
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

ROWS = [[0.0, 1.0, 2.0], [1.0, 0.0, 0.5]]


def call(operation="cross_entropy", options=(), **fields):
    return build_call(operation, build(rows_case(ROWS, [2, 0], options=options, **fields)))


def test_a_plain_call_sends_logits_and_labels_as_they_lie_in_memory():
    plain = call(layout="column stride")
    assert not plain.has_options
    assert list(plain.sent) == ["x", "labels"]
    assert to_numpy(plain.sent["x"]).tolist() == ROWS
    assert len(plain.sent["x"].data) > 4 * 6 + 2 * 64, "the surroundings travel too"
    labels = plain.sent["labels"]
    assert labels.strides == (16,)
    assert to_numpy(labels).tolist() == [2, 0]


def test_arguments_stand_in_the_order_of_the_table():
    for operation, entry in operations.OPERATIONS.items():
        made = build_call(operation, build(Case.of("ordinary", 2, 3, "float32")))
        assert list(made.arguments) == [a.name for a in entry.arguments]
        assert len(made.request.arrays) == len(entry.arguments)
        assert has_options(operation, made.case) is (operation not in operations.CORE)


def test_options_are_arrays_or_plain_values_for_the_subject_and_for_the_oracle():
    made = call(options=(("weight", ("random", "C")), ("label_smoothing", 0.1)))
    assert list(made.request.keywords) == ["weight"]
    assert made.request.options == {"label_smoothing": 0.1}
    assert made.options["weight"].tolist() == to_numpy(made.sent["weight"]).tolist()
    canonical = made.canonical(terms("cross_entropy"))
    assert canonical.smoothing == 0.1
    assert canonical.reduction == "mean"
    assert canonical.weight.tolist() == made.options["weight"].tolist()


def test_the_reduction_is_the_contract_s_unless_the_case_names_one():
    contract = terms("cross_entropy", reduction="sum")
    assert call(options=(("label_smoothing", 0.1),)).canonical(contract).reduction == "sum"
    assert call(options=(("reduction", "none"),)).canonical(contract).reduction == "none"


@pytest.mark.parametrize(
    ("which", "labels"),
    [
        ("none", [2, 0]),
        ("first", [-1, 0]),
        ("last", [2, -1]),
        ("all", [-1, -1]),
        ("others", [2, -1]),
        ("some", [-1, 0]),
    ],
)
def test_ignored_rows_have_the_label_that_is_ignored(which, labels):
    made = call(options=(("ignore_index", (-1, which)),))
    assert made.arguments["labels"].tolist() == labels
    assert made.inputs.labels.tolist() == [2, 0], "the case keeps its own labels"


def test_targets_stand_in_the_place_of_labels():
    made = call(options=(("targets", ("one-hot", "C")),))
    assert list(made.arguments) == ["x"]
    assert made.options["targets"].tolist() == [[0, 0, 1], [1, 0, 0]]


def test_classes_may_lie_on_another_axis():
    made = call("softmax", options=(("axis", (0, (2,))),))
    assert made.arguments["x"].T.tolist() == ROWS
    assert made.request.options == {"axis": 0}


def test_an_upstream_gradient_is_zero_where_a_log_probability_is_infinite():
    case = rows_case([[0.0, -np.inf, 1.0]], [0], options=(("upstream", ("ones", "C")),))
    made = build_call("log_softmax_vjp", build(case))
    assert made.arguments["upstream"].tolist() == [[1, 0, 1]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((("weigth", 1),), "weight"),
        ((("ignore_index", (-1, "sme")),), "some"),
        ((("weight", ("randm", "C")),), "random"),
    ],
)
def test_options_that_do_not_exist_are_refused(options, said):
    with pytest.raises(UsageError, match=said):
        call(options=options)
