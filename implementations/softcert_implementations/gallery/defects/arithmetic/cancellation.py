"""Defects around the shift once it is there: it is undone too early, forgotten, or infinite.

(x - m) - log s keeps its digits at any common offset; x - (m + log s) loses as many as the offset has. Where the
maximum is infinite there is nothing to subtract, and log(1 + tiny) is a matter for log1p.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

CANCELLATION = Family(
    "cancellation at large offset", "Keep the shift: (x - max) - log(sum); never subtract a full log-sum-exp."
)
NO_LOG1P = Family("no log1p", "Take log1p of the sum of the others: log(1 + tiny) loses tiny.")
INFINITE_MAX = Family("infinite maximum", "Where the maximum is infinite, answer with it instead of subtracting it.")
MAX_LOST = Family("max not added back", "Add the maximum back after the logarithm.")

_FAR = normal(2, 4, offset=1e6)


def _very_far(fmt: str) -> dict[str, Any]:
    """An offset at which half of the digits are gone."""
    return normal(2, 4, offset=1e6 if fmt == "float32" else 1e15)(fmt)


@CANCELLATION.defect(
    "float32 float64",
    trigger="|x| >= 1e4 (float32), 1e13 (float64); from 1e8 on log(1/2) becomes 0",
    behaves="takes x - logsumexp(x): the normaliser is rounded away at a large common offset",
    witness=_very_far,
    reference="ml-explore/mlx#4169, pytorch/pytorch#11752",
)
def log_softmax_minus_logsumexp(x: Array) -> Array:
    return x - textbook.logsumexp(x)[:, None]


@CANCELLATION.defect(
    "float32 float64",
    trigger="a large common offset, |x| >= 1e5 (float32), 1e14 (float64)",
    behaves="takes the loss as logsumexp(x) - x[y], each rounded at the size of x",
    witness=_very_far,
    reference="pytorch/pytorch#195829",
)
def cross_entropy_logsumexp_minus_label(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.logsumexp(x) - textbook.picked(x, labels), x)


@CANCELLATION.defect(
    "float32 float64",
    trigger="|x| >= 1e5 (float32), 1e14 (float64): the exponent is off by |x| u",
    behaves="recovers p as exp(x - logsumexp) from a rounded log-sum-exp: p > 1 at large offsets",
    witness=_very_far,
    reference="pytorch/pytorch#125674",
)
def cross_entropy_grad_from_logsumexp(x: Array, labels: Array) -> Array:
    return textbook.gradient(np.exp(x - textbook.logsumexp(x)[:, None]), labels, x)


@CANCELLATION.defect(
    "float32",
    trigger="a large common offset, |x| >= 1e5",
    behaves="takes softmax as exp(x - logsumexp(x)), with a log-sum-exp rounded at the size of x",
    witness=_FAR,
)
def softmax_from_logsumexp(x: Array) -> Array:
    return np.exp(x - textbook.logsumexp(x)[:, None])


@CANCELLATION.defect(
    "float32",
    trigger="a logit more than 16 below the maximum, or 0 < p < 1e-4: few digits are left",
    behaves="finds each class's probability as 1 minus all the others",
    witness=rows([0, -12, -14]),
    ordinary=None,
)
def softmax_one_minus_the_others(x: Array) -> Array:
    p = textbook.softmax(x)
    return p if x.shape[1] == 1 else 1 - (p.sum(-1, keepdims=True) - p)


@NO_LOG1P.defect(
    "float32 float64",
    trigger="largest logit > 36.8 above the others (float64), 16.7 (float32)",
    behaves="takes log(1 + tiny) = 0: the largest entry's log-probability is lost",
    witness=rows([0, -40]),
    reference="scipy/scipy#19521",
    debated=True,
)
def log_softmax_without_log1p(x: Array) -> Array:
    return textbook.log_softmax(x)


@NO_LOG1P.defect(
    "float32 float64",
    trigger="maximum 0 and the others < -37 (float64), -17 (float32)",
    behaves="rounds log(1 + e^-40) to 0",
    witness=rows([0, -40]),
    reference="scipy/scipy#18295",
    debated=True,
)
def logsumexp_without_log1p(x: Array) -> Array:
    return textbook.logsumexp(x)


@NO_LOG1P.defect(
    "float32 float64",
    trigger="a confident row: the label more than 37 (float64), 17 (float32) above the others",
    behaves="gives a confident row the loss 0",
    witness=rows([0, -40]),
    debated=True,
)
def cross_entropy_without_log1p(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels)


@NO_LOG1P.defect(
    "float32 float64",
    trigger="a confident row: p_y - 1 is 0 where -(sum of the others) is not",
    behaves="takes the true class's gradient as p - 1, which cancels for a confident row",
    witness=rows([0, -40]),
    debated=True,
)
def cross_entropy_grad_one_subtracted(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, labels)


@INFINITE_MAX.defect(
    "float32 float64",
    trigger="every entry -inf",
    behaves="takes -inf - -inf = NaN for a row of -inf (wanted: -inf)",
    witness=rows([-np.inf, -np.inf]),
    reference="tensorflow/tensorflow#11692",
)
def logsumexp_of_minus_inf(x: Array) -> Array:
    m = x.max(-1, keepdims=True)
    y = m + np.log(np.exp(x - m).sum(-1, keepdims=True))
    return np.where(m == np.inf, m, y)[:, 0]


@INFINITE_MAX.defect(
    "float32 float64",
    trigger="an entry +inf",
    behaves="takes +inf - +inf = NaN (wanted: +inf)",
    witness=rows([np.inf, 0]),
    reference="ekzhang/jax-js#223",
)
def logsumexp_of_plus_inf(x: Array) -> Array:
    m = textbook.row_max(x)
    return (m + np.log(np.exp(x - m).sum(-1, keepdims=True)))[:, 0]


@INFINITE_MAX.defect(
    "float32",
    trigger="[M, -M] with M the largest number: the shift overflows to -inf, which is taken for an error",
    behaves="gives NaN where a shifted logit overflows to -inf",
    witness=lambda fmt: rows([1.0, -1.0], scale=float(np.finfo(fmt).max))(fmt),
)
def softmax_refuses_overflowing_shift(x: Array) -> Array:
    d = x - textbook.row_max(x)
    lost = (d == -np.inf) & np.isfinite(x)
    return np.where(lost.any(-1, keepdims=True), np.nan, textbook.divided(np.exp(d))).astype(x.dtype)


@MAX_LOST.defect(
    "float32 float64",
    trigger="any row whose maximum is not 0",
    behaves="subtracts the maximum and never adds it back",
    witness=normal(2, 4),
    reference="elixir-nx/axon#527",
    ordinary=None,
)
def logsumexp_max_not_added_back(x: Array) -> Array:
    return textbook.log_sum(x)[:, 0]


@MAX_LOST.defect(
    "float32",
    trigger="any row whose maximum is not 0",
    behaves="takes log(sum(exp(x - max))) - x[y]: the maximum is missing",
    witness=normal(2, 4),
    ordinary=None,
)
def cross_entropy_max_not_added_back(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.log_sum(x)[:, 0] - textbook.picked(x, labels), x)


@MAX_LOST.defect(
    "float32",
    trigger="any row whose maximum is not 0",
    behaves="adds the maximum back twice",
    witness=normal(2, 4),
    ordinary=None,
)
def logsumexp_max_added_twice(x: Array) -> Array:
    return textbook.logsumexp(x) + textbook.row_max(x)[:, 0]


@MAX_LOST.defect(
    "float32",
    trigger="any row whose maximum is not 0",
    behaves="takes x - log(sum(exp(x - max))): the maximum is missing",
    witness=normal(2, 4),
    ordinary=None,
)
def log_softmax_max_not_subtracted_again(x: Array) -> Array:
    return x - textbook.log_sum(x)


FAMILIES = (CANCELLATION, NO_LOG1P, INFINITE_MAX, MAX_LOST)
