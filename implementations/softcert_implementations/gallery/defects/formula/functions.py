"""Defects of meaning: another function than the one that the name promises.

Most are wrong on any input; a few need two classes, or a batch of several rows.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

WRONG_FUNCTION = Family("wrong function", "Compute the function that the name promises.")

_ANY = normal(3, 4, labels=[0, 1, 3])


@WRONG_FUNCTION.defect(
    "float32 float64", trigger="any input", behaves="applies a sigmoid to each logit", witness=_ANY, ordinary=None
)
def softmax_sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


@WRONG_FUNCTION.defect(
    "float32 float64",
    trigger="any input",
    behaves="divides each logit by the sum of the logits",
    witness=_ANY,
    ordinary=None,
)
def softmax_linear_normalisation(x: Array) -> Array:
    return x / x.sum(-1, keepdims=True)


@WRONG_FUNCTION.defect("float32", trigger="any input", behaves="takes softmax(-x)", witness=_ANY, ordinary=(3, 1))
def softmax_softmin(x: Array) -> Array:
    return textbook.softmax(-x)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any negative logit",
    behaves="takes the softmax of the absolute values",
    witness=_ANY,
    ordinary=(3, 1),
)
def softmax_of_magnitudes(x: Array) -> Array:
    return textbook.softmax(np.abs(x))


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="divides by the Euclidean norm of the exponentials, not by their sum",
    witness=_ANY,
    ordinary=(3, 1),
)
def softmax_euclidean_norm(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / np.sqrt((e * e).sum(-1, keepdims=True))


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="leaves each class out of its own denominator (odds, not probabilities)",
    witness=_ANY,
    ordinary=None,
)
def softmax_odds(x: Array) -> Array:
    p = textbook.softmax(x)
    return p / (1 - p)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input without a logit far above 0",
    behaves="adds 1 to the denominator (a class of logit 0 that nobody asked for)",
    witness=_ANY,
    ordinary=None,
)
def softmax_plus_one(x: Array) -> Array:
    m = np.maximum(textbook.row_max(x), 0)
    e = np.exp(x - m)
    return e / (np.exp(-m) + e.sum(-1, keepdims=True))


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input whose second largest logit matters",
    behaves="keeps the four largest logits and gives the rest probability 0",
    witness=normal(2, 6),
    ordinary=(3, 4),
)
def softmax_top_four(x: Array) -> Array:
    if x.shape[1] <= 4:
        return textbook.softmax(x)
    four_largest = np.where(x >= np.sort(x, -1)[:, -4:-3], x, -np.inf).astype(x.dtype)
    return textbook.softmax(four_largest)


@WRONG_FUNCTION.defect(
    "float32 float64",
    trigger="any input",
    behaves="returns the largest logit (a hard maximum)",
    witness=_ANY,
    ordinary=(3, 1),
)
def logsumexp_hard_maximum(x: Array) -> Array:
    return x.max(-1)


@WRONG_FUNCTION.defect(
    "float32 float64",
    trigger="C > 1",
    behaves="averages the exponentials instead of adding them: short by log C",
    witness=_ANY,
    ordinary=(3, 1),
)
def logsumexp_log_mean_exp(x: Array) -> Array:
    return textbook.logsumexp(x) - x.dtype.type(math.log(max(x.shape[1], 1)))


@WRONG_FUNCTION.defect(
    "float32", trigger="any input", behaves="adds the softplus of the logits", witness=_ANY, ordinary=None
)
def logsumexp_sum_of_softplus(x: Array) -> Array:
    return np.logaddexp(x, np.float32(0)).sum(-1)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="C > 1",
    behaves="takes the logarithm before the sum: the sum of the logits",
    witness=_ANY,
    ordinary=(3, 1),
)
def logsumexp_sum_of_logits(x: Array) -> Array:
    return np.log(np.exp(x)).sum(-1)


@WRONG_FUNCTION.defect(
    "float32", trigger="any input", behaves="takes the log-sigmoid of each logit", witness=_ANY, ordinary=None
)
def log_softmax_log_sigmoid(x: Array) -> Array:
    return -np.logaddexp(np.float32(0), -x)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="subtracts the maximum and leaves the normaliser out",
    witness=_ANY,
    ordinary=(3, 1),
)
def log_softmax_without_normaliser(x: Array) -> Array:
    return x - textbook.row_max(x)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="adds the binary cross-entropies of all classes",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_binary(x: Array, labels: Array) -> Any:
    t = textbook.one_hot(labels, x)
    return textbook.mean((np.logaddexp(0, x) - t * x).sum(-1).astype(x.dtype), x)


@WRONG_FUNCTION.defect(
    "float32", trigger="any input", behaves="returns the perplexity, exp of the loss", witness=_ANY, ordinary=None
)
def cross_entropy_perplexity(x: Array, labels: Array) -> Any:
    return np.exp(textbook.cross_entropy(x, labels))


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input: easy rows count less",
    behaves="weighs each loss with (1 - p)^2, as a focal loss does",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_focal(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(each * (1 - np.exp(-each)) ** 2, x)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="returns the gradient by the probabilities, not by the logits",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_by_probabilities(x: Array, labels: Array) -> Array:
    return (-textbook.one_hot(labels, x) / textbook.softmax(x) / textbook.count(x)).astype(x.dtype)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="any input",
    behaves="returns the gradient of the squared error of the probabilities",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_of_squared_error(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    w = 2 * (p - textbook.one_hot(labels, x))
    return p * (w - (p * w).sum(-1, keepdims=True)) / textbook.count(x)


@WRONG_FUNCTION.defect(
    "float32",
    trigger="C = 2: only the second logit is looked at",
    behaves="takes a shortcut for two classes and applies a sigmoid to the second logit alone",
    witness=rows([1.0, 2.0]),
)
def softmax_two_classes_by_sigmoid(x: Array) -> Array:
    if x.shape[1] != 2:
        return textbook.softmax(x)
    p = 1 / (1 + np.exp(-x[:, 1:]))
    return np.concatenate([1 - p, p], axis=1)


FAMILIES = (WRONG_FUNCTION,)
