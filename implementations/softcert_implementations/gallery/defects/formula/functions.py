"""Defects of meaning: another function than the one that the name promises, or one that differs in a corner.

Most are wrong on any input; ties, zeros and two classes are the corners.
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
TIES = Family("ties miscounted", "Count every class: equal logits are as many terms of the sum as there are.")
ZEROS = Family("zeros taken for padding", "A logit of 0 is a logit; mark what is absent with -inf or a mask.")
HARD_CODED = Family("scale left in", "Leave the logits as they are: temperature and scale belong to the caller.")

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
    kept = np.where(x >= np.sort(x, -1)[:, -4:-3], x, -np.inf).astype(x.dtype)
    return textbook.softmax(kept)


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


@TIES.defect(
    "float32 float64",
    trigger="equal logits",
    behaves="counts equal logits once (a set was taken)",
    witness=rows([1, 1, 0]),
)
def logsumexp_equal_logits_once(x: Array) -> Array:
    ordered = np.sort(x, -1)
    again = np.zeros(x.shape, bool)
    again[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    return textbook.logsumexp(np.where(again, -np.inf, ordered).astype(x.dtype))


@TIES.defect(
    "float32 float64",
    trigger="the largest logit occurs more than once",
    behaves="takes log1p of the terms below the maximum and forgets further maxima",
    witness=rows([2, 2, 0]),
)
def log_softmax_log1p_without_ties(x: Array) -> Array:
    d = x - textbook.row_max(x)
    tau = np.where(d < 0, np.exp(d), 0).sum(-1, keepdims=True).astype(x.dtype)
    return d - np.log1p(tau)


@TIES.defect(
    "float32",
    trigger="the largest logit occurs more than once",
    behaves="gives 1 minus the others to every class that holds the maximum",
    witness=rows([2, 2, 0]),
    ordinary=None,
)
def softmax_remainder_to_every_maximum(x: Array) -> Array:
    p = textbook.softmax(x)
    top = x == textbook.row_max(x)
    rest = np.where(top, 0, p).sum(-1, keepdims=True)
    return np.where(top, 1 - rest, p).astype(x.dtype)


@TIES.defect(
    "float32",
    trigger="the label ties with another largest logit",
    behaves="takes the margin to the largest other logit and finds none among equals",
    witness=rows([2, 2, 0]),
)
def cross_entropy_ties_without_rival(x: Array, labels: Array) -> Any:
    own = textbook.picked(x, labels)[:, None]
    rivals = np.where((x == own) | (np.arange(x.shape[1]) == labels[:, None]), -np.inf, x).astype(x.dtype)
    return textbook.mean(textbook.logsumexp(np.concatenate([own * 0, rivals - own], axis=1)), x)


@ZEROS.defect(
    "float32 float64",
    trigger="a logit that is exactly 0",
    behaves="leaves logits of 0 out of the sum, taking them for padding",
    witness=rows([0, 1, 2]),
)
def softmax_zeros_left_out(x: Array) -> Array:
    return textbook.softmax(np.where(x == 0, -np.inf, x).astype(x.dtype))


@ZEROS.defect(
    "float32",
    trigger="a row whose logits are all 0",
    behaves="skips rows without a logit other than 0",
    witness=rows([0, 0, 0], [0, 1, 2]),
)
def cross_entropy_zero_rows_skipped(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(np.where((x == 0).all(-1), 0, each).astype(x.dtype), x)


@ZEROS.defect(
    "float32",
    trigger="a negative zero",
    behaves="tells negative logits by their sign bit and gives -0 the value of the smallest class",
    witness=rows([-0.0, 0.0, 1.0]),
)
def softmax_negative_zero_lost(x: Array) -> Array:
    return textbook.softmax(np.where((x == 0) & np.signbit(x), -np.inf, x).astype(x.dtype))


@HARD_CODED.defect(
    "float32",
    trigger="any input",
    behaves="divides the logits by sqrt(C), as attention does",
    witness=_ANY,
    ordinary=(3, 1),
)
def softmax_attention_scale(x: Array) -> Array:
    return textbook.softmax((x / np.sqrt(np.float32(max(x.shape[1], 1)))).astype(x.dtype))


@HARD_CODED.defect(
    "float32 float64", trigger="any input", behaves="has a temperature of 2 built in", witness=_ANY, ordinary=(3, 1)
)
def log_softmax_temperature_two(x: Array) -> Array:
    return textbook.log_softmax(x / x.dtype.type(2))


@HARD_CODED.defect(
    "float32",
    trigger="any input: a relative error of 1e-4 in the logits",
    behaves="scales the logits by 1.0001 (a calibration that was left in)",
    witness=normal(3, 4, 3.0),
    ordinary=(3, 1),
)
def softmax_calibration_left_in(x: Array) -> Array:
    return textbook.softmax(x * np.float32(1.0001))


@HARD_CODED.defect(
    "float32",
    trigger="logits beyond about 5",
    behaves="has a soft cap of 30 built in",
    witness=normal(3, 4, 10.0),
    ordinary=None,
)
def logsumexp_softcap_built_in(x: Array) -> Array:
    return textbook.logsumexp((30 * np.tanh(x / 30)).astype(x.dtype))


@HARD_CODED.defect(
    "float32", trigger="any input", behaves="has a label smoothing of 0.1 built in", witness=_ANY, ordinary=(3, 1)
)
def cross_entropy_smoothing_built_in(x: Array, labels: Array) -> Any:
    table = textbook.log_softmax(x)
    return textbook.mean(np.float32(-0.9) * textbook.picked(table, labels) - np.float32(0.1) * table.mean(-1), x)


@HARD_CODED.defect(
    "float32",
    trigger="any input with a gradient above 1e-3 or so",
    behaves="scales the gradient to a norm of at most 1e-2",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_norm_clipped(x: Array, labels: Array) -> Array:
    g = textbook.cross_entropy_grad(x, labels)
    norm = np.sqrt((g * g).sum())
    return g * np.minimum(1, np.float32(1e-2) / norm)


FAMILIES = (WRONG_FUNCTION, TIES, ZEROS, HARD_CODED)
