"""Defects of the shift: nothing is subtracted, or something else than the row's own maximum.

exp overflows above log(largest) (88.7 in float32, 709.8 in float64, 11.09 in float16) and vanishes below about
-1.17 times that; a shift by the row maximum makes both harmless, any other only for the rows that it was tried on.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import overflowing, rows

NO_SHIFT = Family("no max shift", "Subtract each row's maximum before the exponential (and add it back after a log).")
GLOBAL_MAX = Family("global max", "Take the maximum of each row: reduce over the last axis, keeping its dimension.")


CLAMPED_MAX = Family("max clamped at 0", "Start the maximum at -inf, and give idle lanes -inf.")
OTHER_SHIFT = Family("wrong shift", "Shift by the maximum of the whole row and by nothing else.")

_BIG = overflowing([1.1, 1.0, 0.0], [0.5, 0.0, -0.5])
_FLOATS = "float16 float32 float64"


@NO_SHIFT.defect(
    _FLOATS,
    trigger="a logit > log(largest): 11.09, 88.73, 709.8 (inf/inf), or all below about -1.17 of that (0/0)",
    behaves="takes exp(x) / sum(exp(x)) without subtracting the maximum",
    witness=_BIG,
    reference="uTensor/uTensor#175, dwavesystems/dwave-optimization#555, apple/coremltools#2690",
)
def softmax_unshifted(x: Array) -> Array:
    return textbook.divided(np.exp(x))


@NO_SHIFT.defect(
    "float32 float64",
    trigger="a logit > 88 (float32), 709 (float64): -inf everywhere",
    behaves="takes x - log(sum(exp(x))) without subtracting the maximum",
    witness=_BIG,
    reference="tracel-ai/burn#315",
)
def log_softmax_unshifted(x: Array) -> Array:
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


@NO_SHIFT.defect(
    _FLOATS,
    trigger="a logit > log(largest) (log(65504 / C) in float16), or all below about -1.17 of that",
    behaves="takes log(sum(exp(x))) without subtracting the maximum",
    witness=_BIG,
    reference="ogrisel/pygbm#49, apple/coremltools#2690",
)
def logsumexp_unshifted(x: Array) -> Array:
    return np.log(np.exp(x).sum(-1))


@NO_SHIFT.defect(
    "float32 float64",
    trigger="a logit > 88 (float32), 709 (float64)",
    behaves="takes log(sum(exp(x))) - x[y] without subtracting the maximum",
    witness=_BIG,
    reference="PAIR-code/tiny-transformers#67",
)
def cross_entropy_unshifted(x: Array, labels: Array) -> Any:
    return textbook.mean(np.log(np.exp(x).sum(-1)) - textbook.picked(x, labels), x)


@NO_SHIFT.defect(
    "float32 float64",
    trigger="a logit > 88 (float32), 709 (float64)",
    behaves="has a stable loss, but recomputes exp(x) unshifted in the backward pass",
    witness=_BIG,
    reference="FluxML/NNlib.jl#68",
)
def cross_entropy_grad_unshifted(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.divided(np.exp(x)), labels, x)


@NO_SHIFT.defect(
    "float32",
    trigger="a row with every logit below about -104: 0/0",
    behaves="shifts by the maximum only where it is above 80, since only overflow was thought of",
    witness=overflowing([-1.3, -1.4, -1.5]),
)
def softmax_shifted_only_when_large(x: Array) -> Array:
    m = textbook.row_max(x)
    return textbook.divided(np.exp(x - np.where(m > 80, m, 0)))


@NO_SHIFT.defect(
    "float32",
    trigger="a logit > 88 in absolute value in the first row decides for all: the others overflow unshifted",
    behaves="decides from the first row alone whether a shift is needed",
    witness=overflowing([0.0, 0.1, 0.2], [1.2, 1.1, 1.0]),
    ordinary=(3, 8),
)
def softmax_shift_decided_by_first_row(x: Array) -> Array:
    needed = bool((np.abs(x[:1]) > 50).any())
    return textbook.divided(np.exp(x - textbook.row_max(x)) if needed else np.exp(x))


@GLOBAL_MAX.defect(
    "float32 float64",
    trigger="rows whose maxima differ by more than 104 (float32), 745 (float64)",
    behaves="subtracts the maximum of the whole batch: a row far below it becomes 0/0",
    witness=overflowing([1.0, 0.9], [-1.0, -1.1]),
    reference="manassharma07/crysx_nn#7",
)
def softmax_global_max(x: Array) -> Array:
    return textbook.divided(np.exp(x - x.max()))


@GLOBAL_MAX.defect(
    "float32 float64",
    trigger="rows whose maxima differ by more than 104 (float32), 745 (float64)",
    behaves="subtracts the maximum of the whole batch: -inf for rows far below it",
    witness=overflowing([1.0, 0.9], [-1.0, -1.1]),
    reference="amdegroot/ssd.pytorch#203",
)
def logsumexp_global_max(x: Array) -> Array:
    return x.max() + np.log(np.exp(x - x.max()).sum(-1))


@GLOBAL_MAX.defect(
    "float32 float64",
    trigger="rows whose maxima differ by more than 104 (float32), 745 (float64)",
    behaves="shifts by the batch maximum in the backward pass: NaN in rows far below it",
    witness=overflowing([1.0, 0.9], [-1.0, -1.1]),
    reference="linxiaow/EECS498-Deep-Learning-for-Vision#2",
)
def cross_entropy_grad_global_max(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.divided(np.exp(x - x.max())), labels, x)


@GLOBAL_MAX.defect(
    "float32",
    trigger="rows whose maxima differ by more than 104",
    behaves="subtracts the batch maximum in the loss: inf for rows far below it",
    witness=overflowing([1.0, 0.9], [-1.0, -1.1]),
)
def cross_entropy_global_max(x: Array, labels: Array) -> Any:
    d = x - x.max()
    return textbook.mean(np.log(np.exp(d).sum(-1)) - textbook.picked(d, labels), x)


@GLOBAL_MAX.defect(
    "float32",
    trigger="two rows of one pair whose maxima differ by more than 104",
    behaves="handles two rows at a time and shares one maximum between them",
    witness=overflowing([1.0, 0.9], [-1.0, -1.1]),
)
def softmax_max_shared_by_pairs(x: Array) -> Array:
    m = textbook.row_max(x)
    for i in range(0, len(x) - 1, 2):
        m[i : i + 2] = m[i : i + 2].max()
    return textbook.divided(np.exp(x - m))


@GLOBAL_MAX.defect(
    "float32",
    trigger="a row more than 88 above, or 104 below, the row before it",
    behaves="subtracts the maximum of the row before (the buffer is read before it is written)",
    witness=overflowing([0.0, 0.1], [1.2, 1.0]),
)
def softmax_max_of_previous_row(x: Array) -> Array:
    m = textbook.row_max(x)
    return textbook.divided(np.exp(x - np.concatenate([m[:1], m[:-1]])))


@CLAMPED_MAX.defect(
    "float32",
    trigger="every logit of a row below -104",
    behaves="shifts by max(0, row maximum): nothing is left of a row of very negative logits",
    witness=overflowing([-1.3, -1.4, -1.5]),
    reference="FluxML/NNlib.jl#43",
)
def softmax_max_from_zero(x: Array) -> Array:
    return textbook.divided(np.exp(x - np.maximum(textbook.row_max(x), 0)))


@CLAMPED_MAX.defect(
    "float32",
    trigger="C < 32 and every logit of a row below -104",
    behaves="reads idle lanes of a warp as 0 where the row is narrower than 32, so the maximum is at least 0",
    witness=overflowing([-1.3, -1.4, -1.5]),
    reference="m0at/rvllm#1",
    ordinary=(3, 40),
)
def softmax_idle_lanes_zero(x: Array) -> Array:
    m = textbook.row_max(x)
    return textbook.divided(np.exp(x - (np.maximum(m, 0) if x.shape[1] < 32 else m)))


@CLAMPED_MAX.defect(
    "float32",
    trigger="every logit of a row below -104",
    behaves="starts the maximum at FLT_MIN, the smallest positive normal number, as if it were the most negative",
    witness=overflowing([-1.3, -1.4, -1.5]),
    reference="mit-han-lab/tinyengine#107",
)
def log_softmax_max_from_tiny(x: Array) -> Array:
    m = np.maximum(textbook.row_max(x), np.finfo(x.dtype).tiny)
    return (x - m) - np.log(np.exp(x - m).sum(-1, keepdims=True))


@CLAMPED_MAX.defect(
    "float32",
    trigger="every logit of a row more than 104 below -10000",
    behaves="starts the maximum at -10000, meant as minus infinity",
    witness=rows([-10200, -10201, -10203]),
)
def logsumexp_max_from_minus_10000(x: Array) -> Array:
    m = np.maximum(textbook.row_max(x), np.float32(-1e4))
    return (m + np.log(np.exp(x - m).sum(-1, keepdims=True)))[:, 0]


@CLAMPED_MAX.defect(
    "float32 float64",
    trigger="every logit of a row below -104 (float32), -745 (float64)",
    behaves="starts the maximum at 0 in the gradient kernel",
    witness=overflowing([-1.3, -1.4, -1.5]),
)
def cross_entropy_grad_max_from_zero(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.divided(np.exp(x - np.maximum(textbook.row_max(x), 0))), labels, x)


@OTHER_SHIFT.defect(
    "float32 float64",
    trigger="a maximum more than 88 (709) above the row's mean",
    behaves="subtracts the mean of the row instead of the maximum",
    witness=overflowing([2.0, 0.0, 0.0, 0.0]),
)
def softmax_shift_by_mean(x: Array) -> Array:
    return textbook.divided(np.exp(x - x.mean(-1, keepdims=True)))


@OTHER_SHIFT.defect(
    "float32 float64",
    trigger="a row that spans more than 88 (709)",
    behaves="subtracts the minimum of the row instead of the maximum",
    witness=overflowing([0.6, -0.6, 0.0]),
)
def softmax_shift_by_minimum(x: Array) -> Array:
    return textbook.divided(np.exp(x - x.min(-1, keepdims=True)))


@OTHER_SHIFT.defect(
    "float32",
    trigger="a logit more than 88 above the first one, or all but it more than 104 above",
    behaves="subtracts the first logit of the row instead of the maximum",
    witness=overflowing([0.0, 1.2, 1.1]),
)
def logsumexp_shift_by_first(x: Array) -> Array:
    return x[:, 0] + np.log(np.exp(x - x[:, :1]).sum(-1))


@OTHER_SHIFT.defect(
    "float32",
    trigger="a negative logit larger in absolute value than every positive one, by more than 104",
    behaves="subtracts the largest absolute value instead of the largest value",
    witness=overflowing([-1.3, -1.2]),
)
def softmax_shift_by_largest_magnitude(x: Array) -> Array:
    return textbook.divided(np.exp(x - np.abs(x).max(-1, keepdims=True)))


@OTHER_SHIFT.defect(
    "float32",
    trigger="a row whose maximum and minimum differ by more than 177",
    behaves="subtracts the middle between maximum and minimum",
    witness=overflowing([1.2, -1.2]),
)
def cross_entropy_shift_by_midrange(x: Array, labels: Array) -> Any:
    d = x - (x.max(-1, keepdims=True) / 2 + x.min(-1, keepdims=True) / 2)
    return textbook.mean(np.log(np.exp(d).sum(-1)) - textbook.picked(d, labels), x)


@OTHER_SHIFT.defect(
    "float32",
    trigger="the maximum at the last class and more than 88 above the others",
    behaves="searches the maximum over all classes but the last (a loop that ends one early)",
    witness=overflowing([0.0, 0.1, 1.3]),
)
def softmax_max_misses_last(x: Array) -> Array:
    m = x[:, : max(1, x.shape[1] - 1)].max(-1, keepdims=True)
    return textbook.divided(np.exp(x - m))


@OTHER_SHIFT.defect(
    "float32",
    trigger="the maximum beyond class 1024 and more than 88 above the first 1024",
    behaves="searches the maximum in the first 1024 classes only (one element a thread)",
    witness=lambda fmt: {"x": np.concatenate([np.zeros((1, 1024)), [[120.0, 100.0]]], 1).astype(fmt)},
)
def softmax_max_of_first_block(x: Array) -> Array:
    return textbook.divided(np.exp(x - x[:, :1024].max(-1, keepdims=True)))


@OTHER_SHIFT.defect(
    "float32",
    trigger="a logit above 65504 in absolute value",
    behaves="keeps the maximum in half precision, where it becomes infinite above 65504",
    witness=rows([70000, 69999, 69998]),
)
def softmax_max_kept_in_half(x: Array) -> Array:
    m = textbook.row_max(x).astype(np.float16).astype(x.dtype)
    return textbook.divided(np.exp(x - m))


@OTHER_SHIFT.defect(
    "float32",
    trigger="a maximum that is no multiple of 1/256 of its power of two: adding it back is off",
    behaves="adds back a maximum that was rounded to half precision, after subtracting the unrounded one",
    witness=rows([10.00390625, 9.0, 8.0]),
    ordinary=None,
)
def logsumexp_adds_back_rounded_max(x: Array) -> Array:
    m = textbook.row_max(x)
    return (m.astype(np.float16).astype(x.dtype) + textbook.log_sum(x))[:, 0]


FAMILIES = (NO_SHIFT, GLOBAL_MAX, CLAMPED_MAX, OTHER_SHIFT)
