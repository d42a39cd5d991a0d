"""Variants of defects of shift, precision and exponential, in NumPy idioms other than the models'."""

# ruff: noqa: D103 - what a variant does stands in its "behaves", and becomes its docstring

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.variants.registry import variant
from softcert_implementations.gallery.witness import constant, normal, overflowing, rows

_BIG = overflowing([1.1, 1.0, 0.0], [0.5, 0.0, -0.5])
_LOW = overflowing([-1.3, -1.4, -1.5])
_APART = overflowing([1.0, 0.9], [-1.0, -1.1])


@variant("no max shift", "float32 float64", _BIG, "normalises powers of e, unshifted")
def softmax_powers_of_e(x: Array) -> Array:
    powers = np.power(x.dtype.type(math.e), x)
    return np.divide(powers, np.add.reduce(powers, axis=1)[:, np.newaxis])


@variant("no max shift", "float32 float64", _BIG, "takes exp2 of scaled logits, unshifted")
def softmax_exp2_unshifted(x: Array) -> Array:
    t = np.exp2(x * x.dtype.type(1.4426950408889634))
    return np.einsum("ij,i->ij", t, 1 / t.sum(1)).astype(x.dtype)


@variant(
    "no max shift", "float32 float64", _BIG, "takes the loss with a sum of exponentials by a dot product, unshifted"
)
def cross_entropy_dot_unshifted(x: Array, labels: Array) -> Any:
    z = np.exp(x) @ np.ones(x.shape[1], x.dtype)
    return np.mean(np.log(z) - np.take_along_axis(x, labels[:, None], 1)[:, 0], dtype=x.dtype)


@variant("no max shift", "float32 float64", _BIG, "sums unshifted exponentials in reverse order")
def logsumexp_reversed_unshifted(x: Array) -> Array:
    return np.log(np.cumsum(np.exp(x[:, ::-1]), axis=1)[:, -1])


@variant("no max shift", "float32", _BIG, "forms p from unshifted exponentials and subtracts an identity row")
def cross_entropy_grad_eye_unshifted(x: Array, labels: Array) -> Array:
    t = np.exp(x)
    return (t / t.sum(1, keepdims=True) - np.eye(x.shape[1], dtype=x.dtype)[labels]) / x.dtype.type(max(len(x), 1))


@variant("global max", "float32 float64", _APART, "subtracts the maximum of the flattened batch")
def log_softmax_flat_maximum(x: Array) -> Array:
    z = x - np.amax(x.ravel(), initial=x.dtype.type(-np.inf))
    return z - np.log(np.exp(z).sum(1))[:, None]


@variant("global max", "float32", _APART, "shares a maximum among blocks of 64 rows")
def softmax_maximum_of_64_rows(x: Array) -> Array:
    out = np.empty_like(x)
    for i in range(0, len(x), 64):
        t = np.exp(x[i : i + 64] - x[i : i + 64].max())
        out[i : i + 64] = t / t.sum(1, keepdims=True)
    return out


@variant("max clamped at 0", "float32 float64", _LOW, "starts its loop over classes with a maximum of 0")
def logsumexp_loop_from_zero(x: Array) -> Array:
    top = np.zeros(len(x), x.dtype)
    for column in x.T:
        top = np.maximum(top, column)
    return top + np.log(np.exp(x - top[:, None]).sum(1))


