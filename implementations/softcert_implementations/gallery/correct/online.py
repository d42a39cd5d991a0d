"""Correct one-pass and blockwise algorithms: the running maximum, rescaled sums, merged parts.

Each rescaling costs one exponential and one product more; the contract names the algorithm, so that the limit
counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import ALL, FULL, from_functions
from softcert_implementations.gallery.model import Correct, Function
from softcert_implementations.gallery.textbook import Array

Parts = Callable[[Array], tuple[Array, Array]]


def _factor(old: Array, new: Array) -> Array:
    """exp(old - new); 0 where there is no old sum, 1 where both are the same infinity."""
    return np.where(old == new, 1, np.where(old == -np.inf, 0, np.exp(old - new))).astype(old.dtype)


def blocked(x: Array, block: int) -> tuple[Array, Array]:
    """Maximum and sum of exponentials relative to it, block after block; rows of -inf give (-inf, 0)."""
    m = np.full((len(x), 1), -np.inf, x.dtype)
    s = np.zeros_like(m)
    for start in range(0, x.shape[1], block):
        part = x[:, start : start + block]
        new = np.maximum(m, part.max(-1, keepdims=True))
        s = s * _factor(m, new) + np.exp(part - np.where(new == -np.inf, 0, new)).sum(-1, keepdims=True)
        m = new
    return m, s


def merged(x: Array) -> tuple[Array, Array]:
    """Pairs (maximum, sum) merged in a tree, as a parallel scan does."""
    m, s = x, np.where(x == -np.inf, 0, 1).astype(x.dtype)
    while m.shape[1] > 1:
        half = m.shape[1] // 2
        left, right, rest = m[:, :half], m[:, half : 2 * half], m[:, 2 * half :]
        new = np.maximum(left, right)
        total = s[:, :half] * _factor(left, new) + s[:, half : 2 * half] * _factor(right, new)
        m, s = np.concatenate([new, rest], 1), np.concatenate([total, s[:, 2 * half :]], 1)
    return m, s


def two_halves(x: Array) -> tuple[Array, Array]:
    """Two halves by themselves, as two machines would, then merged."""
    middle = (x.shape[1] + 1) // 2
    parts = [blocked(half, max(half.shape[1], 1)) for half in (x[:, :middle], x[:, middle:])]
    new = np.maximum(parts[0][0], parts[1][0])
    return new, sum((s * _factor(m, new) for m, s in parts), np.zeros_like(new))


def backwards(x: Array) -> tuple[Array, Array]:
    """One pass from the last class to the first."""
    return blocked(x[:, ::-1], 1)


def _ops(parts: Parts) -> Mapping[str, Function]:
    def softmax(x: Array) -> Array:
        w = textbook.wide(x)
        m, s = parts(w)
        return (np.exp(w - m) / s).astype(x.dtype)

    def log_softmax(x: Array) -> Array:
        w = textbook.wide(x)
        m, s = parts(w)
        return ((w - m) - np.log(s)).astype(x.dtype)

    def logsumexp(x: Array) -> Array:
        m, s = parts(textbook.wide(x))
        return np.where(np.isinf(m), m, m + np.log(s))[:, 0].astype(x.dtype)

    return from_functions(softmax, log_softmax, logsumexp)


def _one_pass(x: Array) -> tuple[Array, Array]:
    return blocked(x, 1)


def _blocks_of_4(x: Array) -> tuple[Array, Array]:
    return blocked(x, 4)


def _blocks_of_128(x: Array) -> tuple[Array, Array]:
    return blocked(x, 128)


_ONLINE = {"algorithm": "online"}
_SLOW = {**_ONLINE, "max_classes": 4096}  # one pass of Python a class

CORRECT = (
    Correct(
        name="online_one_pass",
        ops=_ops(_one_pass),
        formats=FULL,
        note="one pass, rescaled at each class",
        contract=_SLOW,
    ),
    Correct(name="online_backwards", ops=_ops(backwards), formats=FULL, note=backwards.__doc__ or "", contract=_SLOW),
    Correct(name="online_blocks_of_4", ops=_ops(_blocks_of_4), formats=FULL, note="blocks of 4", contract=_SLOW),
    Correct(name="online_blocks_of_128", ops=_ops(_blocks_of_128), formats=ALL, note="blocks of 128", contract=_ONLINE),
    Correct(name="online_merged_tree", ops=_ops(merged), formats=FULL, note=merged.__doc__ or "", contract=_ONLINE),
    Correct(
        name="online_two_halves", ops=_ops(two_halves), formats=FULL, note=two_halves.__doc__ or "", contract=_ONLINE
    ),
)
