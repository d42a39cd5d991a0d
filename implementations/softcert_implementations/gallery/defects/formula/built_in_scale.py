"""Defects of a scale, a temperature, a cap or a smoothing that is built in and was not asked for."""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal

HARD_CODED = Family("scale left in", "Leave the logits as they are: temperature and scale belong to the caller.")

_ANY = normal(3, 4, labels=[0, 1, 3])


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


FAMILIES = (HARD_CODED,)
