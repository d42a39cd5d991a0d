"""Defects at the edge of a vector or a block: the remainder, the padding, the fencepost.

A kernel works in vectors of 8 or in blocks of 1024; other code handles the elements that do not fill the last one, and
tests reach that code least.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows, spike

TAIL = Family("vector tail", "Handle the last C mod width elements by themselves, and give idle lanes -inf.")
PADDING = Family("padding", "Pad with -inf, the neutral element of maximum and of log-sum-exp; never with 0.")


def _summed(e: Array, stop: int) -> Array:
    return e / e[:, :stop].sum(-1, keepdims=True)


@TAIL.defect(
    "float32",
    trigger="C > 8 and C not a multiple of 8",
    behaves="reduces a whole vector in the remainder iteration, so stale lanes of the vector before count twice",
    witness=normal(2, 11),
    reference="OpenNMT/CTranslate2#351",
)
def softmax_stale_lanes(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    C = x.shape[1]
    full = C - C % 8
    stale = e[:, full - 8 + C % 8 : full].sum(-1, keepdims=True) if full and C % 8 else 0
    return e / (e.sum(-1, keepdims=True) + stale)


@TAIL.defect(
    "float32 float64",
    trigger="C not a multiple of 8, with mass in the tail",
    behaves="has no remainder loop: the last C mod 8 exponentials are not summed",
    witness=normal(2, 11),
)
def softmax_tail_not_summed(x: Array) -> Array:
    C = x.shape[1]
    return _summed(textbook.shifted_exp(x), C - C % 8 if C >= 8 else C)


@TAIL.defect(
    "float32",
    trigger="C not a multiple of 4, with mass in the tail",
    behaves="has no remainder loop: the last C mod 4 exponentials are not summed",
    witness=normal(2, 7),
)
def logsumexp_tail_not_summed(x: Array) -> Array:
    C = x.shape[1]
    return textbook.logsumexp(x[:, : C - C % 4]) if C >= 4 else textbook.logsumexp(x)


@TAIL.defect(
    "float32",
    trigger="C > 16 and C not a multiple of 16",
    behaves="never writes the last C mod 16 results: they stay zero",
    witness=normal(2, 19),
    ordinary=(3, 16),
)
def cross_entropy_grad_tail_not_written(x: Array, labels: Array) -> Array:
    g = textbook.cross_entropy_grad(x, labels)
    C = x.shape[1]
    if C > 16:
        g[:, C - C % 16 :] = 0
    return g


@TAIL.defect(
    "float32",
    trigger="a maximum in the last C mod 8 classes, more than 88 above the rest",
    behaves="leaves the last C mod 8 classes out of the maximum, though not out of the sum",
    witness=spike(11, 10, 120),
)
def softmax_tail_not_in_the_maximum(x: Array) -> Array:
    C = x.shape[1]
    full = C - C % 8 if C >= 8 else C
    return textbook.divided(np.exp(x - x[:, :full].max(-1, keepdims=True)))


@TAIL.defect(
    "float32",
    trigger="an odd number of classes",
    behaves="works on pairs of classes and forgets the last one of an odd number",
    witness=normal(2, 5),
)
def log_softmax_odd_class_dropped(x: Array) -> Array:
    C = x.shape[1]
    return x - textbook.logsumexp(x[:, : C - C % 2] if C > 1 else x)[:, None]


@TAIL.defect(
    "float32",
    trigger="an odd number of rows above 1",
    behaves="works on pairs of rows and never writes the last one of an odd number",
    witness=normal(3, 4),
    ordinary=(4, 8),
)
def softmax_odd_row_dropped(x: Array) -> Array:
    p = textbook.softmax(x)
    if len(p) > 1 and len(p) % 2:
        p[-1] = 0
    return p


@TAIL.defect(
    "float32",
    trigger="more than 4 rows, not a multiple of 4: the loss misses the last ones",
    behaves="adds the losses four at a time and leaves the remaining rows out of the mean",
    witness=normal(6, 4, 2.0, labels=[0, 1, 2, 3, 0, 1]),
)
def cross_entropy_odd_rows_not_added(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    m = len(each)
    return (each[: m - m % 4 if m > 4 else m].sum() / each.dtype.type(m)).astype(x.dtype)


@TAIL.defect(
    "float32",
    trigger="C > 32: the first element of every further block counts twice",
    behaves="starts each block of 32 one element early, so that one element counts twice",
    witness=normal(2, 40),
)
def logsumexp_blocks_overlap(x: Array) -> Array:
    C = x.shape[1]
    again = [j - 1 for j in range(32, C, 32)]
    return textbook.logsumexp(np.concatenate([x, x[:, again]], 1))


@TAIL.defect(
    "float32",
    trigger="C = 64, 128, ...: an exact multiple of the block, where the last block is skipped",
    behaves="counts its blocks as (C - 1) // 64 and so skips the last one where 64 divides C",
    witness=normal(2, 128),
)
def softmax_last_full_block_skipped(x: Array) -> Array:
    C = x.shape[1]
    return _summed(textbook.shifted_exp(x), C - 64 if C % 64 == 0 and C > 64 else C)


@TAIL.defect(
    "float32",
    trigger="mass in the middle element of an odd row of at least 9 classes",
    behaves="folds the row in halves and drops the middle element of an odd length",
    witness=spike(9, 4, 3.0),
)
def softmax_middle_element_dropped(x: Array) -> Array:
    e = textbook.shifted_exp(x)
    C = x.shape[1]
    half = C // 2
    total = (e[:, :half] + e[:, C - half :]).sum(-1, keepdims=True) if C >= 9 else e.sum(-1, keepdims=True)
    return e / total


@TAIL.defect(
    "float32",
    trigger="a reduction over a number of lanes that is not a power of two (C = 3, 5, 6, 7, ...)",
    behaves="halves the number of lanes until one is left and loses the odd ones on the way",
    witness=normal(2, 6),
)
def logsumexp_tree_loses_odd_lanes(x: Array) -> Array:
    m = textbook.row_max(x)
    e = np.exp(x - m)
    while e.shape[1] > 1:
        half = e.shape[1] // 2
        e = e[:, :half] + e[:, half : 2 * half]
    return (m + np.log(e))[:, 0]


@PADDING.defect(
    "float32",
    trigger="C not a multiple of 8: the pad's exp(0 - max) is added",
    behaves="pads the row to a multiple of 8 with 0 instead of -inf",
    witness=rows([-3, -4, -5]),
)
def softmax_padded_with_zero(x: Array) -> Array:
    padded = np.pad(x, ((0, 0), (0, -x.shape[1] % 8)))
    return textbook.softmax(padded)[:, : x.shape[1]]


@PADDING.defect(
    "float32",
    trigger="C not a multiple of 16",
    behaves="pads the shifted row with 0, so that every pad counts as one more maximum",
    witness=normal(2, 13),
    ordinary=(3, 16),
)
def logsumexp_padded_after_the_shift(x: Array) -> Array:
    m = textbook.row_max(x)
    e = np.exp(np.pad(x - m, ((0, 0), (0, -x.shape[1] % 16))))
    return (m + np.log(e.sum(-1, keepdims=True)))[:, 0]


@PADDING.defect(
    "float32",
    trigger="C not a multiple of 8 and every logit below about -10000",
    behaves="pads with -10000, meant as minus infinity: it wins over rows that lie lower",
    witness=rows([-20000, -20001, -20002]),
    ordinary=(3, 11),
)
def log_softmax_padded_with_minus_10000(x: Array) -> Array:
    padded = np.pad(x, ((0, 0), (0, -x.shape[1] % 8)), constant_values=-1e4)
    return textbook.log_softmax(padded)[:, : x.shape[1]]


@PADDING.defect(
    "float32",
    trigger="a number of rows that is not a multiple of 4: the mean counts the padding",
    behaves="pads the batch to a multiple of 4 rows and counts the padding in the mean",
    witness=normal(3, 5, labels=[0, 1, 2]),
    ordinary=(4, 8),
)
def cross_entropy_padded_rows_counted(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return (each.sum() / each.dtype.type(len(each) + -len(each) % 4)).astype(x.dtype)


@PADDING.defect(
    "float32",
    trigger="a whole leading block of 4 at -inf beside finite logits",
    behaves="takes a masked first block for the end of the row and returns zeros",
    witness=rows([-np.inf] * 4 + [1.0, 2.0]),
)
def softmax_leading_block_masked(x: Array) -> Array:
    p = textbook.softmax(x)
    masked = (x[:, :4] == -np.inf).all(-1) & (x.shape[1] > 4)
    return np.where(masked[:, None], np.zeros_like(p), p)


FAMILIES = (TAIL, PADDING)
