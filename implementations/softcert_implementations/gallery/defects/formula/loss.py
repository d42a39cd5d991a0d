"""Defects of the loss: clipped, multiplied by a one-hot, applied twice, or fed with the wrong thing."""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.defects.formula.gradient import REVERSED
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

CLIPPING = Family("probability clipping", "Do not clip probabilities: compute the loss from the logits.")
ZERO_TIMES_INF = Family("0 * -inf", "Select the label's entry (or use where); never multiply by a one-hot.")
TWICE = Family("double softmax", "Give the loss logits: it applies the softmax itself.")
NLL = Family("nll of probabilities", "Take the logarithm: the loss is -log p[y], not -p[y].")

_ANY = normal(3, 4, labels=[0, 1, 3])


@CLIPPING.defect(
    "float32",
    trigger="the label's logit > 16 below the maximum",
    behaves="clips probabilities to [1e-7, 1 - 1e-7]: no loss exceeds 16.118",
    witness=rows([0, -20], labels=[1]),
    reference="keras-team/keras#17634",
)
def cross_entropy_clipped(x: Array, labels: Array) -> Any:
    p = np.clip(textbook.softmax(x), np.float32(1e-7), np.float32(1 - 1e-7))
    return textbook.mean(-np.log(textbook.picked(p, labels)), x)


@CLIPPING.defect(
    "float64",
    trigger="the label's logit > 34.5 below the maximum",
    behaves="clips probabilities at 1e-15: no loss exceeds 34.5",
    witness=rows([0, -40], labels=[1]),
    reference="scikit-learn/scikit-learn#17399",
    debated=True,
)
def cross_entropy_clipped_at_1e_15(x: Array, labels: Array) -> Any:
    p = np.clip(textbook.softmax(x), 1e-15, 1 - 1e-15)
    return textbook.mean(-np.log(textbook.picked(p, labels)), x)


@CLIPPING.defect(
    "float32 float64",
    trigger="the label's probability < 1e-7 or > 1 - 1e-7",
    behaves="differentiates clip(p, 1e-7, 1 - 1e-7): a confidently wrong row learns nothing",
    witness=rows([0, -20], labels=[1]),
    reference="keras-team/keras#9664",
)
def cross_entropy_grad_clipped(x: Array, labels: Array) -> Array:
    p = textbook.picked(textbook.softmax(x), labels)
    inside = ((p > 1e-7) & (p < 1 - 1e-7))[:, None]
    return np.where(inside, textbook.cross_entropy_grad(x, labels), 0).astype(x.dtype)


@CLIPPING.defect(
    "float32",
    trigger="the label's logit more than 9 below the maximum",
    behaves="cuts the loss of a row off at 10",
    witness=rows([0, -20], labels=[1]),
)
def cross_entropy_loss_capped(x: Array, labels: Array) -> Any:
    return textbook.mean(np.minimum(textbook.losses(x, labels), np.float32(10)), x)


