"""Textbook softmax, log-softmax, log-sum-exp and loss, every operation rounded to one format.

The subjects of benchmarks/limits.py: each follows one algorithm of the table in docs/numerics.md to the letter, so its
error can be held against that algorithm's own limit. NumPy rounds float32 and float64 natively; float16 and bfloat16
operations go through float32, whose 24 bits are at least 2p + 2, so the second rounding is innocuous (Figueroa 1995).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any  # arrays of one of the four dtypes

_LOG2_E, _LN_2 = 1.4426950408889634, 0.6931471805599453


def rounded(values: Array, dtype: np.dtype) -> Array:
    return values if values.dtype == dtype else values.astype(dtype)


def loop(e: Array) -> Array:
    """Sum over the last axis from left to right; (m, 1)."""
    s = e[:, :1]
    for j in range(1, e.shape[1]):
        s = rounded(s + e[:, j : j + 1], e.dtype)
    return s


def tree(e: Array) -> Array:
    """Sum over the last axis by halves, depth ceil(log2 n); (m, 1)."""
    while e.shape[1] > 1:
        k = e.shape[1] // 2
        joined = rounded(e[:, :k] + e[:, k : 2 * k], e.dtype)
        e = np.concatenate([joined, e[:, 2 * k :]], axis=1)
    return e


SUMS: dict[str, Callable[[Array], Array]] = {"loop": loop, "tree": tree}


def _odd(s: Array, error: Array) -> Array:
    """s + error (float64, s nearest) rounded to odd: the last bit is 1 unless the sum is exact (Boldo, Melquiond)."""
    even = (s.view(np.int64) & 1) == 0
    with np.errstate(invalid="ignore"):
        neighbour = np.nextafter(s, np.where(error > 0, np.inf, -np.inf))
    return np.where((error != 0) & even, neighbour, s)


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _two_product(a: Array, b: Array) -> tuple[Array, Array]:
    product = a * b
    big = 134217729.0  # 2^27 + 1, Veltkamp's splitting
    a1, b1 = a * big, b * big
    ah, bh = a1 - (a1 - a), b1 - (b1 - b)
    al, bl = a - ah, b - bh
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl


def _narrow(values: Array, dtype: np.dtype) -> Array:
    """From float64, rounded to odd, once to the format: through float32 rounded to odd for 16-bit formats."""
    if dtype.itemsize >= 4:
        return values.astype(dtype)
    single = values.astype(np.float32)
    gap = values - single
    even = (single.view(np.int32) & 1) == 0
    moved = np.nextafter(single, np.where(gap > 0, np.inf, -np.inf).astype(np.float32))
    return np.where((gap != 0) & even, moved, single).astype(dtype)


def fma(a: Array, b: Array, c: Array) -> Array:
    """a b + c in one rounding to the format of ``a`` (Boldo and Melquiond, "Emulation of FMA", IEEE TC 2008)."""
    dtype = a.dtype
    x, y, z = (np.asarray(v, dtype=np.float64) for v in np.broadcast_arrays(a, b, c))
    if dtype == np.float64:
        high, low = _two_product(x, y)
        t, t_low = _two_sum(z, low)
        v, v_low = _two_sum(high, t)
        return v + _odd(*_two_sum(t_low, v_low))
    return _narrow(_odd(*_two_sum(x * y, z)), dtype)  # the product of two numbers below 26 bits is exact


@dataclass(frozen=True)
class Computed:
    """Everything that the textbook algorithms return for one array (m, C): by operation, then by algorithm."""

    softmax: dict[str, Array]
    log_softmax: dict[str, Array]
    logsumexp: dict[str, Array]


def compute(x: Array, order: str) -> Computed:
    """Run all of them on x (m, C), summing in ``order``."""
    t, add = x.dtype, SUMS[order]

    def r(values: Array) -> Array:
        return rounded(values, t)

    m = x.max(axis=1, keepdims=True)
    d = r(x - m)
    e = r(np.exp(d))
    s = add(e)
    log_s = r(np.log(s))
    y = r(m + log_s)
    log_softmax = r(d - log_s)
    lse_minus = r(x - y)
    log2_e, ln_2 = np.asarray(_LOG2_E).astype(t), np.asarray(_LN_2).astype(t)
    power = r(d * log2_e)
    e2 = r(np.exp2(power))
    s2 = add(e2)
    fused = r(np.exp2(fma(x, log2_e, -r(m * log2_e))))
    top = x.argmax(axis=1)
    others = e.copy()
    others[np.arange(len(x)), top] = 0
    log1p_s = r(np.log1p(add(others)))
    return Computed(
        softmax={
            "shift-divide": r(e / s),
            "reciprocal": r(e * r(np.asarray(1).astype(t) / s)),
            "base-2": r(e2 / s2),
            "base-2-fma": r(fused / add(fused)),
            "exp(x-lse)": r(np.exp(lse_minus)),
            "exp(log_softmax)": r(np.exp(log_softmax)),
        },
        log_softmax={
            "x-m-L": log_softmax,
            "lse-x": lse_minus,
            "log1p": r(d - log1p_s),
            "base-2": r(r(power - r(np.log2(s2))) * ln_2),
        },
        logsumexp={"lse": y, "log1p": r(m + log1p_s)},
    )


def online(x: Array) -> Computed:
    """The one-pass algorithm (Milakov and Gimelshein 2018): rescale the sum whenever the maximum grows."""
    t = x.dtype

    def r(values: Array) -> Array:
        return rounded(values, t)

    m, s = x[:, :1], np.ones_like(x[:, :1])
    for j in range(1, x.shape[1]):
        v = x[:, j : j + 1]
        new = np.maximum(m, v)
        s = r(r(s * r(np.exp(r(m - new)))) + r(np.exp(r(v - new))))
        m = new
    d = r(x - m)
    log_s = r(np.log(s))
    return Computed(
        softmax={"online": r(r(np.exp(d)) / s)},
        log_softmax={"online": r(d - log_s)},
        logsumexp={"online": r(m + log_s)},
    )


def mean(losses: Array) -> Array:
    """Mean of losses (m,), summed from left to right and divided."""
    total = loop(losses[None, :])[0]
    return rounded(total / np.asarray(len(losses)).astype(losses.dtype), losses.dtype)[0]
