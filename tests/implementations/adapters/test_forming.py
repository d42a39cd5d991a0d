"""Arguments and results in other forms than the plain one."""

import numpy as np
import pytest

from softcert_implementations.adapters import NotAnArrayError, UnsupportedError, View
from softcert_implementations.adapters.calling import PYTHON_FLOAT, call
from softcert_implementations.implementation import Implementation

X = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -0.25]], np.float32)
LABELS = np.array([2, 0])


def called(function, form, operation="cross_entropy", *, x=X, labels=LABELS, batched=True, **how):
    subject = Implementation("one", {operation: function}, batched=batched, call=form)
    given = [View.of(x), View.of(labels)] if operation.startswith("cross") else [View.of(x)]
    return call(subject, operation, "float32", given, **how)


def seen(form, operation="cross_entropy", **more):
    """The arguments that a function gets in a form."""
    kept = []

    def function(*arguments):
        kept.extend(np.array(a, copy=True) if isinstance(a, np.ndarray) else a for a in arguments)
        return np.float32(0) if operation == "cross_entropy" else np.array(arguments[0])

    called(function, form, operation, **more)
    return kept


def test_labels_are_given_as_one_hot_rows_in_the_format_of_the_logits():
    x, t = seen("labels=one-hot")
    assert np.array_equal(x, X)
    assert t.dtype == np.float32
    assert t.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_labels_are_counted_from_one_in_their_own_type():
    _, labels = seen("labels=one-based", labels=LABELS.astype(np.int8))
    assert (labels.dtype, labels.tolist()) == (np.int8, [3, 1])
    with pytest.raises(UnsupportedError, match="no label above 127"):
        seen("labels=one-based", labels=np.array([127, 0], np.int8))
    with pytest.raises(UnsupportedError, match="cannot name a class that does not exist"):
        seen("labels=one-hot", labels=np.array([3, 0]))


def test_labels_first_and_classes_first():
    labels, x = seen("order=labels first, classes=first")
    assert labels.tolist() == [2, 0]
    assert np.array_equal(x, X.T)
    t, x = seen("order=labels first, classes=first, labels=one-hot")
    assert t.shape == x.shape == (3, 2)


def test_probabilities_are_correctly_rounded():
    p, _ = seen("inputs=probabilities")
    wide = np.exp(X.astype(np.float64))
    assert np.array_equal(p, (wide / wide.sum(axis=-1, keepdims=True)).astype(np.float32))
    logs, _ = seen("inputs=log-probabilities")
    assert np.allclose(np.exp(logs), p, rtol=1e-6)


def test_results_of_classes_first_come_back_with_classes_last():
    out = called(lambda x: x * 2, "classes=first", "softmax").results[0]
    assert np.array_equal(out, X * 2)
    assert out.flags.c_contiguous


def test_a_row_has_no_axes_to_swap():
    out = called(lambda x: x * 2, "classes=first", "softmax", batched=False).results[0]
    assert np.array_equal(out, X * 2)


def test_rows_of_one_hot_labels_go_one_by_one():
    out = called(lambda x, t: (x * t).sum(), "labels=one-hot", batched=False).results[0]
    assert out.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(("form", "value"), [("result=1", (0, 3.0)), ("result=loss", {"loss": 3.0, "cache": None})])
def test_one_of_several_results_is_taken(form, value):
    assert called(lambda x, y: value, form).results[0] == 3.0


@pytest.mark.parametrize("value", [3.0, (1.0,), {"other": 1.0}])
def test_a_result_that_is_not_there_is_said(value):
    with pytest.raises(NotAnArrayError, match="no part 'loss'"):
        called(lambda x, y: value, "result=loss")


def test_the_parts_of_what_came_back_are_kept():
    with pytest.raises(NotAnArrayError) as told:
        called(lambda x, y: {"loss": 1.0, "p": x}, "")
    assert told.value.parts == ("loss", "p")


def test_lists_go_in_and_come_out():
    outcome = called(lambda rows: [[2 * v for v in row] for row in rows], "values=lists", "softmax")
    assert outcome.formats == (PYTHON_FLOAT,)
    assert np.array_equal(outcome.results[0], 2 * X)
    outcome = called(lambda x: list(x), "values=lists out", "softmax")
    assert outcome.formats == ("float32",)
    with pytest.raises(NotAnArrayError, match="no list of numbers"):
        called(lambda rows: [[1.0], [1.0, 2.0]], "values=lists", "softmax")
    with pytest.raises(NotAnArrayError, match="no list of numbers"):
        called(lambda rows: ["a", "b"], "values=lists", "softmax")


def test_other_kinds_of_logits_are_not_for_lists_and_probabilities():
    for form in ("values=lists", "inputs=probabilities"):
        with pytest.raises(UnsupportedError):
            called(lambda x, y: 0.0, form, kind="int32")


def test_a_change_of_what_was_made_is_a_change_of_what_was_given():
    def spoils(x, t):
        t[0, 0] = 7
        return np.float32(0)

    outcome = called(spoils, "labels=one-hot")
    assert bytes(outcome.read_back[1]()) != LABELS.tobytes()
    kept = called(lambda x, t: np.float32(0), "labels=one-hot")
    assert bytes(kept.read_back[1]()) == LABELS.tobytes()


def test_a_linear_layer_takes_its_bias_as_a_row_of_its_weights():
    rng = np.random.default_rng(0)
    features, weights, bias = (rng.normal(size=s).astype(np.float32) for s in ((2, 4), (3, 4), (3,)))

    def loss(x, w, b, labels):
        assert np.allclose(x @ w, features @ weights.T + bias, atol=1e-6)
        return np.float32(0)

    subject = Implementation(
        "one", {"linear_cross_entropy": loss}, batched=True, call="weights=features first, bias=in the weights"
    )
    call(subject, "linear_cross_entropy", "float32", [View.of(a) for a in (features, weights, bias, LABELS)])
