"""Variants of defects of loss, labels and gradient, in NumPy idioms other than the models'."""

# ruff: noqa: D103 - what a variant does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.variants.registry import variant
from softcert_implementations.gallery.witness import normal, rows, spike

_ANY = normal(3, 4, labels=[0, 1, 3])


def _log_p(x: Array) -> Array:
    """A right log-softmax: by log1p of the others where it matters little, written apart from the gallery's own."""
    z = x - np.max(x, axis=1, keepdims=True)
    return z - np.log(np.einsum("ij->i", np.exp(z)))[:, None]


def _target(x: Array, labels: Array) -> Array:
    return (np.arange(x.shape[1])[None, :] == labels[:, None]).astype(x.dtype)


def _m(x: Array) -> Any:
    return x.dtype.type(max(len(x), 1))


@variant("0 * -inf", "float32 float64", rows([0, 1, -np.inf]), "multiplies by a comparison mask")
def cross_entropy_einsum_one_hot(x: Array, labels: Array) -> Any:
    return (-np.einsum("ij,ij->", _target(x, labels), _log_p(x)) / _m(x)).astype(x.dtype)


@variant("double softmax", "float32", _ANY, "takes the loss of a log-softmax's exponential", ordinary=None)
def cross_entropy_softmax_inside(x: Array, labels: Array) -> Any:
    table = _log_p(np.exp(_log_p(x)))
    return np.mean(-table[np.arange(len(x)), labels]).astype(x.dtype)


@variant("nll of probabilities", "float32", _ANY, "averages minus the probabilities of the labels", ordinary=None)
def cross_entropy_negated_probability(x: Array, labels: Array) -> Any:
    return (-(np.exp(_log_p(x)) * _target(x, labels)).sum() / _m(x)).astype(x.dtype)


@variant("normalisation", "float32 float64", _ANY, "adds the losses", ordinary=(1, 8))
def cross_entropy_added_up(x: Array, labels: Array) -> Any:
    return np.negative(np.take_along_axis(_log_p(x), labels[:, None], 1)).sum(dtype=x.dtype)


@variant("normalisation", "float32", _ANY, "averages over a table of losses with zeros in it", ordinary=(3, 1))
def cross_entropy_mean_of_table(x: Array, labels: Array) -> Any:
    return np.mean(np.where(_target(x, labels) > 0, -_log_p(x), 0), dtype=x.dtype)


@variant("normalisation", "float32", _ANY, "divides the gradient by the square of m", ordinary=(1, 8))
def cross_entropy_grad_square_of_rows(x: Array, labels: Array) -> Array:
    return (np.exp(_log_p(x)) - _target(x, labels)) / (_m(x) * _m(x))


@variant("normalisation", "float32", _ANY, "divides the gradient by nothing", ordinary=(1, 8))
def cross_entropy_grad_undivided(x: Array, labels: Array) -> Array:
    return np.exp(_log_p(x)) - _target(x, labels)


@variant("label indexing", "float32 float64", _ANY, "averages an m x m table of losses", ordinary=(1, 8))
def cross_entropy_fancy_index(x: Array, labels: Array) -> Any:
    return np.mean(-np.take(_log_p(x), labels, axis=1), dtype=x.dtype)


@variant(
    "label indexing",
    "float32",
    normal(3, 5, labels=[0, 1, 3]),
    "takes class y + 1, and class 0 for the last",
    ordinary=None,
)
def cross_entropy_next_class(x: Array, labels: Array) -> Any:
    return np.mean(-_log_p(x)[np.arange(len(x)), (labels + 1) % x.shape[1]]).astype(x.dtype)


@variant("label indexing", "float32", _ANY, "subtracts 1 in every labelled column", ordinary=(1, 8))
def cross_entropy_grad_labelled_columns(x: Array, labels: Array) -> Array:
    g = np.exp(_log_p(x))
    g -= np.isin(np.arange(x.shape[1]), labels)
    return g / _m(x)


@variant("label dtype", "float32", spike(300, 299, 5.0, labels=[299]), "keeps the low byte of a label")
def cross_entropy_low_byte(x: Array, labels: Array) -> Any:
    return np.mean(-_log_p(x)[np.arange(len(x)), labels & 0xFF]).astype(x.dtype)


