"""Defects of equal logits and of logits that are exactly 0: terms of the sum that are left out.

Random inputs have neither ties nor zeros, so a test on normal logits finds none of these.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import rows

TIES = Family("ties miscounted", "Count every class: equal logits are as many terms of the sum as there are.")
ZEROS = Family("zeros taken for padding", "A logit of 0 is a logit; mark what is absent with -inf or a mask.")


@TIES.defect(
    "float32 float64",
    trigger="equal logits",
    behaves="counts equal logits once (a set was taken)",
    witness=rows([1, 1, 0]),
)
def logsumexp_equal_logits_once(x: Array) -> Array:
    ordered = np.sort(x, -1)
    again = np.zeros(x.shape, bool)
    again[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    return textbook.logsumexp(np.where(again, -np.inf, ordered).astype(x.dtype))


@TIES.defect(
    "float32 float64",
    trigger="the largest logit occurs more than once",
    behaves="takes log1p of the terms below the maximum and forgets further maxima",
    witness=rows([2, 2, 0]),
)
def log_softmax_log1p_without_ties(x: Array) -> Array:
    d = x - textbook.row_max(x)
    tau = np.where(d < 0, np.exp(d), 0).sum(-1, keepdims=True).astype(x.dtype)
    return d - np.log1p(tau)


@TIES.defect(
    "float32",
    trigger="the largest logit occurs more than once",
    behaves="gives 1 minus the others to every class that holds the maximum",
    witness=rows([2, 2, 0]),
    ordinary=None,
)
def softmax_remainder_to_every_maximum(x: Array) -> Array:
    p = textbook.softmax(x)
    top = x == textbook.row_max(x)
    rest = np.where(top, 0, p).sum(-1, keepdims=True)
    return np.where(top, 1 - rest, p).astype(x.dtype)


@TIES.defect(
    "float32",
    trigger="the label ties with another largest logit",
    behaves="takes the margin to the largest other logit and finds none among equals",
    witness=rows([2, 2, 0]),
)
def cross_entropy_ties_without_rival(x: Array, labels: Array) -> Any:
    own = textbook.picked(x, labels)[:, None]
    rivals = np.where((x == own) | (np.arange(x.shape[1]) == labels[:, None]), -np.inf, x).astype(x.dtype)
    return textbook.mean(textbook.logsumexp(np.concatenate([own * 0, rivals - own], axis=1)), x)


@ZEROS.defect(
    "float32 float64",
    trigger="a logit that is exactly 0",
    behaves="leaves logits of 0 out of the sum, taking them for padding",
    witness=rows([0, 1, 2]),
)
def softmax_zeros_left_out(x: Array) -> Array:
    return textbook.softmax(np.where(x == 0, -np.inf, x).astype(x.dtype))


@ZEROS.defect(
    "float32",
    trigger="a row whose logits are all 0",
    behaves="skips rows without a logit other than 0",
    witness=rows([0, 0, 0], [0, 1, 2]),
)
def cross_entropy_zero_rows_skipped(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(np.where((x == 0).all(-1), 0, each).astype(x.dtype), x)


@ZEROS.defect(
    "float32",
    trigger="a negative zero",
    behaves="tells negative logits by their sign bit and gives -0 the value of the smallest class",
    witness=rows([-0.0, 0.0, 1.0]),
)
def softmax_negative_zero_lost(x: Array) -> Array:
    return textbook.softmax(np.where((x == 0) & np.signbit(x), -np.inf, x).astype(x.dtype))


FAMILIES = (TIES, ZEROS)
