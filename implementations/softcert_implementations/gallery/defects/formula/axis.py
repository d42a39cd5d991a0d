"""Defects of the axis: the wrong one is reduced, or a reduced array meets the wrong one in broadcasting.

A square input (m = C) hides the shape error that would show it, and a single row hides many of the rest.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal

WRONG_AXIS = Family("wrong axis", "Reduce over the last axis with keepdims=True, whatever the other dimensions are.")
SQUEEZED = Family("squeezed dimension", "Name the axis that is dropped; never squeeze whatever happens to be 1.")

_TWO_ROWS = normal(2, 3)
_SQUARE = normal(3, 3)


@WRONG_AXIS.defect(
    "float32 float64",
    trigger="any m > 1; m = 1 gives all ones",
    behaves="normalises over the batch axis",
    witness=_TWO_ROWS,
    ordinary=None,
    reference="pytorch/pytorch#1020, perone/euclidesdb#2",
)
def softmax_over_the_batch(x: Array) -> Array:
    return textbook.softmax(x.T).T


@WRONG_AXIS.defect(
    "float32 float64",
    trigger="any m > 1",
    behaves="takes one softmax over the whole array",
    witness=_TWO_ROWS,
    ordinary=(1, 8),
    reference="nntrainer/nntrainer#430",
)
def softmax_over_everything(x: Array) -> Array:
    return textbook.softmax(x.reshape(1, -1)).reshape(x.shape)


@WRONG_AXIS.defect(
    "float32",
    trigger="square input, m = C > 1; otherwise an error",
    behaves="drops the reduced axis, so that maximum and sum of row j meet column j",
    witness=_SQUARE,
    ordinary=(1, 8),
    reference="triton-lang/triton#11406",
)
def softmax_reductions_drop_the_axis(x: Array) -> Array:
    e = np.exp(x - x.max(-1))
    return e / e.sum(-1)


@WRONG_AXIS.defect(
    "float32",
    trigger="square input, m = C > 1",
    behaves="broadcasts the sum of row j along column j where the shapes permit it",
    witness=_SQUARE,
)
def log_softmax_broadcast_in_squares(x: Array) -> Array:
    lse = textbook.logsumexp(x)
    return x - (lse if len(lse) == x.shape[1] else lse[:, None])


@WRONG_AXIS.defect(
    "float32",
    trigger="any m > 1",
    behaves="takes the log-softmax over the batch axis",
    witness=_TWO_ROWS,
    ordinary=None,
)
def log_softmax_over_the_batch(x: Array) -> Array:
    return textbook.log_softmax(x.T).T


@WRONG_AXIS.defect(
    "float32", trigger="any m > 1", behaves="normalises the loss over the batch axis", witness=_TWO_ROWS, ordinary=None
)
def cross_entropy_over_the_batch(x: Array, labels: Array) -> Any:
    return textbook.mean(-textbook.picked(textbook.log_softmax(x.T).T, labels), x)


@WRONG_AXIS.defect(
    "float32",
    trigger="any m > 1",
    behaves="adds the exponentials of the whole batch: every row gets the same value",
    witness=_TWO_ROWS,
    ordinary=(1, 8),
)
def logsumexp_over_everything(x: Array) -> Array:
    return np.full(len(x), textbook.logsumexp(x.reshape(1, -1))[0], x.dtype)


@WRONG_AXIS.defect(
    "float32",
    trigger="any m > 1",
    behaves="subtracts the maximum of each column instead of each row, then normalises the rows",
    witness=_TWO_ROWS,
    ordinary=(1, 1),
)
def softmax_shift_by_column(x: Array) -> Array:
    return textbook.divided(np.exp(x - x.max(0, keepdims=True)))


@WRONG_AXIS.defect(
    "float32",
    trigger="any m > 1",
    behaves="takes the gradient's softmax over the batch axis",
    witness=_TWO_ROWS,
    ordinary=None,
)
def cross_entropy_grad_over_the_batch(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.softmax(x.T).T, labels, x)


@WRONG_AXIS.defect(
    "float32",
    trigger="square input, m = C > 1",
    behaves="takes a square batch for one whose classes come first and returns it transposed",
    witness=_SQUARE,
)
def softmax_transposed_in_squares(x: Array) -> Array:
    p = textbook.softmax(x)
    return np.ascontiguousarray(p.T) if x.shape[0] == x.shape[1] else p


@WRONG_AXIS.defect(
    "float32",
    trigger="fewer classes than rows: the axes are told apart by their length",
    behaves="normalises over the longer axis, taking it for the classes",
    witness=normal(5, 3),
)
def softmax_over_the_longer_axis(x: Array) -> Array:
    return textbook.softmax(x.T).T if x.shape[0] > x.shape[1] else textbook.softmax(x)


@SQUEEZED.defect(
    "float32",
    trigger="a batch of one row",
    behaves="squeezes a batch of one row away and returns shape (C,)",
    witness=normal(1, 4),
)
def softmax_squeezes_one_row(x: Array) -> Array:
    return textbook.softmax(x).squeeze()


@SQUEEZED.defect(
    "float32",
    trigger="a batch of one row: a scalar comes back",
    behaves="squeezes a batch of one row away and returns a scalar",
    witness=normal(1, 4),
)
def logsumexp_squeezes_one_row(x: Array) -> Array:
    return textbook.logsumexp(x).squeeze()


@SQUEEZED.defect(
    "float32",
    trigger="always: the shape is (m, 1)",
    behaves="keeps the reduced dimension and returns shape (m, 1)",
    witness=normal(2, 4),
    ordinary=None,
)
def logsumexp_keeps_the_dimension(x: Array) -> Array:
    return textbook.logsumexp(x)[:, None]


@SQUEEZED.defect(
    "float32",
    trigger="one class: the row is taken for a batch of scalars",
    behaves="takes a single column for binary logits and answers with a sigmoid",
    witness=normal(3, 1),
)
def softmax_one_class_as_sigmoid(x: Array) -> Array:
    return (1 / (1 + np.exp(-x))).astype(x.dtype) if x.shape[1] == 1 else textbook.softmax(x)


@SQUEEZED.defect(
    "float32",
    trigger="a batch of one row: the mean runs over the classes",
    behaves="squeezes a single row away, after which the mean of the losses runs over one entry of each class",
    witness=normal(1, 4, labels=[2]),
)
def cross_entropy_squeezes_one_row(x: Array, labels: Array) -> Any:
    table = textbook.log_softmax(x)
    return textbook.mean(-table.squeeze(), x) if len(x) == 1 else textbook.mean(-textbook.picked(table, labels), x)


FAMILIES = (WRONG_AXIS, SQUEEZED)
