"""Variants of defects of axes, blocks, memory and state, in NumPy idioms other than the models'."""

# ruff: noqa: D103 - what a variant does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import memory
from softcert_implementations.gallery.model import Function
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.variants.registry import variant
from softcert_implementations.gallery.witness import after, constant, normal, overflowing, rows, spike, viewed


def _soft(x: Array) -> Array:
    """A right softmax, by base two: written apart from the gallery's own."""
    top = np.max(x, axis=1, keepdims=True)
    t = np.exp2((x - np.where(np.isneginf(top), 0, top)).astype(x.dtype) * x.dtype.type(1.4426950408889634))
    return t / np.sum(t, axis=1, keepdims=True)


def _lse(x: Array) -> Array:
    top = np.max(x, axis=1)
    base = np.where(np.isinf(top), 0, top).astype(x.dtype)
    return base + np.log(np.sum(np.exp(x - base[:, None]), axis=1))


@variant("wrong axis", "float32 float64", normal(2, 3), "divides by column sums", ordinary=(1, 1))
def softmax_column_sums(x: Array) -> Array:
    t = np.exp(x - x.max())
    return t / np.einsum("ij->j", t)


@variant("wrong axis", "float32", normal(2, 3), "adds the exponentials of all rows", ordinary=(1, 8))
def log_softmax_total_of_batch(x: Array) -> Array:
    z = x - x.max()
    return z - np.log(np.exp(z).sum())


@variant("wrong axis", "float32", normal(3, 3), "broadcasts row sums along columns in a square batch")
def softmax_square_broadcast(x: Array) -> Array:
    t = np.exp(x - x.max(1, keepdims=True))
    s = t.sum(1)
    return t / (s if s.size == x.shape[1] else s.reshape(-1, 1))


@variant("squeezed dimension", "float32", normal(1, 4), "drops the row dimension of a single row")
def log_softmax_single_row_dropped(x: Array) -> Array:
    y = x - _lse(x)[:, None]
    return y[0] if y.shape[0] == 1 else y


@variant(
    "vector tail",
    "float32 float64",
    normal(2, 19),
    "works in vectors of 16 and forgets what is left over",
    ordinary=(3, 16),
)
def softmax_vectors_of_16(x: Array) -> Array:
    t = np.exp(x - x.max(1, keepdims=True))
    whole = t.shape[1] // 16 * 16
    total = t[:, :whole].reshape(len(t), -1, 16).sum((1, 2)) if whole else t.sum(1)
    return t / total[:, None]


@variant(
    "vector tail",
    "float32",
    normal(2, 7),
    "adds four lanes and leaves the last C mod 4 out of the loss",
    ordinary=(3, 8),
)
def cross_entropy_lanes_of_4(x: Array, labels: Array) -> Any:
    whole = x.shape[1] // 4 * 4 or x.shape[1]
    return np.mean(_lse(x[:, :whole]) - x[np.arange(len(x)), labels]).astype(x.dtype)


@variant("vector tail", "float32", normal(2, 37), "counts stale lanes of the last vector of 32 again")
def logsumexp_stale_lanes_of_32(x: Array) -> Array:
    C = x.shape[1]
    over = C % 32
    stale = x[:, C - over - (32 - over) : C - over] if over and C > 32 else x[:, :0]
    return _lse(np.concatenate([x, stale], axis=1))


@variant("vector tail", "float32", normal(3, 4), "never writes the last row of an odd batch", ordinary=(4, 8))
def log_softmax_pairs_of_rows(x: Array) -> Array:
    out = np.zeros_like(x)
    for i in range(0, max(len(x) - len(x) % 2, 1 if len(x) == 1 else 0), 2):
        out[i : i + 2] = x[i : i + 2] - _lse(x[i : i + 2])[:, None]
    return out


