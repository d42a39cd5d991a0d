"""What a signature says: the axis keyword, labels before logits, and the reduction of a loss."""

import functools

import numpy as np
import pytest

from softcert_implementations.resolving.signatures import (
    axis_keywords,
    declared_reduction,
    labels_first,
    parameters_of,
)


@pytest.mark.parametrize(
    ("function", "keywords"),
    [
        (lambda x, dim: x, ("dim",)),
        (lambda x, axis=None: x, ("axis",)),
        (lambda x, axis, dim: x, ("dim", "axis")),
        (lambda x, axes: x, (None,)),
        (functools.partial(lambda x, axis: x, axis=-1), ("axis",)),
        (min, (None, "dim", "axis", "")),
    ],
)
def test_axis_keywords_come_from_the_parameters_or_all_are_tried(function, keywords):
    assert axis_keywords(function) == keywords


@pytest.mark.parametrize(
    ("function", "first"),
    [
        (lambda labels, logits: 0, True),
        (lambda y_true, y_pred: 0, True),
        (lambda x, labels: 0, False),
        (lambda labels, something: 0, False),
        (lambda something, logits: 0, False),
        (lambda labels: 0, False),
        (min, False),
    ],
)
def test_labels_come_first_where_both_names_say_so(function, first):
    assert labels_first(function) is first


def test_a_reduction_is_declared_by_an_attribute_or_a_default():
    def loss(x, labels, reduction="none"):
        return 0

    class Loss:
        reduction = "sum"

        def __call__(self, x, labels, reduction="none"):
            return 0

    assert declared_reduction(loss) == "none"
    assert declared_reduction(Loss()) == "sum"
    assert declared_reduction(lambda x, labels, reduction: 0) is None
    assert declared_reduction(lambda x, labels, reduction="average": 0) is None
    assert declared_reduction(np.ufunc) is None


def test_the_parameters_of_a_torch_module_are_those_of_its_forward():
    torch = pytest.importorskip("torch")

    class Loss(torch.nn.Module):
        def forward(self, targets, scores):
            return scores

    assert list(parameters_of(Loss())) == ["targets", "scores"]
    assert labels_first(Loss())
    assert parameters_of(min) is None
