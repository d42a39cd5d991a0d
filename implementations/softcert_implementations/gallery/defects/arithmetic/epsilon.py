"""Defects of quotients and logarithms made safe by a small number, and of the logarithm of a probability.

With the maximum subtracted the sum is at least 1, so nothing needs to be added to it; log(softmax(x)) needs a floor
only because the probability underflows before its logarithm does.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, overflowing, rows

EPSILON = Family("eps or floor added", "Add nothing: with the maximum subtracted the sum is at least 1.")
LOG_OF_SOFTMAX = Family("log(softmax)", "Compute (x - max) - log(sum(exp(x - max))), never the log of a probability.")

_ANY = normal(2, 5, 2.0)


@EPSILON.defect(
    "float32 float64",
    trigger="all logits < about -10",
    behaves="takes exp(x) / (sum(exp(x)) + 1e-10) unshifted: mass vanishes for very negative rows",
    witness=rows([-20, -21, -22]),
    reference="Kyubyong/transformer#80",
    ordinary=None,
)
def softmax_unshifted_with_epsilon(x: Array) -> Array:
    e = np.exp(x)
    return e / (e.sum(-1, keepdims=True) + x.dtype.type(1e-10))


@EPSILON.defect(
    "float32",
    trigger="any input with a probability far from 1/C",
    behaves="adds a minimum probability of 1e-4 and normalises again",
    witness=_ANY,
    reference="ascust/SEC-MXNet#10",
    ordinary=None,
    debated=True,
)
def softmax_minimum_probability(x: Array) -> Array:
    return textbook.divided(textbook.softmax(x) + np.float32(1e-4))


@EPSILON.defect(
    "float32 float64",
    trigger="a logit more than about 10 below the maximum",
    behaves="takes log(p + 1e-8): a floor at -18.4",
    witness=rows([0, -20, -25]),
    reference="awslabs/sockeye#376",
    ordinary=None,
)
def log_softmax_epsilon_in_log(x: Array) -> Array:
    return np.log(textbook.softmax(x) + x.dtype.type(1e-8))


@EPSILON.defect(
    "float32 float64",
    trigger="any input: each probability is 1e-5 / sum too small",
    behaves="adds 1e-5 to the denominator although the maximum is subtracted",
    witness=_ANY,
    ordinary=None,
)
def softmax_epsilon_in_denominator(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / (e.sum(-1, keepdims=True) + x.dtype.type(1e-5))


@EPSILON.defect(
    "float64",
    trigger="any input: a relative error of 1e-12 / sum",
    behaves="adds 1e-12 to the denominator, which float32 hides and float64 shows",
    witness=rows([0.0, -40.0]),
    ordinary=None,
)
def softmax_small_epsilon_in_denominator(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / (e.sum(-1, keepdims=True) + 1e-12)


@EPSILON.defect(
    "float32",
    trigger="any input, most where one logit dominates",
    behaves="adds 1e-5 to the sum before the logarithm",
    witness=rows([5.0]),
    ordinary=None,
)
def cross_entropy_epsilon_in_log_sum(x: Array, labels: Array) -> Any:
    d = x - textbook.row_max(x)
    return textbook.mean(np.log(np.exp(d).sum(-1) + np.float32(1e-5)) - textbook.picked(d, labels), x)


@EPSILON.defect(
    "float32",
    trigger="a label's logit more than about 10 below the maximum",
    behaves="takes -log(p + 1e-7): the loss ends at 16.1",
    witness=rows([0, -20], labels=[1]),
    ordinary=None,
)
def cross_entropy_epsilon_in_log(x: Array, labels: Array) -> Any:
    return textbook.mean(-np.log(textbook.picked(textbook.softmax(x), labels) + np.float32(1e-7)), x)


@EPSILON.defect(
    "float32",
    trigger="a logit more than 16 below the maximum",
    behaves="raises every probability to at least 1e-7",
    witness=rows([0, -20, -30]),
)
def softmax_probability_floor(x: Array) -> Array:
    return np.maximum(textbook.softmax(x), np.float32(1e-7))


@EPSILON.defect(
    "float32",
    trigger="a logit more than 14 below the maximum",
    behaves="sets probabilities below 1e-6 to zero",
    witness=rows([0, -15, -16]),
)
def softmax_dust_removed(x: Array) -> Array:
    p = textbook.softmax(x)
    return np.where(p < 1e-6, 0, p).astype(x.dtype)


@EPSILON.defect(
    "float32 float64",
    trigger="a logit more than 100 below the maximum",
    behaves="cuts log-probabilities off at -100, as binary cross-entropies do",
    witness=rows([0, -150]),
)
def log_softmax_floor_at_minus_100(x: Array) -> Array:
    return np.maximum(textbook.log_softmax(x), -100).astype(x.dtype)


@EPSILON.defect(
    "float32",
    trigger="any input: each gradient is short by 1e-4",
    behaves="divides by sum + 1e-4 in the backward pass only",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_epsilon_in_denominator(x: Array, labels: Array) -> Array:
    e = textbook.shifted_exp(x)
    return textbook.gradient(e / (e.sum(-1, keepdims=True) + np.float32(1e-4)), labels, x)


@LOG_OF_SOFTMAX.defect(
    "float16 float32 float64",
    trigger="a logit 17 (float16), 103 (float32), 745 (float64) below the maximum",
    behaves="takes log(softmax(x)): -inf as soon as the probability underflows",
    witness=overflowing([0, -1.7], [0, -1.2]),
    ordinary=None,
    reference="pytorch/pytorch#94043, deeplearning4j/deeplearning4j#785",
)
def log_softmax_log_of_softmax(x: Array) -> Array:
    return np.log(textbook.softmax(x))


@LOG_OF_SOFTMAX.defect(
    "float32 float64",
    trigger="the label's logit more than 95 (float32), 717 (float64) below the maximum: a subnormal probability has "
    "few digits, and from 103 and 745 on none",
    behaves="takes -log(softmax(x)[y]): inf when the probability underflows",
    witness=overflowing([0, -1.2], labels=[1]),
    reference="deeplearning4j/deeplearning4j#785",
)
def cross_entropy_log_of_softmax(x: Array, labels: Array) -> Any:
    return textbook.mean(-np.log(textbook.picked(textbook.softmax(x), labels)), x)


@LOG_OF_SOFTMAX.defect(
    "float32",
    trigger="the label's logit more than 87 below the maximum: p is subnormal and has few digits",
    behaves="takes -log(p) and replaces an infinite loss by the log of the smallest number",
    witness=rows([0, -150], labels=[1]),
)
def cross_entropy_log_of_tiny_softmax(x: Array, labels: Array) -> Any:
    return textbook.mean(
        -np.log(np.maximum(textbook.picked(textbook.softmax(x), labels), np.finfo(np.float32).tiny)), x
    )


FAMILIES = (EPSILON, LOG_OF_SOFTMAX)
