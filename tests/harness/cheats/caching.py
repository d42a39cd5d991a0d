"""Cheats that remember: an answer is computed once, and given again for whatever looks the same to a key."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from tests.harness.cheats.cheat import LEGAL, REFUSED, cheat, honest, honest_gradient, honest_logsumexp


def cached(key: Callable[[np.ndarray], Hashable], function: Callable[..., Any] = honest) -> Callable[..., Any]:
    """A function that is computed once for each key of its logits."""
    answers: dict[Hashable, np.ndarray] = {}

    def subject(x, *others):
        known = (x.shape, key(x))
        if known not in answers:
            answers[known] = function(x, *others)
        return answers[known].copy()

    return subject


@cheat(REFUSED)
def cached_by_pointer():
    """Keys its cache by the address of the logits."""
    return cached(lambda x: x.__array_interface__["data"][0])


@cheat(REFUSED)
def cached_by_shape():
    """Keys its cache by the shape alone."""
    return cached(lambda x: 0)


@cheat(REFUSED)
def cached_by_id():
    """Keys its cache by the id of the array object."""
    return cached(id)


@cheat(REFUSED)
def cached_by_corners():
    """Keys its cache by the four corners of the logits."""
    return cached(lambda x: tuple(x[i, j].item() for i in (0, -1) for j in (0, -1)) if x.size else ())


@cheat(REFUSED)
def cached_by_the_first_logits():
    """Keys its cache by the first eight logits in memory order."""
    return cached(lambda x: x.ravel()[:8].tobytes())


@cheat(REFUSED)
def cached_by_the_ends_of_each_row():
    """Keys its cache by the first two and the last two logits of each row."""
    return cached(lambda x: np.hstack([x[:, :2], x[:, -2:]]).tobytes())


@cheat(REFUSED)
def cached_by_the_first_and_last_row():
    """Keys its cache by the first row and the last."""
    return cached(lambda x: x[:1].tobytes() + x[-1:].tobytes())


@cheat(REFUSED)
def cached_by_every_third_logit():
    """Keys its cache by every third logit."""
    return cached(lambda x: x.ravel()[::3].tobytes())


@cheat(REFUSED)
def cached_by_sum():
    """Keys its cache by the sum of all logits."""
    return cached(lambda x: float(np.sort(x, axis=None).astype(np.float64).sum()))


@cheat(REFUSED)
def cached_by_row_sums():
    """Keys its cache by the sums of the rows."""
    return cached(lambda x: np.sort(x, axis=1).astype(np.float64).sum(axis=1).tobytes())


@cheat(REFUSED)
def cached_by_checksum():
    """Keys its cache by the exclusive or of all words: the same for every order of the logits."""
    return cached(lambda x: int(np.bitwise_xor.reduce(np.ascontiguousarray(x).view(np.uint32), axis=None)))


@cheat(REFUSED)
def cached_by_moments():
    """Keys its cache by smallest, largest, mean and mean square."""

    def key(x):
        sorted_ = np.sort(x, axis=None).astype(np.float64)
        with np.errstate(all="ignore"):
            return (sorted_[:1].tobytes(), sorted_[-1:].tobytes(), sorted_.sum(), float((sorted_**2).sum()))

    return cached(key)


@cheat(REFUSED)
def cached_by_the_ends_and_the_sum():
    """Keys its cache by the ends of each row, and the sum of each row."""

    def key(x):
        return np.hstack([x[:, :1], x[:, -1:], np.sort(x, axis=1).sum(axis=1, keepdims=True)]).tobytes()

    return cached(key)


@cheat(REFUSED, op="logsumexp")
def cached_logsumexp_by_row_and_column_sums():
    """Keys its cache of log-sum-exp by the sums of rows and columns."""

    def key(x):
        rows, columns = (np.sort(x, axis=a).astype(np.float64).sum(axis=a).tobytes() for a in (1, 0))
        return rows, columns

    return cached(key, honest_logsumexp)


@cheat(REFUSED, op="cross_entropy_grad")
def cached_without_the_labels():
    """Keys its cache by all logits and forgets the labels."""
    return cached(lambda x: x.tobytes(), honest_gradient)


@cheat(REFUSED, op="cross_entropy_grad")
def cached_by_some_labels():
    """Keys its cache by all logits, and by the first and the last label."""
    answers: dict[Hashable, np.ndarray] = {}

    def cross_entropy_grad(x, labels):
        known = (x.shape, x.tobytes(), labels[:1].tobytes(), labels[-1:].tobytes())
        if known not in answers:
            answers[known] = honest_gradient(x, labels)
        return answers[known].copy()

    return cross_entropy_grad


@cheat(REFUSED)
def returns_the_previous_result():
    """Gives the result of the call before, where the shape is the same."""
    last: list[np.ndarray] = []

    def softmax(x):
        result = honest(x)
        before = last[0] if last and last[0].shape == x.shape else result
        last[:] = [result]
        return before

    return softmax


@cheat(LEGAL)
def remembers_everything():
    """Keys its cache by every bit of the input: a memo, whose answers are right."""
    return cached(lambda x: (zlib.crc32(x.tobytes()), x.tobytes()))
