"""Defects of the exponential and the logarithm: approximations that are too coarse, and bases mixed up.

A contract grants exp an error of 4 ulp by default. A polynomial that ends early, a bit trick or a base two with a
truncated log2(e) is far outside.
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

APPROXIMATE = Family("approximate exp", "Use the library's exp, or a kernel whose error is known to be a few ulp.")
BASE = Family("log2", "Keep to one base: exp with log, exp2 with log2 and the factor ln 2.")

_ANY = normal(2, 5, 2.0)


def _shifted(x: Array) -> Array:
    return x - textbook.row_max(x)


@APPROXIMATE.defect(
    "float32",
    trigger="a logit more than 13 below the maximum (and a relative error of 1e-4 before)",
    behaves="uses a polynomial for exp(-d) that returns exactly 0 for d > 13",
    witness=rows([0, -14, -15]),
    reference="torch/nn#804",
    ordinary=None,
)
def softmax_polynomial_exp(x: Array) -> Array:
    d = -_shifted(x)
    y = 1 + d * (0.125 + d * (0.0078125 + d * (0.00032552083 + d * 1.0172526e-5)))
    e = 1 / (y * y * y * y * y * y * y * y)
    return textbook.divided(np.where(d < 13, e, 0).astype(x.dtype))


@APPROXIMATE.defect(
    "float32",
    trigger="any input: an error of up to some per cent",
    behaves="writes into the exponent bits instead of taking exp (Schraudolph's trick)",
    witness=_ANY,
    reference="sonos/tract#2677",
    ordinary=None,
)
def softmax_schraudolph(x: Array) -> Array:
    bits = np.maximum(_shifted(x) * np.float32(12102203.0) + np.float32(1064866805.0), 0)
    return textbook.divided(bits.astype(np.int32).view(np.float32))


@APPROXIMATE.defect(
    "float32 float64",
    trigger="a logit more than about 1 below the maximum",
    behaves="takes the first six terms of exp's Taylor series",
    witness=rows([0, -3, -6]),
    ordinary=None,
)
def softmax_taylor_exp(x: Array) -> Array:
    d = _shifted(x)
    return textbook.divided(sum((d**k / x.dtype.type(math.factorial(k)) for k in range(6)), np.zeros_like(x)))


@APPROXIMATE.defect(
    "float32 float64",
    trigger="any input: a relative error of d^2 / 2048",
    behaves="takes (1 + x / 1024)^1024 for exp(x)",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_power_limit_exp(x: Array) -> Array:
    d = _shifted(x)
    e = np.maximum(1 + d / x.dtype.type(1024), 0) ** 1024
    return d - np.log(e.sum(-1, keepdims=True))


@APPROXIMATE.defect(
    "float32 float64",
    trigger="any input: a relative error of about 1e-5 times the distance from the maximum",
    behaves="takes exp2(1.4427 x) with log2(e) cut to five digits",
    witness=_ANY,
    ordinary=None,
)
def softmax_truncated_log2e(x: Array) -> Array:
    return textbook.divided(np.exp2(_shifted(x) * x.dtype.type(1.4427)))


@APPROXIMATE.defect(
    "float32",
    trigger="any input: linear interpolation in a table of 256 entries",
    behaves="interpolates exp linearly in a table with steps of 1/16",
    witness=_ANY,
    ordinary=None,
)
def logsumexp_interpolated_exp(x: Array) -> Array:
    grid = np.arange(-16, 0.03125, 0.0625)
    m = textbook.row_max(x)
    e = np.interp(x - m, grid, np.exp(grid), left=0.0).astype(np.float32)
    return (m + np.log(e.sum(-1, keepdims=True)))[:, 0]


@APPROXIMATE.defect(
    "float32",
    trigger="any input: an 8-bit table of exponentials",
    behaves="looks exp up in a table of 8 bits, as quantised kernels do",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_quantised_exp(x: Array, labels: Array) -> Array:
    e = np.round(textbook.shifted_exp(x) * 255) / np.float32(255)
    return textbook.gradient(textbook.divided(e), labels, x)


@APPROXIMATE.defect(
    "float32",
    trigger="a logit between 20 and 103 below the maximum: its probability is 0",
    behaves="cuts exp off below -20 and returns 0",
    witness=rows([0, -21, -30]),
)
def softmax_exp_cut_at_minus_20(x: Array) -> Array:
    d = _shifted(x)
    return textbook.divided(np.where(d < -20, 0, np.exp(d)).astype(x.dtype))


@APPROXIMATE.defect(
    "float32",
    trigger="logits more than 87.3 below the maximum: subnormal probabilities become 0",
    behaves="flushes subnormal results to zero without saying so in its contract",
    witness=rows([0, -90, -95]),
    debated=True,
)
def softmax_subnormals_flushed(x: Array) -> Array:
    p = textbook.softmax(x)
    return np.where(p < np.finfo(np.float32).tiny, 0, p).astype(x.dtype)


@APPROXIMATE.defect(
    "float32",
    trigger="any input: the logarithm is good to 1e-4",
    behaves="approximates log by the exponent bits and a quadratic",
    witness=normal(2, 3),
    ordinary=None,
)
def logsumexp_approximate_log(x: Array) -> Array:
    m = textbook.row_max(x)
    f, k = np.frexp(np.exp(x - m).sum(-1, keepdims=True))
    t = 2 * f - 1
    return (m + (k - 1 + t * (1.3465 - 0.3465 * t)) * np.float32(math.log(2)))[:, 0].astype(x.dtype)


@APPROXIMATE.defect(
    "float32",
    trigger="any input: a reciprocal of 12 bits",
    behaves="multiplies by the hardware's 12-bit reciprocal without a Newton step",
    witness=_ANY,
    ordinary=None,
)
def softmax_rough_reciprocal(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    r = (1 / e.sum(-1, keepdims=True)).astype(np.float32)
    return e * (r.view(np.uint32) & np.uint32(0xFFFFF000)).view(np.float32)


@BASE.defect(
    "float32 float64",
    trigger="any C > 1",
    behaves="mixes a log2 normaliser with natural logits (ln 2 is missing)",
    witness=_ANY,
    ordinary=(3, 1),
)
def log_softmax_log2_normaliser(x: Array) -> Array:
    return _shifted(x) - np.log2(np.exp(_shifted(x)).sum(-1, keepdims=True))


@BASE.defect(
    "float32 float64",
    trigger="any logits that are not all equal",
    behaves="takes 2^x instead of e^x",
    witness=_ANY,
    ordinary=(3, 1),
)
def softmax_base_two(x: Array) -> Array:
    return textbook.divided(np.exp2(_shifted(x)))


@BASE.defect(
    "float32",
    trigger="any C > 1",
    behaves="gives the log-sum-exp in bits (log2 of the sum of exp)",
    witness=_ANY,
    ordinary=(3, 1),
)
def logsumexp_in_bits(x: Array) -> Array:
    return textbook.row_max(x)[:, 0] + np.log2(np.exp(_shifted(x)).sum(-1))


@BASE.defect("float32", trigger="any C > 1", behaves="takes the logarithm to base 10", witness=_ANY, ordinary=(3, 1))
def cross_entropy_log10(x: Array, labels: Array) -> Any:
    return textbook.mean(-np.log10(textbook.picked(textbook.softmax(x), labels)), x)


@BASE.defect(
    "float32", trigger="any logits", behaves="gives the loss in bits (divided by ln 2)", witness=_ANY, ordinary=(3, 1)
)
def cross_entropy_in_bits(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.losses(x, labels) / np.float32(math.log(2)), x)


@BASE.defect(
    "float32",
    trigger="any logits: the exponential has log2(e) where ln 2 belongs",
    behaves="multiplies by ln 2 where log2(e) is wanted before exp2",
    witness=_ANY,
    ordinary=(3, 1),
)
def cross_entropy_grad_ln2_for_log2e(x: Array, labels: Array) -> Array:
    return textbook.gradient(textbook.divided(np.exp2(_shifted(x) * np.float32(math.log(2)))), labels, x)


FAMILIES = (APPROXIMATE, BASE)
