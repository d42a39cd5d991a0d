"""From inputs to a call: a plain call is a call without options, and both are one path."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.call import OUT, SCALAR, build_call, has_options
from softcert.cases.case import Case
from softcert.cases.inputs import build, generator
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


def test_words_of_recipes_do_not_change():
    assert (SCALAR, OUT) == ("scalar", "out")


def test_operations_without_losses_have_no_reduction():
    assert call("softmax").canonical(terms("softmax")).by_class
    assert call("logsumexp").canonical(terms("logsumexp")).operation == "logsumexp"


def test_an_argument_stands_among_the_options_of_a_case_and_travels_once():
    made = call("softmax_vjp", options=(("upstream", ("ones", "C")),))
    assert (made.request.keywords, made.request.options, made.options) == ({}, {}, {})
    assert made.arguments["upstream"].tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    ("operation", "shape", "layout"),
    [
        ("cross_entropy_grad", (2,), "C"),
        ("cross_entropy_grad", (), "scalar"),
        ("softmax_vjp", (2, 3), "C"),
    ],
)
def test_an_upstream_gradient_has_the_shape_of_what_is_differentiated(operation, shape, layout):
    options = (("upstream", ("uniform", layout)), ("reduction", "none" if layout == "C" else "mean"))
    made = call(operation, options=options[: 1 + (operation != "softmax_vjp")])
    upstream = made.arguments["upstream"] if "upstream" in made.arguments else made.options["upstream"]
    assert upstream.shape == shape
    assert np.all(upstream == 0.75)
    assert to_numpy(made.sent["upstream"]).shape == shape


@pytest.mark.parametrize(("operation", "shape"), [("softmax", (2, 3)), ("logsumexp", (2,))])
def test_out_has_the_shape_of_the_result(operation, shape):
    assert call(operation, options=(("out", ("NaN", "C")),)).options["out"].shape == shape


def test_weights_belong_to_classes_and_masks_to_logits():
    assert call(options=(("weight", ("ones", "C")),)).options["weight"].shape == (3,)
    masked = call("softmax", options=(("mask", ("label only", "Fortran")),))
    assert masked.options["mask"].tolist() == [[False, False, True], [True, False, False]]
    assert masked.sent["mask"].strides == (1, 2)
    assert call("softmax", options=(("mask", ("all", "C")),)).sent["mask"].strides == (3, 1)


SIX = [[float(10 * i + j) for j in range(3)] for i in range(6)]


def folded(axis, lead, rows=6, operation="cross_entropy", **more):
    options = (("axis", (axis, lead)), *more.items())
    return build_call(operation, build(rows_case(SIX[:rows], [0, 1, 2, 0, 1, 2][:rows], options=options)))


@pytest.mark.parametrize(
    ("axis", "shape"), [(0, (3, 2, 3)), (1, (2, 3, 3)), (2, (2, 3, 3)), (-1, (2, 3, 3)), (-3, (3, 2, 3))]
)
def test_leading_axes_fold_the_rows(axis, shape):
    made = folded(axis, (2, 3))
    x = made.arguments["x"]
    assert x.shape == shape == to_numpy(made.sent["x"]).shape
    assert np.moveaxis(x, axis, -1).reshape(6, 3).tolist() == SIX
    assert made.arguments["labels"].tolist() == [[0, 1, 2], [0, 1, 2]]
    assert made.request.options == {"axis": axis}


@pytest.mark.parametrize(
    ("axis", "rows", "sent"), [(1, 6, 1), (1, 4, 1), (2, 4, -1), (2, 6, 2), (-3, 4, -1), (-2, 4, -2), (0, 4, 0)]
)
def test_a_smaller_witness_has_one_leading_axis(axis, rows, sent):
    made = folded(axis, (2, 3), rows)
    assert made.request.options == {"axis": sent}
    assert np.moveaxis(made.arguments["x"], sent, -1).reshape(rows, 3).tolist() == SIX[:rows]
    assert made.arguments["labels"].shape == ((2, 3) if rows == 6 else (rows,))


def test_masks_and_ignored_labels_are_folded_as_logits_are():
    made = folded(0, (2, 3), mask=("label only", "C"), ignore_index=(-100, "some"))
    assert np.moveaxis(made.options["mask"], 0, -1).reshape(6, 3).tolist() == np.tile(np.eye(3) > 0, (2, 1)).tolist()
    assert made.arguments["labels"].tolist() == [[-100, 1, -100], [0, -100, 2]]
    assert folded(0, (2, 3), ignore_index=(-100, "last")).arguments["labels"].tolist() == [[0, 1, 2], [0, 1, -100]]
    assert folded(0, (2, 3), ignore_index=(-100, "others")).arguments["labels"][1].tolist() == [-100] * 3


def test_upstream_gradients_by_row_are_folded_too():
    made = folded(0, (2, 3), operation="cross_entropy_grad", upstream=("ones", "C"), reduction="none")
    assert made.options["upstream"].shape == (2, 3)


def test_no_row_can_be_ignored_where_there_is_none():
    made = build_call("cross_entropy", build(rows_case(np.zeros((0, 3)), [], options=(("ignore_index", (-1, "all")),))))
    assert made.arguments["labels"].shape == (0,)


@pytest.mark.parametrize(("operation", "zero"), [("log_softmax_vjp", True), ("softmax_vjp", False)])
def test_an_upstream_gradient_is_zero_where_a_mask_leaves_nothing(operation, zero):
    options = (("upstream", ("ones", "C")), ("mask", ("label only", "C")))
    made = build_call(operation, build(rows_case(ROWS, [2, 0], options=options)))
    expected = [[0, 0, 1], [1, 0, 0]] if zero else [[1, 1, 1], [1, 1, 1]]
    assert made.arguments["upstream"].tolist() == expected


@pytest.mark.parametrize(("count", "scale"), [(None, 1.0), (1, 1.0), (16, 0.5)])
def test_a_linear_layer_takes_its_bias_from_the_regime(count, scale):
    options = () if count is None else (("features", (count, "Fortran")),)
    case = rows_case([[0.0, -np.inf, 7.0], [1.0, 2.0, 3.0]], [2, 0], options=options)
    made = build_call("linear_cross_entropy", build(case))
    K = 3 if count is None else count
    assert [made.arguments[name].shape for name in "XWb"] == [(2, K), (3, K), (3,)]
    assert np.array_equal(made.arguments["X"], generator(case, "X").standard_normal((2, K)).astype(np.float32))
    weights = generator(case, "W").standard_normal((3, K)) * scale
    assert np.array_equal(made.arguments["W"], weights.astype(np.float32))
    assert made.arguments["b"].tolist() == [0.0, 0.0, 7.0]
    strides = (4 * K, 4) if count is None else (4, 8)
    assert made.sent["X"].strides == strides
    assert made.sent["b"].strides == (4,)
    assert made.request.options == {}


def test_a_linear_layer_of_no_rows_has_a_bias_of_zero():
    made = build_call("linear_cross_entropy", build(Case.of("ordinary", 0, 3, "float32")))
    assert made.arguments["b"].tolist() == [0, 0, 0]


def test_an_option_that_does_not_exist_is_called_an_option():
    with pytest.raises(UsageError, match=r"unknown option: option='weigth'"):
        call(options=(("weigth", 1),))
    with pytest.raises(UsageError, match=r"unknown choice of ignored rows.*sme"):
        call(options=(("ignore_index", (-1, "sme")),))
