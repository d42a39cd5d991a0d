"""Defects of logits that are clamped to a range before the exponential, in the place of a shift or beside it.

A clamp keeps exp from overflowing and gives all logits beyond its bounds the same probability.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import rows

CLAMPED_LOGITS = Family("logits clamped", "Do not clamp: with the row maximum subtracted, exp cannot overflow.")


@CLAMPED_LOGITS.defect(
    "float32 float64",
    trigger="a logit beyond 50 in absolute value",
    behaves="clamps the logits to [-50, 50] instead of shifting them",
    witness=rows([60, 55, 52]),
)
def softmax_logits_clamped_at_50(x: Array) -> Array:
    return textbook.divided(np.exp(np.clip(x, -50, 50)))


@CLAMPED_LOGITS.defect(
    "float32",
    trigger="a logit beyond 80 in absolute value",
    behaves="clamps the logits to [-80, 80] instead of shifting them",
    witness=rows([100, 90, 70]),
)
def logsumexp_logits_clamped_at_80(x: Array) -> Array:
    return np.log(np.exp(np.clip(x, -80, 80)).sum(-1))


@CLAMPED_LOGITS.defect(
    "float32 float64",
    trigger="a label's logit more than 30 below the maximum",
    behaves="clamps the shifted logits at -30: no loss exceeds 30 + log C",
    witness=rows([50, 0], labels=[1]),
)
def cross_entropy_shifted_logits_clamped(x: Array, labels: Array) -> Any:
    d = np.maximum(x - textbook.row_max(x), -30)
    return textbook.mean(np.log(np.exp(d).sum(-1)) - textbook.picked(d, labels), x)


@CLAMPED_LOGITS.defect(
    "float32",
    trigger="a logit above 10000 in absolute value",
    behaves="clamps the logits to [-10000, 10000] before everything else",
    witness=rows([10003, 10001, 10000]),
)
def log_softmax_logits_clamped_at_10000(x: Array) -> Array:
    return textbook.log_softmax(np.clip(x, -1e4, 1e4).astype(x.dtype))


@CLAMPED_LOGITS.defect(
    "float32",
    trigger="an infinite logit, or one beyond the largest half-precision number",
    behaves="clamps the logits to the range of half precision, as mixed-precision code does",
    witness=rows([80000, 79999, 79990]),
)
def cross_entropy_grad_logits_clamped_to_half(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(np.clip(x, -65504, 65504), labels)


FAMILIES = (CLAMPED_LOGITS,)
