"""The textbook formulas, right, as building blocks: a model of a defect replaces one of them and keeps the rest.

Logits x have the shape (m, C), labels (m,); max is each row's maximum and s = sum(exp(x - max)). Formats below 32 bits
are computed in float32, the contract's default; results have the input's format.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
"""A NumPy array. The stubs make Any of what a ufunc returns, so a narrower type would only ask for casts."""

_WHOLE = 1024  # rows of a table of m x m numbers that is made as a whole: 4 MiB in float32


def wide(x: Array) -> Array:
    """The logits in the working precision: float32 for 8- and 16-bit formats, else unchanged."""
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


def row_max(x: Array) -> Array:
    """Maximum of each row, shape (m, 1); 0 for a row of -inf, from which nothing can be subtracted."""
    top = x.max(-1, keepdims=True)
    return np.where(top == -np.inf, np.zeros_like(top), top)


def shifted_exp(x: Array) -> Array:
    """exp(x - max), shape (m, C), in the format of x."""
    return np.exp(x - row_max(x))


def divided(e: Array) -> Array:
    """Each row divided by its sum, shape (m, C)."""
    return e / e.sum(-1, keepdims=True)


def softmax(x: Array) -> Array:
    """exp(x - max) / s, shape (m, C)."""
    return divided(shifted_exp(wide(x))).astype(x.dtype)


def log_sum(x: Array) -> Array:
    """log s, shape (m, 1)."""
    return np.log(shifted_exp(x).sum(-1, keepdims=True))


def log_softmax(x: Array) -> Array:
    """(x - max) - log s, shape (m, C)."""
    w = wide(x)
    return ((w - row_max(w)) - log_sum(w)).astype(x.dtype)


def logsumexp(x: Array) -> Array:
    """max + log s, shape (m,); +inf for a row with +inf, -inf for a row of -inf."""
    w = wide(x)
    m = row_max(w)
    y = np.where(m == np.inf, m, m + log_sum(w))
    return y[:, 0].astype(x.dtype)


def picked(table: Array, labels: Array) -> Array:
    """Each row's entry at its label, shape (m,)."""
    return table[np.arange(len(table)), labels]


def picked_everywhere(table: Array, labels: Array) -> Array:
    """Every label's entry in every row, shape (m, m); each row's mean of them, shape (m,), where those are too many."""
    if len(table) <= _WHOLE:
        return table[:, labels]
    present, counts = np.unique(labels, return_counts=True)
    return (table[:, present] @ counts.astype(table.dtype)) / table.dtype.type(len(labels))


def losses(x: Array, labels: Array) -> Array:
    """-log p_y of each row, shape (m,), in the working precision."""
    return -picked(log_softmax(wide(x)), labels)


def count(x: Array) -> Any:
    """The number of rows as a scalar in the format of x, at least 1."""
    return x.dtype.type(max(len(x), 1))


def mean(values: Array, like: Array) -> Any:
    """The mean of values (m,), rounded to the format of ``like``; NaN for no rows."""
    return (values.sum() / values.dtype.type(len(values))).astype(like.dtype)


def cross_entropy(x: Array, labels: Array) -> Any:
    """The mean of the losses, a scalar."""
    return mean(losses(x, labels), x)


def one_hot(labels: Array, like: Array) -> Array:
    """1 at each row's label and 0 elsewhere, in shape (m, C) and format of ``like``."""
    t = np.zeros(like.shape, like.dtype)
    t[np.arange(len(t)), labels] = 1
    return t


def gradient(p: Array, labels: Array, like: Array) -> Array:
    """(p - one_hot) divided by the number of rows, shape (m, C), in the format of ``like``."""
    return ((p - one_hot(labels, p)) / p.dtype.type(max(len(p), 1))).astype(like.dtype)


def cross_entropy_grad(x: Array, labels: Array) -> Array:
    """The gradient of `cross_entropy` by the logits, shape (m, C)."""
    return gradient(softmax(wide(x)), labels, x)


def running_sum(e: Array, dtype: Any) -> Array:
    """Row sums one by one, each partial sum rounded to ``dtype``; shape (m, 1)."""
    return np.add.accumulate(e.astype(dtype), axis=-1, dtype=dtype)[:, -1:]
