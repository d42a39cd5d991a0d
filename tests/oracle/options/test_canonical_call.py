"""Calls in canonical form: options mean what they say, and what does not fit is refused in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from softcert_oracle import options
from softcert_oracle.errors import UsageError

M, C = 3, 4
X = np.array([[0.5, -2.0, 3.25, 1.0], [700.0, 699.5, -40.0, 700.0], [-1e4, -9999.0, -1e4, -1.1e4]])
LABELS = np.array([1, 2, 0])
WEIGHT = np.array([0.5, 2.0, 0.0, 1.25])
TARGETS = np.array([[0.5, 0.25, 0.0, 1.5], [0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("softmax", {"weight": WEIGHT}, "weight"),
        ("cross_entropy", {"weight": WEIGHT[:2]}, r"weight has shape \(2,\): \(4,\)"),
        ("cross_entropy", {"temperature": 0.0}, "temperature=0.0: give a number above 0"),
        ("cross_entropy", {"label_smoothing": 1.5}, "from 0 to 1"),
        ("cross_entropy", {"axis": 2}, "axis=2"),
        ("cross_entropy", {"reduction": "median"}, "median"),
        ("cross_entropy", {"softcap": -1.0}, "softcap=-1.0"),
        ("cross_entropy", {"targets": TARGETS[:1]}, "targets has shape"),
        ("softmax_vjp", {}, "upstream=None"),
        ("cross_entropy_hvp", {}, "upstream=None"),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence(operation: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        options.reference(operation, {"x": X, "labels": LABELS}, given)


def test_a_label_out_of_range_is_refused_unless_it_is_ignored() -> None:
    arguments = {"x": X, "labels": np.array([0, 255, 1])}
    assert np.isfinite(options.reference("cross_entropy", arguments, {"ignore_index": 255}).hi)
    with pytest.raises(UsageError, match="label=255: with 4 classes a label is 0 to 3 or -100"):
        options.reference("cross_entropy", arguments, {"ignore_index": -100})


@pytest.mark.parametrize("label", [-1, 4, 10**6])
def test_a_label_below_zero_or_beyond_the_classes_is_refused(label: int) -> None:
    with pytest.raises(UsageError, match=f"label={label}: with 4 classes"):
        options.canonical_call("cross_entropy", {"x": X, "labels": np.array([0, label, 1])}, {})


def test_the_axis_of_the_classes_becomes_the_last_and_positions_put_results_back() -> None:
    x = np.arange(24.0).reshape(2, 4, 3)
    call = options.canonical_call("softmax", {"x": x}, {"axis": 1})
    assert (call.lead, call.axis, call.classes, call.m) == ((2, 3), 1, 4, 6)
    assert call.x is not None
    assert call.x[1].tolist() == x[0, :, 1].tolist()
    assert np.array_equal(call.x.reshape(-1)[call.positions], x)
    lse = options.canonical_call("logsumexp", {"x": x}, {"axis": 1})
    assert lse.positions.shape == (2, 3)
    assert not lse.by_class


def test_only_a_mean_or_a_sum_is_reduced_to_one_number() -> None:
    for reduction, reduced, shape in (("mean", True, ()), ("sum", True, ()), ("none", False, (3,))):
        call = options.canonical_call("cross_entropy", {"x": X, "labels": LABELS}, {"reduction": reduction})
        assert (call.reduced, call.positions.shape) == (reduced, shape)


def test_ignored_labels_are_not_kept_and_stand_for_class_zero() -> None:
    call = options.canonical_call("cross_entropy", {"x": X, "labels": np.array([1, -100, 0])}, {"ignore_index": -100})
    assert call.labels is not None
    assert call.kept is not None
    assert call.labels.tolist() == [1, 0, 0]
    assert call.kept.tolist() == [True, False, True]


def test_logits_are_capped_then_divided_then_masked() -> None:
    mask = np.array([[True, False, True, True]] * 3)
    given = {"softcap": 5.0, "temperature": 2.0, "mask": mask}
    call = options.canonical_call("cross_entropy", {"x": X, "labels": np.array([0, 0, 0])}, given)
    expected = 5.0 * np.tanh(X / 5.0) / 2.0
    expected[:, 1] = -np.inf
    assert np.array_equal(call.logits(), expected)
    layer = {"X": X, "W": np.eye(4), "b": np.ones(4), "labels": LABELS}
    assert np.array_equal(options.canonical_call("linear_cross_entropy", layer, {}).logits(), X + 1.0)


def test_where_a_result_goes_changes_nothing() -> None:
    plain, out = (options.canonical_call("softmax", {"x": X}, given) for given in ({}, {"out": np.empty_like(X)}))
    assert plain.x is not None
    assert np.array_equal(plain.x, out.x)  # type: ignore[arg-type]
    assert plain.positions.tolist() == out.positions.tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"X": np.zeros(3)}, "features have shape"),
        ({"W": np.zeros((4, 2))}, "W has shape"),
        ({"b": np.zeros(3)}, "b has shape"),
        ({"X": np.full((3, 4), np.inf)}, "X holds infinities or NaN"),
    ],
)
def test_a_layer_whose_parts_do_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    layer = {"X": X, "W": np.zeros((4, 4)), "b": np.zeros(4), "labels": LABELS, **change}
    with pytest.raises(UsageError, match=said):
        options.canonical_call("linear_cross_entropy", layer, {})
