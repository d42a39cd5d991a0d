"""Defects of precision: a sum, a maximum, an exponential or a copy in a format too narrow for it.

One by one, a sum of ones stalls at 2^p: at 2048 in float16, at 256 in bfloat16, at 2^24 in float32; and float16 ends at
65504. The remedy is an accumulator of at least float32 and never narrower than the input.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import constant, normal, rows

LOW_SUM = Family("low-precision sum", "Add in float32 (float64 for float64), whatever the format of the logits.")
NARROWED = Family("precision lost", "Compute in the input's format or wider, and round once, to nearest, at the end.")

_HALF = np.float16
_BF16 = np.dtype(ml_dtypes.bfloat16)


def _one_by_one(e: Array, dtype: Any) -> Array:
    return textbook.running_sum(e, dtype).astype(e.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="C > 2048 logits of similar size",
    behaves="adds the exponentials one by one in float16: the sum stalls at 2048",
    witness=constant(1, 3000),
    reference="huggingface/candle#3727",
)
def softmax_sum_in_half(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / textbook.running_sum(e, _HALF)


@LOW_SUM.defect(
    "bfloat16 float32",
    trigger="C > 256 logits of similar size",
    behaves="adds the exponentials one by one in bfloat16: the sum stalls at 256",
    witness=constant(1, 400),
    reference="pytorch/executorch#20090",
    ordinary=None,
)
def softmax_sum_in_bfloat16(x: Array) -> Array:
    e = textbook.shifted_exp(textbook.wide(x))
    return (e / _one_by_one(e, _BF16)).astype(x.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="C >= 65520 equal logits: the sum is infinite and every probability 0",
    behaves="adds the exponentials in float16 by a tree: the sum overflows at 65520",
    witness=constant(1, 65537),
    reference="google-research/last#43",
)
def softmax_sum_overflows_half(x: Array) -> Array:
    e = textbook.shifted_exp(textbook.wide(x))
    return (e / e.sum(-1, keepdims=True).astype(_HALF).astype(np.float32)).astype(x.dtype)


@LOW_SUM.defect(
    "bfloat16",
    trigger="C > 256 similar logits: every value off by log(C / 256)",
    behaves="adds the exponentials one by one in bfloat16: the sum stalls at 256",
    witness=constant(1, 400),
    reference="pytorch/executorch#20090",
)
def log_softmax_sum_in_bfloat16(x: Array) -> Array:
    w = textbook.wide(x)
    e = textbook.shifted_exp(w)
    return (w - textbook.row_max(w) - np.log(_one_by_one(e, _BF16))).astype(x.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="C >= 65520 equal logits: inf, though the log of the sum is 11.09",
    behaves="keeps the sum of the exponentials in float16, where it overflows",
    witness=constant(1, 65537),
    reference="google-research/last#43",
)
def logsumexp_sum_overflows_half(x: Array) -> Array:
    w = textbook.wide(x)
    m = textbook.row_max(w)
    s = np.exp(w - m).sum(-1, keepdims=True).astype(_HALF).astype(np.float32)
    return (m + np.log(s))[:, 0].astype(x.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="a sum of losses above 65504 (m = 8192 with losses of 9)",
    behaves="adds the losses in float16 before it divides by m: inf",
    witness=lambda fmt: {
        **constant(8192, 2)(fmt),
        "x": np.tile(np.array([[9.0, 0.0]], fmt), (8192, 1)),
        "labels": np.ones(8192, np.int64),
    },
    reference="pytorch/pytorch#85791",
)
def cross_entropy_batch_sum_overflows_half(x: Array, labels: Array) -> Any:
    return (textbook.losses(x, labels).sum().astype(_HALF) / np.float32(len(x))).astype(x.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="m > 2048",
    behaves="adds the losses one by one in float16: the sum stalls",
    witness=constant(5000, 2),
    reference="awslabs/raf#113",
)
def cross_entropy_losses_added_in_half(x: Array, labels: Array) -> Any:
    total = np.add.accumulate(textbook.losses(x, labels).astype(_HALF), dtype=_HALF)[-1:].sum()
    return (np.float32(total) / np.float32(len(x))).astype(x.dtype)


@LOW_SUM.defect(
    "float32",
    trigger="m of several millions (7.5e7 there)",
    behaves="adds the losses one by one in float32",
    witness=lambda fmt: {"x": np.tile(np.array([[0.3, 0.0]], fmt), (40_000, 1))},
    reference="pytorch/pytorch#55657",
    debated=True,
)
def cross_entropy_losses_added_one_by_one(x: Array, labels: Array) -> Any:
    total = np.add.accumulate(textbook.losses(x, labels))[-1:].sum()
    return (total / np.float32(len(x))).astype(x.dtype)


@LOW_SUM.defect(
    "float16",
    trigger="C > 2048 similar logits: the rows of the gradient do not add up to 0",
    behaves="normalises the backward softmax with a sum in float16",
    witness=constant(1, 3000),
    reference="sonos/tract#2586",
)
def cross_entropy_grad_sum_in_half(x: Array, labels: Array) -> Array:
    e = textbook.shifted_exp(textbook.wide(x))
    return textbook.gradient(e / _one_by_one(e, _HALF), labels, x)


@LOW_SUM.defect(
    "float16",
    trigger="C of some thousands",
    behaves="accumulates the dot product of gradient and output in float16",
    witness=lambda fmt: {**constant(1, 8000)(fmt), "upstream": np.ones((1, 8000), fmt)},
    reference="ROCm/MIOpen#3427",
)
def softmax_vjp_dot_in_half(x: Array, upstream: Array) -> Array:
    p, w = textbook.softmax(textbook.wide(x)), textbook.wide(upstream)
    return (p * (w - _one_by_one(p * w, _HALF))).astype(x.dtype)


@LOW_SUM.defect(
    "float32",
    trigger="an odd number of rows above 2048",
    behaves="keeps the number of rows in float16: 2049 becomes 2048, 65520 infinity",
    witness=constant(2049, 2),
)
def cross_entropy_row_count_in_half(x: Array, labels: Array) -> Any:
    return (textbook.losses(x, labels).sum() / np.float32(_HALF(len(x)))).astype(x.dtype)


@LOW_SUM.defect(
    "float32",
    trigger="any input: a relative error up to 2^-11",
    behaves="adds the exponentials in float16 inside a float32 softmax (a mixed-precision accumulator)",
    witness=normal(2, 9),
    ordinary=None,
)
def logsumexp_accumulates_in_half(x: Array) -> Array:
    m = textbook.row_max(x)
    return (m + np.log(_one_by_one(np.exp(x - m), _HALF)))[:, 0]


@LOW_SUM.defect(
    "float64",
    trigger="any input: a relative error of 2^-24",
    behaves="adds the exponentials in float32 inside a float64 function",
    witness=normal(2, 9),
    ordinary=None,
)
def softmax_float64_sum_in_float32(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / e.astype(np.float32).sum(-1, keepdims=True)


@NARROWED.defect(
    "float64",
    trigger="any input: 7 digits are right",
    behaves="computes float64 through float32 and widens the result",
    witness=normal(2, 5),
    ordinary=None,
)
def softmax_float64_through_float32(x: Array) -> Array:
    return textbook.softmax(x.astype(np.float32)).astype(x.dtype)


@NARROWED.defect(
    "float64",
    trigger="any input: 7 digits are right",
    behaves="computes float64 through float32 and widens the result",
    witness=normal(2, 5),
    ordinary=None,
)
def log_softmax_float64_through_float32(x: Array) -> Array:
    return textbook.log_softmax(x.astype(np.float32)).astype(x.dtype)


@NARROWED.defect(
    "float64",
    trigger="any input: the average is kept in float32",
    behaves="keeps the mean of the losses in float32 (a logging helper) and widens it",
    witness=normal(3, 5),
    ordinary=None,
)
def cross_entropy_float64_mean_in_float32(x: Array, labels: Array) -> Any:
    return np.float32(textbook.cross_entropy(x, labels)).astype(x.dtype)


@NARROWED.defect(
    "float64",
    trigger="any input: the exponential comes from a float32 library",
    behaves="calls the float32 exponential (expf) in a float64 function",
    witness=normal(2, 5),
    ordinary=None,
)
def cross_entropy_grad_float64_with_expf(x: Array, labels: Array) -> Array:
    e = np.exp((x - textbook.row_max(x)).astype(np.float32)).astype(x.dtype)
    return textbook.gradient(textbook.divided(e), labels, x)


@NARROWED.defect(
    "float32",
    trigger="any input: 3 digits are right",
    behaves="casts the logits to float16 before everything else (autocast left on)",
    witness=normal(2, 5, 5.0),
    ordinary=None,
)
def cross_entropy_logits_cast_to_half(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x.astype(_HALF).astype(np.float32), labels)


@NARROWED.defect(
    "float32",
    trigger="any input: 2 digits are right",
    behaves="casts the logits to bfloat16 before everything else",
    witness=normal(2, 5, 5.0),
    ordinary=None,
)
def softmax_logits_cast_to_bfloat16(x: Array) -> Array:
    return textbook.softmax(x.astype(_BF16).astype(np.float32))


@NARROWED.defect(
    "float32",
    trigger="any input: TensorFloat-32 keeps 10 bits of the significand",
    behaves="truncates the logits to 10 bits of significand, as matrix units do unless told not to",
    witness=normal(2, 5, 5.0),
    ordinary=None,
)
def logsumexp_logits_in_tf32(x: Array) -> Array:
    return textbook.logsumexp((np.ascontiguousarray(x).view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32))


@NARROWED.defect(
    "float32",
    trigger="any input: the probabilities are stored in float16 and read back",
    behaves="stores the probabilities in float16 between forward and backward",
    witness=normal(2, 5),
    ordinary=None,
)
def cross_entropy_grad_probabilities_saved_in_half(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.softmax(x).astype(_HALF).astype(np.float32), labels, x)


@NARROWED.defect(
    "float16",
    trigger="any input: errors of several half-precision roundings, more with every class",
    behaves="computes everything in float16: exponentials, their sum and the quotient",
    witness=normal(2, 200),
    ordinary=None,
)
def softmax_native_half(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    return e / textbook.running_sum(e, _HALF)


@NARROWED.defect(
    "bfloat16",
    trigger="any input: an error of up to one ulp where half an ulp is possible",
    behaves="makes bfloat16 of float32 by dropping the lower 16 bits instead of rounding",
    witness=normal(2, 9),
    ordinary=None,
)
def softmax_truncated_to_bfloat16(x: Array) -> Array:
    bits = np.ascontiguousarray(textbook.softmax(textbook.wide(x))).view(np.uint32) >> np.uint32(16)
    return bits.astype(np.uint16).view(x.dtype)


@NARROWED.defect(
    "float16",
    trigger="losses whose gradient, divided by m, falls below 6e-8: they become zero",
    behaves="divides by m in float16 after the gradient was rounded, and loses what falls below 6e-8",
    witness=normal(600, 3, 2.0),
    ordinary=None,
)
def cross_entropy_grad_divided_in_half(x: Array, labels: Array) -> Array:
    p = textbook.softmax(textbook.wide(x))
    return (p - textbook.one_hot(labels, p)).astype(_HALF) * _HALF(1 / max(len(x), 1))


@NARROWED.defect(
    "float32",
    trigger="logits far from zero: the difference to the maximum is rounded to half precision",
    behaves="stores the shifted logits in float16",
    witness=rows([0.0, -1.2345678, -2.3456789]),
    ordinary=None,
)
def log_softmax_shifted_logits_in_half(x: Array) -> Array:
    d = (x - textbook.row_max(x)).astype(_HALF).astype(np.float32)
    return d - np.log(np.exp(d).sum(-1, keepdims=True))


FAMILIES = (LOW_SUM, NARROWED)
