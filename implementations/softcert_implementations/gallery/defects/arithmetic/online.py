"""Defects of one-pass and blockwise algorithms: the running maximum and the rescaling that it asks for.

Milakov and Gimelshein, "Online normalizer calculation for softmax" (2018): when the maximum grows from m to m',
what was summed so far is multiplied by exp(m - m').
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import overflowing, rows

RESCALE = Family(
    "online rescale", "When the maximum grows, multiply the running sum by exp(old maximum - new maximum)."
)
BLOCK_NAN = Family("empty block", "Skip a block of -inf: its maximum is -inf, and -inf - -inf is NaN.")
MERGE = Family(
    "partial results merged wrongly", "Weigh each part by exp(its maximum - the common maximum) times its sum."
)

_GROWING = rows([0, 1, 2, 3, 4, 5, 6, 7])
_FALLING = (3, 4)


def online(x: Array, factor: Callable[[Array, Array], Array], block: int = 4) -> tuple[Array, Array]:
    """Running maximum and sum over blocks; ``factor(old, new)`` multiplies the sum when the maximum moves."""
    m = np.full((len(x), 1), -np.inf, x.dtype)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], block):
        part = x[:, start : start + block]
        new = np.maximum(m, part.max(-1, keepdims=True))
        s = s * np.where(m == -np.inf, np.zeros_like(m), factor(m, new)) + np.exp(part - textbook.row_max(new)).sum(
            -1, keepdims=True
        )
        m = new
    return m, s


def _forgotten(old: Array, new: Array) -> Array:
    return np.ones_like(old)


@RESCALE.defect(
    "float32 float64",
    trigger="the maximum is not in the first block of 4",
    behaves="forgets to rescale the running sum when the maximum grows",
    witness=_GROWING,
    ordinary=_FALLING,
)
def softmax_online_never_rescaled(x: Array) -> Array:
    m, s = online(x, _forgotten)
    return np.exp(x - m) / s


@RESCALE.defect(
    "float32 float64",
    trigger="the maximum grows after the first block of 4",
    behaves="rescales by exp(new - old) instead of exp(old - new)",
    witness=_GROWING,
    ordinary=_FALLING,
    reference="deepseek-ai/FlashMLA#177",
)
def softmax_online_sign_reversed(x: Array) -> Array:
    m, s = online(x, lambda old, new: np.exp(new - old))
    return np.exp(x - m) / s


@RESCALE.defect(
    "float32",
    trigger="a later block of 4 lies more than 88 below an earlier one",
    behaves="shifts by the maximum of the current block, not the running one: exp(old - block) overflows",
    witness=overflowing([1.2, 1.1, 1.0, 0.9, -0.1, -0.2, -0.3, -0.4]),
    reference="tile-ai/tilelang#1148",
)
def softmax_online_block_maximum(x: Array) -> Array:
    m = np.full((len(x), 1), -np.inf, x.dtype)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], 4):
        part = x[:, start : start + 4]
        new = part.max(-1, keepdims=True)
        s = s * np.exp(m - new) + np.exp(part - new).sum(-1, keepdims=True)
        m = new
    return np.exp(x - m) / s


@RESCALE.defect(
    "float32",
    trigger="the maximum grows after the first element",
    behaves="keeps the numerators of the earlier elements relative to the maximum of their time",
    witness=_GROWING,
    ordinary=(3, 1),
)
def softmax_online_numerators_not_rescaled(x: Array) -> Array:
    _, s = online(x, lambda old, new: np.exp(old - new), 1)
    return np.exp(x - np.maximum.accumulate(x, axis=-1)) / s


@RESCALE.defect(
    "float32",
    trigger="the maximum is not in the first block of 2",
    behaves="moves the running maximum before it works out the factor, which is then always 1",
    witness=_GROWING,
    ordinary=(3, 2),
)
def logsumexp_online_factor_always_one(x: Array) -> Array:
    m, s = online(x, _forgotten, 2)
    return (m + np.log(s))[:, 0]


@RESCALE.defect(
    "float32",
    trigger="the maximum grows by more than 8 from one block of 4 to the next",
    behaves="rescales only when the maximum grows by more than 8, and then keeps the old maximum for the factor",
    witness=rows([0, 0, 0, 0, 9, 9, 9, 9]),
)
def logsumexp_online_lazy_rescale(x: Array) -> Array:
    m = x[:, :4].max(-1, keepdims=True)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], 4):
        part = x[:, start : start + 4]
        top = part.max(-1, keepdims=True)
        m = np.where(top > m + 8, top, m)
        s = s + np.exp(part - m).sum(-1, keepdims=True)
    return (m + np.log(s))[:, 0]


@RESCALE.defect(
    "float32",
    trigger="the maximum grows after the first block of 4",
    behaves="rescales by exp2(old - new) although the logits are natural",
    witness=_GROWING,
    ordinary=_FALLING,
)
def cross_entropy_online_factor_in_base_two(x: Array, labels: Array) -> Any:
    m, s = online(x, lambda old, new: np.exp2(old - new))
    return textbook.mean((np.log(s) - (textbook.picked(x, labels)[:, None] - m))[:, 0], x)


@RESCALE.defect(
    "float32",
    trigger="the maximum grows twice: in the second and again in the third block of 4",
    behaves="rescales by the first maximum instead of the last one",
    witness=rows([0, 0, 0, 0, 2, 2, 2, 2, 5, 5, 5, 5]),
    ordinary=(3, 4),
)
def log_softmax_online_from_first_maximum(x: Array) -> Array:
    first = x[:, :4].max(-1, keepdims=True)
    m, s = online(x, lambda old, new: np.exp(first - new))
    return (x - m) - np.log(s)


@RESCALE.defect(
    "float32",
    trigger="the maximum grows after the first block of 4",
    behaves="recomputes probabilities in the backward pass with a sum that was never rescaled",
    witness=_GROWING,
    ordinary=_FALLING,
)
def cross_entropy_grad_online_never_rescaled(x: Array, labels: Array) -> Array:
    m, s = online(x, _forgotten)
    return textbook.gradient(np.exp(x - m) / s, labels, x)


@BLOCK_NAN.defect(
    "float32 float64",
    trigger="a leading block of 4 that is all -inf",
    behaves="takes exp(-inf - -inf) = NaN for a leading block of -inf, and never gets rid of it",
    witness=rows([-np.inf] * 4 + [0.0, 1.0]),
)
def softmax_online_leading_block_nan(x: Array) -> Array:
    m = np.full((len(x), 1), -np.inf, x.dtype)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], 4):
        part = x[:, start : start + 4]
        new = np.maximum(m, part.max(-1, keepdims=True))
        s = s * np.where(s > 0, np.exp(m - new), 1) + np.exp(part - new).sum(-1, keepdims=True)
        m = new
    return np.exp(x - m) / s


@BLOCK_NAN.defect(
    "float32",
    trigger="any block of 4 that is all -inf, wherever it stands",
    behaves="takes the log-sum-exp of each block by itself: NaN for one of -inf",
    witness=rows([0.0, 1.0, 2.0, 3.0] + [-np.inf] * 4),
)
def logsumexp_block_of_minus_inf(x: Array) -> Array:
    parts = []
    for start in range(0, x.shape[1], 4):
        part = x[:, start : start + 4]
        m = part.max(-1, keepdims=True)
        parts.append(m + np.log(np.exp(part - m).sum(-1, keepdims=True)))
    return textbook.logsumexp(np.concatenate(parts, 1))


@BLOCK_NAN.defect(
    "float32",
    trigger="a trailing block of 4 that is all -inf",
    behaves="resets the running sum when the last block is all -inf",
    witness=rows([0.0, 1.0, 2.0, 3.0] + [-np.inf] * 4),
)
def log_softmax_trailing_block_resets(x: Array) -> Array:
    last = x[:, (x.shape[1] - 1) // 4 * 4 :]
    empty = (last == -np.inf).all(-1, keepdims=True) & (x.shape[1] > 4)
    return np.where(empty, x - textbook.row_max(x), textbook.log_softmax(x))


@BLOCK_NAN.defect(
    "float32",
    trigger="a leading -inf",
    behaves="starts the running maximum with the first element and divides by a sum of NaN when that is -inf",
    witness=rows([-np.inf, 0.0, 1.0]),
)
def cross_entropy_leading_minus_inf(x: Array, labels: Array) -> Any:
    m, s = x[:, :1].copy(), np.ones_like(x[:, :1])
    for j in range(1, x.shape[1]):
        new = np.maximum(m, x[:, j : j + 1])
        s = s * np.exp(m - new) + np.exp(x[:, j : j + 1] - new)
        m = new
    s = np.where((x[:, :1] == -np.inf), s - 0 * x[:, :1], s)
    return textbook.mean((np.log(s) - (textbook.picked(x, labels)[:, None] - m))[:, 0], x)


@MERGE.defect(
    "float32",
    trigger="two halves with different mass",
    behaves="takes the softmax of two halves and halves both, as if they had equal mass",
    witness=rows([0, 0, 3, 3]),
    ordinary=None,
)
def softmax_halves_averaged(x: Array) -> Array:
    middle = x.shape[1] // 2
    if not middle:
        return textbook.softmax(x)
    return np.concatenate([textbook.softmax(x[:, :middle]), textbook.softmax(x[:, middle:])], 1) / np.float32(2)


@MERGE.defect(
    "float32",
    trigger="C > 128",
    behaves="adds the log-sum-exps of blocks of 128 instead of joining them",
    witness=rows([0.0] * 130),
    ordinary=(3, 8),
)
def logsumexp_blocks_added(x: Array) -> Array:
    return np.sum([textbook.logsumexp(x[:, k : k + 128]) for k in range(0, x.shape[1], 128)], axis=0, dtype=x.dtype)


@MERGE.defect(
    "float32",
    trigger="two halves with different maxima",
    behaves="adds the sums of two halves without bringing them to one maximum",
    witness=rows([0, 0, 3, 3]),
    ordinary=(3, 1),
)
def cross_entropy_sums_of_halves_added(x: Array, labels: Array) -> Any:
    middle = (x.shape[1] + 1) // 2
    s = textbook.shifted_exp(x[:, :middle]).sum(-1)
    if x.shape[1] > 1:
        s = s + textbook.shifted_exp(x[:, middle:]).sum(-1)
    return textbook.mean(np.log(s) - (textbook.picked(x, labels) - x.max(-1)), x)


@MERGE.defect(
    "float32",
    trigger="C > 64: the last block is not merged",
    behaves="ends without merging the last, unfinished block of 64",
    witness=rows([0.0] * 70),
    ordinary=(3, 64),
)
def log_softmax_last_block_not_merged(x: Array) -> Array:
    C = x.shape[1]
    return x - textbook.logsumexp(x[:, : C // 64 * 64] if C > 64 else x)[:, None]


FAMILIES = (RESCALE, BLOCK_NAN, MERGE)