@CLIPPING.defect(
    "float32",
    trigger="a gradient of more than 0.5 in size, before the division by m",
    behaves="clips each entry of p - t to [-0.5, 0.5]",
    witness=rows([0, -3], labels=[1]),
    ordinary=None,
)
def cross_entropy_grad_entries_clipped(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    return (np.clip(p - textbook.one_hot(labels, p), -0.5, 0.5) / textbook.count(x)).astype(x.dtype)


@CLIPPING.defect(
    "float32",
    trigger="the label's logit more than 100 below the maximum",
    behaves="replaces an infinite or large loss by 100",
    witness=rows([0, -200], labels=[1]),
)
def cross_entropy_loss_capped_at_100(x: Array, labels: Array) -> Any:
    return textbook.mean(np.minimum(textbook.losses(x, labels), np.float32(100)), x)


@ZERO_TIMES_INF.defect(
    "float32 float64",
    trigger="a masked (-inf) logit in a class that is not the label",
    behaves="takes sum(onehot * log_softmax): 0 * -inf = NaN",
    witness=rows([0, 1, -np.inf]),
    reference="google-deepmind/optax#896",
)
def cross_entropy_times_one_hot(x: Array, labels: Array) -> Any:
    return textbook.mean(-(textbook.one_hot(labels, x) * textbook.log_softmax(x)).sum(-1), x)


@ZERO_TIMES_INF.defect(
    "float32",
    trigger="any logit > 104 below the maximum",
    behaves="takes sum(onehot * log(softmax)): 0 * log(0) = NaN for any underflowed class",
    witness=rows([0, -110]),
    reference="tensorflow/models#181",
)
def cross_entropy_times_one_hot_of_log(x: Array, labels: Array) -> Any:
    return textbook.mean(-(textbook.one_hot(labels, x) * np.log(textbook.softmax(x))).sum(-1), x)


@ZERO_TIMES_INF.defect(
    "float32",
    trigger="a logit of -inf: x e^x is -inf * 0",
    behaves="adds 0 * sum(x * p) (an entropy term with weight 0), NaN where a logit is -inf",
    witness=rows([0, 1, -np.inf]),
)
def cross_entropy_entropy_term_of_weight_zero(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.losses(x, labels) + 0 * (x * textbook.softmax(x)).sum(-1), x)


@ZERO_TIMES_INF.defect(
    "float32",
    trigger="an upstream gradient on a class whose probability underflowed",
    behaves="takes p * (w - sum(p * w)) with p * log p inside, NaN where p is 0",
    witness=lambda fmt: {**rows([0, -200])(fmt), "upstream": np.ones((1, 2), fmt)},
)
def softmax_vjp_through_log(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (upstream - (p * upstream).sum(-1, keepdims=True)) + 0 * p * np.log(p)


@TWICE.defect(
    "float32 float64",
    trigger="any input",
    behaves="applies the softmax before a loss that applies it again",
    witness=_ANY,
    reference="tflearn/tflearn#562",
    ordinary=None,
)
def cross_entropy_of_softmax(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(textbook.softmax(x), labels)


@TWICE.defect(
    "float32",
    trigger="any input",
    behaves="takes softmax(softmax(x)) - onehot, without the chain rule",
    witness=_ANY,
    reference="Lightning-Universe/lightning-bolts#654",
    ordinary=None,
)
def cross_entropy_grad_of_softmax(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(textbook.softmax(x), labels)


@TWICE.defect("float32", trigger="any input", behaves="applies the softmax twice", witness=_ANY, ordinary=(3, 1))
def softmax_twice(x: Array) -> Array:
    return textbook.softmax(textbook.softmax(x))


@NLL.defect(
    "float32 float64",
    trigger="any input",
    behaves="feeds the negative log-likelihood with probabilities: -p[y], a negative loss",
    witness=_ANY,
    reference="midas-research/man-sf-emnlp#2",
    ordinary=None,
)
def cross_entropy_minus_probability(x: Array, labels: Array) -> Any:
    return textbook.mean(-textbook.picked(textbook.softmax(x), labels), x)


@NLL.defect(
    "float32",
    trigger="any input",
    behaves="feeds the negative log-likelihood with raw logits: -x[y]",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_minus_logit(x: Array, labels: Array) -> Any:
    return textbook.mean(-textbook.picked(x, labels), x)


@NLL.defect("float32", trigger="any input", behaves="takes 1 - p[y] for the loss", witness=_ANY, ordinary=None)
def cross_entropy_one_minus_probability(x: Array, labels: Array) -> Any:
    return textbook.mean(1 - textbook.picked(textbook.softmax(x), labels), x)


@REVERSED.defect(
    "float32",
    trigger="any input",
    remedy="The loss is minus the log-probability of the label.",
    behaves="returns the log-likelihood: the sign of the loss is reversed",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_sign_reversed(x: Array, labels: Array) -> Any:
    return -textbook.cross_entropy(x, labels)


FAMILIES = (CLIPPING, ZERO_TIMES_INF, TWICE, NLL)