@variant("padding", "float32", rows([-3, -4, -5]), "pads to 32 classes with 0", ordinary=(3, 32))
def logsumexp_padded_to_32(x: Array) -> Array:
    padded = np.zeros((len(x), -(-x.shape[1] // 32) * 32), x.dtype)
    padded[:, : x.shape[1]] = x
    return _lse(padded)


@variant("padding", "float32", rows([-40000, -40001, -40002]), "pads to a power of two with -30000", ordinary=(3, 11))
def softmax_padded_with_minus_30000(x: Array) -> Array:
    width = 1 << max(x.shape[1] - 1, 0).bit_length()
    padded = np.full((len(x), width), -30000, x.dtype)
    padded[:, : x.shape[1]] = x
    return _soft(padded)[:, : x.shape[1]]


@variant("capacity exceeded", "float32", constant(1, 2100), "adds the first 2048 classes only")
def softmax_first_2048(x: Array) -> Array:
    t = np.exp(x - x.max(1, keepdims=True))
    return t / t[:, :2048].sum(1, keepdims=True)


@variant("capacity exceeded", "float32", constant(1, 600), "never writes beyond class 512")
def log_softmax_first_512(x: Array) -> Array:
    out = np.zeros_like(x)
    out[:, :512] = (x - _lse(x)[:, None])[:, :512]
    return out


@variant("index overflow", "float32", spike(40000, 39999, 5.0, labels=[39999]), "keeps labels in 15 bits")
def cross_entropy_label_masked(x: Array, labels: Array) -> Any:
    return np.mean(_lse(x) - x[np.arange(len(x)), labels & 0x7FFF]).astype(x.dtype)


def _online(x: Array, block: int, rule: Any) -> tuple[Array, Array]:
    top = x[:, :block].max(1)
    total = np.exp(x[:, :block] - top[:, None]).sum(1)
    for k in range(block, x.shape[1], block):
        part = x[:, k : k + block]
        new = np.fmax(top, part.max(1))
        total = total * rule(top, new) + np.exp(part - new[:, None]).sum(1)
        top = new
    return top, total


@variant(
    "online rescale",
    "float32 float64",
    rows([0, 1, 2, 3, 4, 5, 6, 7]),
    "one pass with blocks of 2, never rescaled",
    ordinary=(3, 2),
)
def logsumexp_pass_without_rescale(x: Array) -> Array:
    top, total = _online(x, 2, lambda old, new: 1)
    return top + np.log(total)


@variant(
    "online rescale",
    "float32",
    rows([0.125 * k for k in range(40)]),
    "blocks of 16, rescaled the wrong way round",
    ordinary=(3, 16),
)
def softmax_blocks_of_16_reversed(x: Array) -> Array:
    top, total = _online(x, 16, lambda old, new: np.exp(new - old))
    return np.exp(x - top[:, None]) / total[:, None]


@variant(
    "online rescale", "float32", rows([0, 1, 2, 3, 4, 5, 6, 7]), "one pass in the loss, never rescaled", ordinary=(3, 1)
)
def cross_entropy_pass_without_rescale(x: Array, labels: Array) -> Any:
    top, total = _online(x, 1, lambda old, new: np.ones_like(old))
    return np.mean(np.log(total) - (x[np.arange(len(x)), labels] - top)).astype(x.dtype)


@variant(
    "empty block", "float32 float64", rows([-np.inf] * 8 + [0.0, 1.0]), "blocks of 8, NaN for a leading block of -inf"
)
def logsumexp_leading_block_of_8(x: Array) -> Array:
    top, total = _online(x, 8, lambda old, new: np.exp(old - new))
    return np.where(np.isinf(top), top, top + np.log(total))


@variant(
    "partial results merged wrongly",
    "float32",
    rows([0, 0, 3, 3]),
    "averages two log-sum-exps and adds log 2",
    ordinary=(3, 1),
)
def logsumexp_halves_averaged(x: Array) -> Array:
    k = (x.shape[1] + 1) // 2
    if x.shape[1] < 2:
        return _lse(x)
    return ((_lse(x[:, :k]) + _lse(x[:, k:])) / 2 + np.log(np.float32(2))).astype(x.dtype)


@variant("strides", "float32 float64", viewed(lambda b: b.T, 5, 3), "reads consecutive memory")
def log_softmax_consecutive(x: Array) -> Array:
    flat, start = memory.owner(x)
    taken = np.take(flat, np.arange(start, start + x.size), mode="clip").reshape(x.shape)
    return taken - _lse(taken)[:, None]


@variant("strides", "float32", viewed(lambda b: b[:, :4], 3, 9), "takes the row stride for C in the log-sum-exp")
def logsumexp_packed_rows(x: Array) -> Array:
    if x.strides[1] != x.itemsize:
        return _lse(x)
    flat, start = memory.owner(x)
    return _lse(np.take(flat, start + np.arange(x.size).reshape(x.shape), mode="clip"))


@variant("strides", "float32", viewed(lambda b: b.T, 5, 3), "reshapes Fortran memory as if it were C")
def softmax_fortran_as_c(x: Array) -> Array:
    return _soft(np.reshape(x, -1, order="A").reshape(x.shape))


@variant("in-place overwrite", "float32 float64", normal(3, 5), "shifts the caller's logits", ordinary=None)
def softmax_shift_in_place(x: Array) -> Array:
    np.subtract(x, x.max(1, keepdims=True), out=x)
    return np.exp(x) / np.exp(x).sum(1, keepdims=True)


@variant("in-place overwrite", "float32", normal(3, 5), "keeps exponentials in the caller's array", ordinary=None)
def cross_entropy_exponentials_in_place(x: Array, labels: Array) -> Any:
    z = x - x.max(1, keepdims=True)
    x[...] = np.exp(z)
    return np.mean(np.log(x.sum(1)) - z[np.arange(len(z)), labels]).astype(x.dtype)


@variant(
    "state between calls",
    "float32",
    after([normal(3, 4, seed=1)], normal(3, 4, seed=2)),
    "remembers one answer by shape",
    op="log_softmax",
    factory=True,
)
def log_softmax_memoised() -> Function:
    known: dict[Any, Array] = {}

    def log_softmax(x: Array) -> Array:
        key = (len(x), x.shape[1])
        if key not in known:
            known.clear()
            known[key] = x - _lse(x)[:, None]
        return known[key].copy()

    return log_softmax


@variant(
    "race",
    "float32",
    after([normal(3, 4, seed=k) for k in range(4)], normal(3, 4, seed=5)),
    "takes another row's sum at every fifth call",
    op="softmax",
    factory=True,
)
def softmax_race_every_fifth() -> Function:
    count = iter(range(1, 1 << 60))

    def softmax(x: Array) -> Array:
        t = np.exp(x - x.max(1, keepdims=True))
        s = t.sum(1, keepdims=True)
        return t / (s[::-1] if next(count) % 5 == 0 else s)

    return softmax


@variant(
    "rows depend on one another",
    "float32",
    rows([3, 0], [1, 0]),
    "returns rows in order of their sums",
    ordinary=(1, 8),
)
def softmax_rows_by_sum(x: Array) -> Array:
    return _soft(x[np.argsort(x.sum(1))])


@variant("NaN hidden", "float32", rows([0, np.nan, 1]), "adds with nansum and takes nanmax")
def logsumexp_nansum(x: Array) -> Array:
    top = np.fmax.reduce(x, axis=1)
    base = np.where(np.isinf(top), 0, top).astype(x.dtype)
    t = np.exp(x - base[:, None])
    return np.where(np.isposinf(top), top, base + np.log(np.where(np.isnan(t), 0, t).sum(1)))


@variant("infinity replaced", "float32", rows([-1.0, -np.inf, -2.0]), "takes -inf for -1")
def softmax_minus_inf_as_minus_one(x: Array) -> Array:
    return _soft(np.where(np.isneginf(x), x.dtype.type(-1), x))


@variant("ties miscounted", "float32", rows([2, 2, 0]), "leaves out everything equal to the maximum and adds 1")
def logsumexp_one_maximum(x: Array) -> Array:
    top = x.max(1)
    z = x - np.where(np.isinf(top), 0, top)[:, None]
    below = np.where(z < 0, np.exp(z), 0).sum(1)
    return np.where(np.isinf(top), top, top + np.log1p(below)).astype(x.dtype)


@variant("zeros taken for padding", "float32", rows([0, 1, 2]), "sums the exponentials of non-zero logits only")
def logsumexp_nonzero_only(x: Array) -> Array:
    return _lse(np.where(x != 0, x, x.dtype.type(-np.inf)))


@variant("wrong result format", "float32", normal(2, 3), "returns double precision", ordinary=None)
def log_softmax_in_double(x: Array) -> Array:
    w = x.astype(float)
    return w - _lse(w)[:, None]


@variant("wrong result form", "float32", normal(2, 3), "returns a list of arrays", ordinary=None)
def softmax_list_of_rows(x: Array) -> Any:
    return list(_soft(x))


@variant("valid input refused", "float32", rows([0, 1, -np.inf]), "refuses infinities")
def logsumexp_check_finite(x: Array) -> Array:
    return _lse(np.asarray_chkfinite(x))


@variant("wrong shift", "float32", overflowing([0.0, 1.3, 0.1]), "searches the maximum in even positions only")
def softmax_maximum_of_even_positions(x: Array) -> Array:
    t = np.exp(x - x[:, ::2].max(1, keepdims=True))
    return t / t.sum(1, keepdims=True)
