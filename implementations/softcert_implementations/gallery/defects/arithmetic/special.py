"""Defects at special values: infinities and NaN that are hidden, replaced or invented.

The expected results are those of the special-value table in the documentation: a NaN spreads over its row, -inf beside
finite logits has probability 0, a row of -inf has no softmax.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import rows

NAN_HIDDEN = Family("NaN hidden", "Let a NaN spread over its row: it is the only sign of a mistake upstream.")
INFINITY_REPLACED = Family("infinity replaced", "Let infinite logits through: exp(-inf) is 0 without any help.")
EMPTY_ROW = Family("row of -inf answered", "A row without a finite logit has no softmax: answer NaN.")

_NAN = rows([0, np.nan, 1])
_MASKED = rows([-1.0, -np.inf, -2.0])
_EMPTY = rows([-np.inf, -np.inf], [0.0, 1.0])


def _finite(x: Array, low: float, high: float | None = None) -> Array:
    return np.nan_to_num(x, nan=np.nan, neginf=low, posinf=np.inf if high is None else high).astype(x.dtype)


@NAN_HIDDEN.defect(
    "float32 float64",
    trigger="a NaN logit",
    behaves="leaves NaN out of maximum and sum, so that the rest of the row looks right",
    witness=_NAN,
)
def softmax_nan_left_out(x: Array) -> Array:
    e = np.exp(x - np.fmax.reduce(x, axis=-1, keepdims=True))
    return e / np.where(np.isnan(e), 0, e).sum(-1, keepdims=True)


@NAN_HIDDEN.defect("float32", trigger="a NaN logit", behaves="takes NaN for 0 before everything else", witness=_NAN)
def logsumexp_nan_as_zero(x: Array) -> Array:
    return textbook.logsumexp(np.where(np.isnan(x), 0, x).astype(x.dtype))


@NAN_HIDDEN.defect(
    "float32",
    trigger="a NaN logit, or a row whose loss is NaN for any other reason",
    behaves="leaves rows with a NaN loss out of the mean",
    witness=rows([0, np.nan, 1], [0, 1, 2]),
)
def cross_entropy_nan_rows_left_out(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(each[~np.isnan(each)], x)


@NAN_HIDDEN.defect(
    "float32", trigger="a NaN logit: the gradient is 0", behaves="replaces NaN in the gradient by 0", witness=_NAN
)
def cross_entropy_grad_nan_as_zero(x: Array, labels: Array) -> Array:
    g = textbook.cross_entropy_grad(x, labels)
    return np.where(np.isnan(g), 0, g).astype(x.dtype)


@NAN_HIDDEN.defect(
    "float32",
    trigger="a NaN logit: only its own entry is NaN",
    behaves="gives NaN to the NaN's own class and ordinary numbers to the rest",
    witness=_NAN,
)
def log_softmax_nan_in_its_place(x: Array) -> Array:
    known = np.where(np.isnan(x), -np.inf, x).astype(x.dtype)
    return np.where(np.isnan(x), np.nan, textbook.log_softmax(known)).astype(x.dtype)


@INFINITY_REPLACED.defect(
    "float32 float64",
    trigger="a logit of -inf beside small ones",
    behaves="takes -inf for 0 (nan_to_num with the wrong limits)",
    witness=_MASKED,
)
def softmax_minus_inf_as_zero(x: Array) -> Array:
    return textbook.softmax(_finite(x, 0.0))


@INFINITY_REPLACED.defect(
    "float32",
    trigger="a logit of -inf: its log-probability is -10000 or so, not -inf",
    behaves="replaces -inf by -10000",
    witness=_MASKED,
)
def log_softmax_minus_inf_as_minus_10000(x: Array) -> Array:
    return textbook.log_softmax(_finite(x, -1e4))


@INFINITY_REPLACED.defect(
    "float32 float64",
    trigger="a row of -inf: -3.4e38 + log C instead of -inf",
    behaves="replaces -inf by the lowest finite number",
    witness=_EMPTY,
)
def logsumexp_minus_inf_as_lowest(x: Array) -> Array:
    return textbook.logsumexp(_finite(x, float(np.finfo(x.dtype).min)))


@INFINITY_REPLACED.defect(
    "float32",
    trigger="a label on a -inf class",
    behaves="gives a label on a -inf class the loss 10000 instead of infinity",
    witness=rows([0, -np.inf], labels=[1]),
)
def cross_entropy_infinite_loss_replaced(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(_finite(x, -1e4), labels)


@INFINITY_REPLACED.defect(
    "float32",
    trigger="+inf: a finite answer that is neither the limit nor NaN",
    behaves="replaces +inf by the largest finite number",
    witness=rows([np.inf, 0]),
)
def logsumexp_plus_inf_as_largest(x: Array) -> Array:
    return textbook.logsumexp(_finite(x, -np.inf, float(np.finfo(x.dtype).max)))


@INFINITY_REPLACED.defect(
    "float32",
    trigger="a -inf anywhere in the row",
    behaves="gives NaN to the whole row as soon as one logit is -inf",
    witness=_MASKED,
)
def softmax_minus_inf_poisons(x: Array) -> Array:
    return textbook.softmax(x) + (x - x).sum(-1, keepdims=True)


@INFINITY_REPLACED.defect(
    "float32",
    trigger="a -inf logit: its gradient is NaN",
    behaves="multiplies by x in the backward pass, which is 0 * -inf for a masked class",
    witness=_MASKED,
    ordinary=None,
)
def cross_entropy_grad_masked_class_nan(x: Array, labels: Array) -> Array:
    g = textbook.cross_entropy_grad(x, labels)
    return g + 0 * x


@INFINITY_REPLACED.defect(
    "float32",
    trigger="a logit of -inf: a probability of 1e-12 or so instead of 0",
    behaves="replaces -inf by the maximum minus 28",
    witness=_MASKED,
)
def softmax_minus_inf_near_the_maximum(x: Array) -> Array:
    return textbook.softmax(np.where(x == -np.inf, textbook.row_max(x) - 28, x).astype(x.dtype))


@EMPTY_ROW.defect(
    "float32 float64", trigger="a row of -inf", behaves="answers a row of -inf with zeros", witness=_EMPTY, debated=True
)
def softmax_empty_row_zeros(x: Array) -> Array:
    p = textbook.softmax(x)
    return np.where((x == -np.inf).all(-1, keepdims=True), 0, p).astype(x.dtype)


@EMPTY_ROW.defect(
    "float32",
    trigger="a row of -inf",
    behaves="answers a row of -inf with the uniform distribution",
    witness=_EMPTY,
    debated=True,
)
def softmax_empty_row_uniform(x: Array) -> Array:
    return textbook.softmax(_finite(x, float(np.finfo(x.dtype).min)))


@EMPTY_ROW.defect("float32", trigger="a row of -inf", behaves="gives a row of -inf the loss 0", witness=_EMPTY)
def cross_entropy_empty_row_free(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(np.where((x == -np.inf).all(-1), 0, each).astype(each.dtype), x)


@EMPTY_ROW.defect(
    "float32",
    trigger="a row of -inf: the log-sum-exp is 0",
    behaves="answers a row of -inf with 0, the log of an empty product",
    witness=_EMPTY,
)
def logsumexp_empty_row_zero(x: Array) -> Array:
    y = textbook.logsumexp(x)
    return np.where(y == -np.inf, 0, y).astype(x.dtype)


FAMILIES = (NAN_HIDDEN, INFINITY_REPLACED, EMPTY_ROW)
