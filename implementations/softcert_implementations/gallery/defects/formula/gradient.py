"""Defects of gradients: the Jacobian reduced, the one-hot forgotten, the sign or the chain rule wrong.

softmax_vjp is v -> p * (v - sum(p * v)), log_softmax_vjp is v -> v - p * sum(v), the loss's gradient (p - t) / m.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

DIAGONAL = Family("diagonal Jacobian", "Keep the off-diagonal part: v -> p * (v - sum(p * v)).")
NO_ONE_HOT = Family("onehot missing", "Subtract 1 at the label: the gradient is (p - onehot) / m.")
REVERSED = Family("sign reversed", "The gradient is (p - onehot) / m, positive for the wrong classes.")
BY_DIVISION = Family("via division by p", "Differentiate log-softmax directly: v - p * sum(v), with no division.")
WRONG_VJP = Family("wrong vector-Jacobian product", "Weigh the sum with p for softmax and with 1 for log-softmax.")

_ANY = normal(3, 4, labels=[0, 1, 3])


def _per_row(x: Array) -> Array:
    return np.asarray(max(len(x), 1), x.dtype)


@DIAGONAL.defect(
    "float32 float64",
    trigger="C > 1",
    behaves="reduces the softmax Jacobian to its diagonal: only the label's column is not zero",
    witness=_ANY,
    reference="deeplearning4j/libnd4j#440",
    ordinary=(3, 1),
)
def cross_entropy_grad_diagonal(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    return -textbook.one_hot(labels, x) * (1 - p) / textbook.count(x)


@DIAGONAL.defect(
    "float32 float64",
    trigger="any input",
    behaves="takes dp * p * (1 - p), the diagonal of the Jacobian",
    witness=_ANY,
    reference="Apiquet/DeepLearningFrameworkFromScratchCpp#1",
    ordinary=(3, 1),
)
def softmax_vjp_diagonal(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return upstream * p * (1 - p)


@DIAGONAL.defect(
    "float32 float64",
    trigger="any input",
    behaves="takes p * dp without the dot product",
    witness=_ANY,
    reference="HomericIntelligence/Odyssey#2134",
    ordinary=None,
)
def softmax_vjp_without_dot(x: Array, upstream: Array) -> Array:
    return textbook.softmax(x) * upstream


@DIAGONAL.defect(
    "float32",
    trigger="any input",
    behaves="multiplies p - t by p * (1 - p), as for a sigmoid with squared error",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_times_sigmoid_slope(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    return (p - textbook.one_hot(labels, p)) * p * (1 - p) / textbook.count(x)


@NO_ONE_HOT.defect(
    "float32 float64",
    trigger="any input",
    behaves="returns p / m: the one-hot is never subtracted",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_without_one_hot(x: Array, labels: Array) -> Array:
    return textbook.softmax(x) / textbook.count(x)


@NO_ONE_HOT.defect(
    "float32",
    trigger="m > 1: only the first row's one-hot is subtracted",
    behaves="subtracts the one-hot of the first row only",
    witness=_ANY,
    ordinary=(1, 8),
)
def cross_entropy_grad_one_hot_of_first_row(x: Array, labels: Array) -> Array:
    t = textbook.one_hot(labels, x)
    t[1:] = 0
    return (textbook.softmax(x) - t) / textbook.count(x)


@NO_ONE_HOT.defect(
    "float32",
    trigger="m > 1: the one-hot is subtracted after the division by m",
    behaves="subtracts the one-hot after the division by m, so it counts m times as much",
    witness=_ANY,
    ordinary=(1, 8),
)
def cross_entropy_grad_one_hot_not_divided(x: Array, labels: Array) -> Array:
    return textbook.softmax(x) / textbook.count(x) - textbook.one_hot(labels, x)


@NO_ONE_HOT.defect(
    "float32",
    trigger="any input: the other classes get no gradient",
    behaves="returns the one-hot part alone, as if log-softmax had no normaliser",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_one_hot_only(x: Array, labels: Array) -> Array:
    return -textbook.one_hot(labels, x) / textbook.count(x)


@REVERSED.defect("float32 float64", trigger="any input", behaves="returns onehot - p", witness=_ANY, ordinary=(3, 1))
def cross_entropy_grad_reversed(x: Array, labels: Array) -> Array:
    return -textbook.cross_entropy_grad(x, labels)


@REVERSED.defect(
    "float32",
    trigger="any input",
    behaves="adds the dot product where it is to be subtracted",
    witness=_ANY,
    ordinary=None,
)
def softmax_vjp_dot_added(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (upstream + (p * upstream).sum(-1, keepdims=True))


@REVERSED.defect(
    "float32",
    trigger="any input: the true class's entry has the wrong sign",
    behaves="takes the absolute value of the gradient",
    witness=_ANY,
    ordinary=(3, 1),
)
def cross_entropy_grad_absolute(x: Array, labels: Array) -> Array:
    return np.abs(textbook.cross_entropy_grad(x, labels))


@BY_DIVISION.defect(
    "float32 float64",
    trigger="a logit > 104 (float32), 745 (float64) below the maximum",
    behaves="computes the gradient of log-softmax as softmax_vjp(v / p): 0/0 or inf when p underflows",
    witness=rows([0, -800]),
    reference="FluxML/NNlib.jl#68",
)
def cross_entropy_grad_by_division(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    w = -textbook.one_hot(labels, x) / p
    return p * (w - (p * w).sum(-1, keepdims=True)) / textbook.count(x)


@BY_DIVISION.defect(
    "float32 float64",
    trigger="a logit > 104 (float32), 745 (float64) below the maximum",
    behaves="computes log_softmax_vjp as softmax_vjp(v / p)",
    witness=rows([0, -800]),
    ordinary=(3, 8),
)
def log_softmax_vjp_by_division(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    w = upstream / p
    return p * (w - (p * w).sum(-1, keepdims=True))


@BY_DIVISION.defect(
    "float32",
    trigger="a label's probability below 1e-7",
    behaves="divides by p + 1e-7 to be safe, and loses the gradient of a confidently wrong row",
    witness=rows([0, -20], labels=[1]),
    ordinary=None,
)
def cross_entropy_grad_by_guarded_division(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    w = -textbook.one_hot(labels, x) / (p + np.float32(1e-7))
    return p * (w - (p * w).sum(-1, keepdims=True)) / textbook.count(x)


@WRONG_VJP.defect(
    "float32",
    trigger="any upstream gradient whose rows do not add up to 0",
    behaves="returns the upstream gradient as if log-softmax were the identity",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_vjp_identity(x: Array, upstream: Array) -> Array:
    return upstream.copy()


@WRONG_VJP.defect(
    "float32",
    trigger="any upstream gradient but a one-hot",
    behaves="subtracts p without the sum of the upstream gradient (right for a one-hot only)",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_vjp_sum_taken_for_one(x: Array, upstream: Array) -> Array:
    return upstream - textbook.softmax(x)


@WRONG_VJP.defect(
    "float32",
    trigger="any upstream gradient that is not constant",
    behaves="weighs the sum with p, as softmax's product does",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_vjp_weighted_sum(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return upstream - p * (p * upstream).sum(-1, keepdims=True)


@WRONG_VJP.defect(
    "float32",
    trigger="m > 1 with different rows: the dot product runs over the whole batch",
    behaves="adds the dot products of all rows",
    witness=_ANY,
    ordinary=(1, 8),
)
def softmax_vjp_dot_over_the_batch(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (upstream - (p * upstream).sum())


@WRONG_VJP.defect(
    "float32",
    trigger="any upstream gradient that is not constant",
    behaves="takes the mean of the upstream gradient for its p-weighted sum",
    witness=_ANY,
    ordinary=(3, 1),
)
def softmax_vjp_mean_subtracted(x: Array, upstream: Array) -> Array:
    return textbook.softmax(x) * (upstream - upstream.mean(-1, keepdims=True))


@WRONG_VJP.defect(
    "float32",
    trigger="upstream gradients that are large and equal: p * w - p * sum(p * w) cancels",
    behaves="multiplies out p * w - p * sum(p * w) in half precision and so loses what is left",
    witness=_ANY,
    ordinary=None,
)
def softmax_vjp_products_in_half(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    products = (p * upstream).astype(np.float16).astype(np.float32)
    return products - p * products.sum(-1, keepdims=True)


FAMILIES = (DIAGONAL, NO_ONE_HOT, REVERSED, BY_DIVISION, WRONG_VJP)