@variant("label dtype", "float32", spike(3000, 2049, 5.0, labels=[2049]), "rounds labels to 11 bits of significand")
def cross_entropy_grad_labels_rounded(x: Array, labels: Array) -> Array:
    through = np.minimum(np.float16(labels).astype(int), x.shape[1] - 1)
    return (np.exp(_log_p(x)) - _target(x, through)) / _m(x)


@variant("diagonal Jacobian", "float32 float64", _ANY, "fills the label's entry only", ordinary=(3, 1))
def cross_entropy_grad_label_entry(x: Array, labels: Array) -> Array:
    p = np.exp(_log_p(x))
    return np.where(_target(x, labels) > 0, (p - 1) / _m(x), 0).astype(x.dtype)


@variant("onehot missing", "float32 float64", _ANY, "returns exp(log-softmax) / m", ordinary=None)
def cross_entropy_grad_probabilities(x: Array, labels: Array) -> Array:
    return np.exp(_log_p(x)) / _m(x)


@variant("sign reversed", "float32 float64", _ANY, "returns t - p", ordinary=(3, 1))
def cross_entropy_grad_target_minus(x: Array, labels: Array) -> Array:
    return np.subtract(_target(x, labels), np.exp(_log_p(x))) / _m(x)


@variant("via division by p", "float32 float64", rows([0, -800]), "goes through the gradient by the probabilities")
def cross_entropy_grad_chain_through_p(x: Array, labels: Array) -> Array:
    p = np.exp(_log_p(x))
    by_p = np.where(_target(x, labels) > 0, -1, 0) / p / _m(x)
    return (p * by_p - p * np.einsum("ij,ij->i", p, by_p)[:, None]).astype(x.dtype)


@variant("diagonal Jacobian", "float32", _ANY, "takes p (1 - p) times the upstream gradient", ordinary=(3, 1))
def softmax_vjp_variance(x: Array, upstream: Array) -> Array:
    p = np.exp(_log_p(x))
    return upstream * (p - p * p)


@variant("wrong function", "float32", _ANY, "takes the logistic function of each logit", ordinary=None)
def softmax_logistic(x: Array) -> Array:
    return (np.tanh(x / 2) + 1) / 2


@variant("wrong function", "float32 float64", _ANY, "takes the maximum for the log-sum-exp", ordinary=(3, 1))
def logsumexp_sorted_last(x: Array) -> Array:
    return np.sort(x, axis=1)[:, -1].copy()


@variant("wrong function", "float32", _ANY, "averages before the logarithm", ordinary=(3, 1))
def logsumexp_mean_inside(x: Array) -> Array:
    top = x.max(1)
    return np.where(np.isinf(top), top, top + np.log(np.mean(np.exp(x - top[:, None]), axis=1))).astype(x.dtype)


@variant("scale left in", "float32", _ANY, "has a temperature of 4 built in", ordinary=(3, 1))
def softmax_temperature_four(x: Array) -> Array:
    return np.exp(_log_p(x * np.float32(0.25)))


@variant("scale left in", "float32", _ANY, "has a label smoothing of 0.05 built in", ordinary=(3, 1))
def cross_entropy_smoothed_a_little(x: Array, labels: Array) -> Any:
    t = _target(x, labels) * np.float32(0.95) + np.float32(0.05 / max(x.shape[1], 1))
    return np.mean(-(t * _log_p(x)).sum(1)).astype(x.dtype)


@variant("probability clipping", "float32", rows([0, -20], labels=[1]), "gives no gradient below a probability of 1e-6")
def cross_entropy_grad_nothing_below(x: Array, labels: Array) -> Array:
    p = np.exp(_log_p(x))
    own = p[np.arange(len(p)), labels][:, None]
    return np.where(own > 1e-6, (p - _target(x, labels)) / _m(x), 0).astype(x.dtype)


@variant(
    "partial results merged wrongly", "float32", rows([0.0] * 40), "joins blocks of 32 by addition", ordinary=(3, 8)
)
def log_softmax_blocks_of_32_added(x: Array) -> Array:
    parts = [np.logaddexp.reduce(x[:, k : k + 32], axis=1) for k in range(0, x.shape[1], 32)]
    return x - np.sum(parts, axis=0, dtype=x.dtype)[:, None]