@variant("max clamped at 0", "float32", _LOW, "pads the row to 16 lanes with 0 before the maximum")
def softmax_lanes_of_16(x: Array) -> Array:
    lanes = np.zeros((len(x), -(-x.shape[1] // 16) * 16), x.dtype)
    lanes[:, : x.shape[1]] = x
    full = lanes.shape[1] == x.shape[1]
    t = np.exp(x - (x if full else lanes).max(1, keepdims=True))
    return t / t.sum(1, keepdims=True)


@variant("wrong shift", "float32", overflowing([2.0, 0.0, 0.0, 0.0]), "shifts by the median of the row")
def softmax_shift_by_median(x: Array) -> Array:
    t = np.exp(x - np.sort(x, 1)[:, (x.shape[1] - 1) // 2][:, None])
    return t / t.sum(1, keepdims=True)


@variant("wrong shift", "float32", overflowing([1.2, 1.1, 0.0]), "shifts by the last logit of the row")
def log_softmax_shift_by_last(x: Array) -> Array:
    z = x - x[:, -1:]
    return z - np.log(np.exp(z).sum(1, keepdims=True))


@variant("logits clamped", "float32 float64", rows([60, 55, 52]), "clamps logits at 40 from above and below")
def softmax_clamped_at_40(x: Array) -> Array:
    t = np.exp(np.minimum(np.maximum(x, -40), 40))
    return (t / t.sum(1, keepdims=True)).astype(x.dtype)


@variant("logits clamped", "float32", rows([50, 0], labels=[1]), "clamps shifted logits at -20 in the loss")
def cross_entropy_differences_clamped(x: Array, labels: Array) -> Any:
    z = np.clip(x - np.max(x, 1, keepdims=True), -20, 0)
    return np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).astype(x.dtype)


def _stalling(t: Array, dtype: Any) -> Array:
    total = np.zeros(len(t), dtype)
    for column in t.T:
        total = (total + column.astype(dtype)).astype(dtype)
    return total.astype(np.float32)[:, None]


@variant(
    "low-precision sum",
    "float16",
    constant(1, 3000),
    "adds column by column in float16",
    contract={"max_classes": 8192},
)
def log_softmax_columns_in_half(x: Array) -> Array:
    w = x.astype(np.float32)
    z = w - w.max(1, keepdims=True)
    return (z - np.log(_stalling(np.exp(z), np.float16))).astype(np.float16)


@variant(
    "low-precision sum",
    "float16",
    constant(1, 12000),
    "keeps four partial sums in float16",
    contract={"max_classes": 20000},
)
def softmax_four_half_accumulators(x: Array) -> Array:
    w = x.astype(np.float32)
    t = np.exp(w - w.max(1, keepdims=True))
    total = sum(
        (_stalling(t[:, k::4], np.float16) for k in range(min(4, t.shape[1]))), np.zeros((len(t), 1), np.float32)
    )
    return (t / total.astype(np.float16).astype(np.float32)).astype(np.float16)


@variant(
    "low-precision sum", "float16", constant(5000, 2), "adds the losses in a float16 loop", contract={"max_rows": 20000}
)
def cross_entropy_half_loop(x: Array, labels: Array) -> Any:
    w = x.astype(np.float32)
    z = w - w.max(1, keepdims=True)
    each = (np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).astype(np.float16)
    total = np.add.accumulate(each, dtype=np.float16)[-1] if len(each) else np.float16(np.nan)
    return np.float16(np.float32(total) / np.float32(max(len(each), 1)))


@variant("precision lost", "float64", normal(2, 5), "goes through float32 on the way in only", ordinary=None)
def logsumexp_narrowed_inside(x: Array) -> Array:
    w = np.float32(x)
    top = w.max(1)
    return (top + np.log(np.exp(w - top[:, None]).sum(1, dtype=np.float64))).astype(np.float64)


@variant(
    "precision lost",
    "float32",
    normal(2, 5, 5.0),
    "rounds the shifted logits to bfloat16 by cutting bits",
    ordinary=None,
)
def softmax_differences_cut(x: Array) -> Array:
    z = np.ascontiguousarray(x - x.max(1, keepdims=True))
    t = np.exp((z.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32))
    return t / t.sum(1, keepdims=True)


@variant("approximate exp", "float32 float64", rows([0, -3, -6]), "takes a Taylor series of degree 7", ordinary=None)
def log_softmax_short_series(x: Array) -> Array:
    z = x - x.max(1, keepdims=True)
    t = np.ones_like(z)
    for n in range(7, 0, -1):
        t = 1 + t * z / x.dtype.type(n)
    return z - np.log(np.abs(t).sum(1, keepdims=True))


@variant("approximate exp", "float32", normal(2, 5, 2.0), "takes (1 + x / 4096)^4096 for exp(x)", ordinary=None)
def softmax_limit_of_powers(x: Array) -> Array:
    t = np.maximum(1 + (x - x.max(1, keepdims=True)) / np.float32(4096), 0)
    for _ in range(12):
        t = t * t
    return t / t.sum(1, keepdims=True)


@variant("approximate exp", "float32", rows([0, -17, -30]), "returns 0 for exp below -16")
def cross_entropy_grad_exp_cut(x: Array, labels: Array) -> Array:
    z = x - x.max(1, keepdims=True)
    t = np.exp(z) * (z > -16)
    g = t / t.sum(1, keepdims=True)
    g[np.arange(len(g)), labels] -= 1
    return g / x.dtype.type(max(len(x), 1))


@variant("log2", "float32 float64", normal(2, 5), "uses exp2 with a natural logarithm", ordinary=(3, 1))
def logsumexp_exp2_and_log(x: Array) -> Array:
    top = x.max(1)
    return top + np.log(np.exp2(x - top[:, None]).sum(1))


@variant("log2", "float32", normal(2, 5), "takes log2 of the probability", ordinary=(3, 1))
def cross_entropy_log2_of_sum(x: Array, labels: Array) -> Any:
    z = x - x.max(1, keepdims=True)
    return np.mean(np.log2(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]).astype(x.dtype)


@variant("eps or floor added", "float32 float64", normal(2, 5), "adds 1e-4 to the shifted sum", ordinary=None)
def softmax_safe_division(x: Array) -> Array:
    t = np.exp(x - x.max(1, keepdims=True))
    return t / (t.sum(1, keepdims=True) + x.dtype.type(1e-4))


@variant("eps or floor added", "float32", rows([0, -25], labels=[1]), "takes -log(p + 1e-6)", ordinary=None)
def cross_entropy_safe_log(x: Array, labels: Array) -> Any:
    t = np.exp(x - x.max(1, keepdims=True))
    p = t / t.sum(1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(p)), labels] + np.float32(1e-6))).astype(x.dtype)


@variant(
    "log(softmax)", "float32 float64", overflowing([0, -1.2], labels=[1]), "takes the log of a gathered probability"
)
def cross_entropy_log_of_gathered(x: Array, labels: Array) -> Any:
    t = np.exp(x - x.max(1, keepdims=True))
    gathered = np.take_along_axis(t / t.sum(1, keepdims=True), labels[:, None], 1)
    return np.mean(-np.log(gathered), dtype=x.dtype)


@variant(
    "log(softmax)",
    "float32 float64",
    overflowing([0, -1.2], [0, -1.7]),
    "takes log of a reciprocal product",
    ordinary=(3, 8),
)
def log_softmax_log_of_product(x: Array) -> Array:
    t = np.exp(x - x.max(1, keepdims=True))
    return np.log(t * np.reciprocal(t.sum(1, keepdims=True)))


@variant("cancellation at large offset", "float32", normal(2, 4, offset=1e6), "subtracts a chain of logaddexp")
def log_softmax_minus_logaddexp(x: Array) -> Array:
    return x - np.logaddexp.reduce(x, axis=1)[:, None]


@variant(
    "cancellation at large offset",
    "float32",
    normal(2, 4, offset=1e6),
    "takes p as exp(x - log-sum-exp), saved from forward",
)
def cross_entropy_grad_saved_logsumexp(x: Array, labels: Array) -> Array:
    saved = np.logaddexp.reduce(x, axis=1)
    g = np.exp(x - saved[:, None]) - np.eye(x.shape[1], dtype=x.dtype)[labels]
    return g / x.dtype.type(max(len(x), 1))


@variant("infinite maximum", "float32 float64", rows([-np.inf, -np.inf]), "shifts a row of -inf by -inf")
def logsumexp_shifted_by_infinity(x: Array) -> Array:
    top = np.amax(x, axis=1)
    y = np.log(np.einsum("ij->i", np.exp(np.subtract(x, top[:, None])))) + top
    return np.where(np.isposinf(top), top, y)


@variant("max not added back", "float32 float64", normal(2, 4), "returns the log of the shifted sum", ordinary=None)
def logsumexp_of_shifted(x: Array) -> Array:
    return np.logaddexp.reduce(x - x.max(1, keepdims=True), axis=1)


@variant("probability clipping", "float32", rows([0, -20], labels=[1]), "raises the label's probability to 1e-6")
def cross_entropy_probability_raised(x: Array, labels: Array) -> Any:
    t = np.exp(x - x.max(1, keepdims=True))
    p = np.maximum((t / t.sum(1, keepdims=True))[np.arange(len(t)), labels], np.float32(1e-6))
    return np.mean(-np.log(p)).astype(x.dtype)
