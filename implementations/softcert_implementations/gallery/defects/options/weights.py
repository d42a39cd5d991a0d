"""Defects of ignored rows and of class weights: the wrong rows are counted, or weighted by the wrong class.

Options are named and defined as in torch.nn.functional.cross_entropy; a model takes the one option that it gets wrong.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

IGNORED = Family("ignored rows counted", "Divide by the number of rows kept; ignored rows have loss and gradient 0.")
WEIGHTED = Family("weight misapplied", "Multiply each loss by its label's weight; the mean divides by their sum.")

_IGNORING = normal(3, 4, labels=[0, -100, 3], ignore_index=-100)
_WEIGHTS = normal(3, 3, labels=[0, 1, 2], weight=[1.0, 2.0, 4.0])


def _kept(labels: Array, ignore_index: int) -> tuple[Array, Array]:
    kept = labels != ignore_index
    return kept, np.where(kept, labels, 0)


def _count(values: Any, like: Array) -> Any:
    return like.dtype.type(values)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="any ignored row",
    behaves="divides by m, not by the number of rows kept",
    witness=_IGNORING,
    reference="open-mmlab/mmsegmentation#886",
)
def cross_entropy_ignored_counted(x: Array, labels: Array, *, ignore_index: int = -100) -> Any:
    kept, safe = _kept(labels, ignore_index)
    return textbook.mean(np.where(kept, textbook.losses(x, safe), 0).astype(x.dtype), x)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="any ignored row",
    behaves="scales the gradient by 1/m and the loss by 1/kept",
    witness=_IGNORING,
    reference="ROCm/TransformerEngine#409",
)
def cross_entropy_grad_ignored_counted(x: Array, labels: Array, *, ignore_index: int = -100) -> Array:
    kept, safe = _kept(labels, ignore_index)
    return np.where(kept[:, None], textbook.cross_entropy_grad(x, safe), 0).astype(x.dtype)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="any ignored row",
    behaves="leaves the softmax in the gradient of ignored rows",
    witness=_IGNORING,
)
def cross_entropy_grad_ignored_rows_pushed(x: Array, labels: Array, *, ignore_index: int = -100) -> Array:
    kept, safe = _kept(labels, ignore_index)
    t = np.where(kept[:, None], textbook.one_hot(safe, x), 0)
    return ((textbook.softmax(x) - t) / _count(max(kept.sum(), 1), x)).astype(x.dtype)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="an ignore_index other than -100",
    behaves="knows -100 only, whatever ignore_index says",
    witness=normal(3, 4, labels=[0, 2, 3], ignore_index=2),
)
def cross_entropy_ignores_minus_100_only(x: Array, labels: Array, *, ignore_index: int = -100) -> Any:
    kept, safe = _kept(labels, -100)
    return (np.where(kept, textbook.losses(x, safe), 0).sum() / _count(kept.sum(), x)).astype(x.dtype)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="an ignored row that holds NaN or infinity (padding never written)",
    behaves="multiplies the loss of ignored rows by 0, which leaves NaN and infinity standing",
    witness=rows([0.0, 1.0], [np.nan, 0.0], labels=[0, -100], ignore_index=-100),
)
def cross_entropy_ignored_times_zero(x: Array, labels: Array, *, ignore_index: int = -100) -> Any:
    kept, safe = _kept(labels, ignore_index)
    return ((textbook.losses(x, safe) * kept.astype(x.dtype)).sum() / _count(kept.sum(), x)).astype(x.dtype)


@IGNORED.defect(
    "float32",
    option="ignore_index",
    trigger="a batch whose rows are all ignored",
    behaves="returns 0 for the mean of no rows",
    witness=rows([0.0, 1.0], labels=[-100], ignore_index=-100),
    debated=True,
)
def cross_entropy_nothing_kept_is_zero(x: Array, labels: Array, *, ignore_index: int = -100) -> Any:
    kept, safe = _kept(labels, ignore_index)
    return (np.where(kept, textbook.losses(x, safe), 0).sum() / _count(max(kept.sum(), 1), x)).astype(x.dtype)


def _weights(weight: Array | None, x: Array) -> Array:
    return np.ones(x.shape[1], x.dtype) if weight is None else weight


@WEIGHTED.defect(
    "float32",
    option="weight",
    trigger="weights whose mean over the labels is not 1",
    behaves="divides the weighted losses by m, not by the sum of the weights",
    witness=_WEIGHTS,
)
def cross_entropy_weighted_divided_by_rows(x: Array, labels: Array, *, weight: Array | None = None) -> Any:
    return textbook.mean(textbook.losses(x, labels) * _weights(weight, x)[labels], x)


@WEIGHTED.defect(
    "float32",
    option="weight",
    trigger="a row whose largest logit is not its label's",
    behaves="weighs each row by the class that it predicts, not by its label",
    witness=_WEIGHTS,
)
def cross_entropy_weighted_by_prediction(x: Array, labels: Array, *, weight: Array | None = None) -> Any:
    w = _weights(weight, x)[x.argmax(-1)]
    return ((textbook.losses(x, labels) * w).sum() / w.sum()).astype(x.dtype)


@WEIGHTED.defect(
    "float32",
    option="weight",
    trigger="any weights but equal ones",
    behaves="forgets the weights in the backward pass",
    witness=_WEIGHTS,
)
def cross_entropy_grad_unweighted(x: Array, labels: Array, *, weight: Array | None = None) -> Array:
    return textbook.cross_entropy_grad(x, labels)


@WEIGHTED.defect(
    "float32",
    option="weight",
    trigger="any weights but equal ones",
    behaves="multiplies the logits by the weights instead of the losses",
    witness=_WEIGHTS,
)
def cross_entropy_logits_weighted(x: Array, labels: Array, *, weight: Array | None = None) -> Any:
    return textbook.cross_entropy(x * _weights(weight, x), labels)


@WEIGHTED.defect(
    "float32",
    option="weight",
    trigger="any weights but equal ones",
    behaves="weighs each column of the gradient by its own class, not each row by its label",
    witness=_WEIGHTS,
)
def cross_entropy_grad_weighted_by_column(x: Array, labels: Array, *, weight: Array | None = None) -> Array:
    w = _weights(weight, x)
    return (textbook.softmax(x) - textbook.one_hot(labels, x)) * w / w[labels].sum()


FAMILIES = (IGNORED, WEIGHTED)
