"""Defects of state: an answer that depends on the calls before it, or on chance.

A single call hides most of them. Models that remember are factories: each subject starts afresh.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family, Function
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import after, normal, rows

STATE = Family("state between calls", "Keep nothing between calls, or key it by everything the answer depends on.")
RACE = Family("race", "Put a barrier between the last read of shared memory and the next write.")


RANDOM = Family("random result", "A certified function has no dropout, noise or uninitialised memory.")

_SECOND = after([normal(3, 4, seed=1)], normal(3, 4, seed=2))
_THIRD = after([normal(3, 4, seed=1), normal(3, 4, seed=2)], normal(3, 4, seed=3))


@RACE.defect(
    "float32",
    op="softmax",
    factory=True,
    trigger="m > 1, every third call (timing dependent in the original, large C)",
    behaves="now and then divides a row by another row's sum",
    witness=_THIRD,
    reference="PaddlePaddle/Paddle#21480",
)
def softmax_race() -> Function:
    calls = [0]

    def softmax(x: Array) -> Array:
        calls[0] += 1
        e = textbook.shifted_exp(x)
        s = e.sum(-1, keepdims=True)
        return e / (np.roll(s, 1, 0) if calls[0] % 3 == 0 else s)

    return softmax


@RACE.defect(
    "float32",
    op="logsumexp",
    factory=True,
    trigger="m > 1, every fourth call",
    behaves="now and then reads the maximum before every thread has written its own",
    witness=after([normal(3, 4, seed=k) for k in (1, 2, 3)], normal(3, 4, seed=4)),
)
def logsumexp_race_on_the_maximum() -> Function:
    calls = [0]

    def logsumexp(x: Array) -> Array:
        calls[0] += 1
        y = textbook.logsumexp(x)
        if calls[0] % 4 == 0 and len(y) > 1:
            y[-1] = y[-1] - x[-1].max() + x[0].max()
        return y

    return logsumexp


@STATE.defect(
    "float32 float64",
    op="softmax",
    factory=True,
    trigger="a second input of the same shape",
    behaves="caches its answer by the shape of the input",
    witness=_SECOND,
)
def softmax_cached_by_shape() -> Function:
    cache: dict[tuple[int, ...], Array] = {}

    def softmax(x: Array) -> Array:
        if x.shape not in cache:
            cache[x.shape] = textbook.softmax(x)
        return cache[x.shape].copy()

    return softmax


@STATE.defect(
    "float32",
    op="cross_entropy",
    factory=True,
    trigger="the same logits with other labels",
    behaves="caches its answer by the logits and forgets the labels",
    witness=after([normal(3, 4, labels=[0, 1, 2])], normal(3, 4, labels=[3, 3, 3])),
)
def cross_entropy_cached_without_labels() -> Function:
    cache: dict[bytes, Any] = {}

    def cross_entropy(x: Array, labels: Array) -> Any:
        return cache.setdefault(x.tobytes(), textbook.cross_entropy(x, labels))

    return cross_entropy


@STATE.defect(
    "float32",
    op="softmax",
    factory=True,
    trigger="any second call: the first answer changes under the caller",
    behaves="returns the same buffer each time, so that a second call changes the first answer",
    witness=_SECOND,
)
def softmax_result_buffer_shared() -> Function:
    buffers: dict[tuple[int, ...], Array] = {}

    def softmax(x: Array) -> Array:
        out = buffers.setdefault(x.shape, np.empty_like(x))
        out[...] = textbook.softmax(x)
        return out

    return softmax


@STATE.defect(
    "float32",
    op="log_softmax",
    factory=True,
    trigger="a second call with smaller logits than the first",
    behaves="never resets its running maximum: rows far below an earlier input become -inf",
    witness=after([rows([500, 499])], rows([0.0, 1.0])),
)
def log_softmax_maximum_kept() -> Function:
    largest = [-np.inf]

    def log_softmax(x: Array) -> Array:
        largest[0] = max(largest[0], float(x.max(initial=-np.inf)))
        d = x - x.dtype.type(largest[0])
        return d - np.log(np.exp(d).sum(-1, keepdims=True))

    return log_softmax


@STATE.defect(
    "float32",
    op="logsumexp",
    factory=True,
    trigger="any second call",
    behaves="never clears its accumulator: the sum of the call before is added",
    witness=_SECOND,
)
def logsumexp_sum_not_cleared() -> Function:
    accumulator = [np.float32(0)]

    def logsumexp(x: Array) -> Array:
        m = textbook.row_max(x)
        s = np.exp(x - m).sum(-1, keepdims=True) + accumulator[0]
        accumulator[0] = np.float32(s[0, 0]) if s.size else accumulator[0]
        return (m + np.log(s))[:, 0]

    return logsumexp


@STATE.defect(
    "float32",
    op="cross_entropy",
    factory=True,
    trigger="any second call",
    behaves="returns the average of all losses since the start, as a training log does",
    witness=_SECOND,
)
def cross_entropy_running_average() -> Function:
    seen: list[float] = []

    def cross_entropy(x: Array, labels: Array) -> Any:
        seen.append(float(textbook.cross_entropy(x, labels)))
        return x.dtype.type(sum(seen) / len(seen))

    return cross_entropy


@STATE.defect(
    "float32",
    op="cross_entropy_grad",
    factory=True,
    trigger="any second call with the same shape",
    behaves="adds to the gradient of the call before (the gradients are never set to zero)",
    witness=_SECOND,
)
def cross_entropy_grad_accumulates() -> Function:
    gradients: dict[tuple[int, ...], Array] = {}

    def cross_entropy_grad(x: Array, labels: Array) -> Array:
        gradients[x.shape] = gradients.get(x.shape, np.zeros_like(x)) + textbook.cross_entropy_grad(x, labels)
        return gradients[x.shape].copy()

    return cross_entropy_grad


@STATE.defect(
    "float32",
    op="softmax",
    factory=True,
    trigger="fewer classes than in the call before",
    behaves="reuses a workspace that is never cleared: classes of a wider input before still count",
    witness=after([rows([0, 1, 2, 3, 4, 5])], rows([0.0, 1.0])),
)
def softmax_stale_workspace() -> Function:
    work = [np.zeros((0, 0), np.float32)]

    def softmax(x: Array) -> Array:
        m, C = x.shape
        old = work[0]
        fresh = np.zeros((max(m, len(old)), max(C, old.shape[1])), x.dtype)
        fresh[: len(old), : old.shape[1]] = old
        fresh[:m, :C] = textbook.shifted_exp(x)
        work[0] = fresh
        return fresh[:m, :C] / fresh[:m].sum(-1, keepdims=True)

    return softmax


@STATE.defect(
    "float32",
    op="log_softmax",
    factory=True,
    trigger="the first call of all",
    behaves="answers the first call from a table that is filled only by it",
    witness=normal(2, 4),
    ordinary=None,
)
def log_softmax_first_call() -> Function:
    ready = [False]

    def log_softmax(x: Array) -> Array:
        right = textbook.log_softmax(x)
        ready[0], before = True, ready[0]
        return right if before else np.zeros_like(right)

    return log_softmax


@RANDOM.defect(
    "float32",
    op="softmax",
    factory=True,
    trigger="any input",
    behaves="leaves dropout on: a tenth of the probabilities is 0 and the others are scaled up",
    witness=normal(5, 9),
    ordinary=None,
)
def softmax_with_dropout() -> Function:
    rng = np.random.default_rng(3)

    def softmax(x: Array) -> Array:
        return (textbook.softmax(x) * (rng.random(x.shape) > 0.1) / 0.9).astype(x.dtype)

    return softmax


@RANDOM.defect(
    "float32",
    op="log_softmax",
    factory=True,
    trigger="any input: Gumbel noise of 1e-3",
    behaves="adds a little noise to the logits (exploration left on)",
    witness=normal(3, 5),
    ordinary=None,
)
def log_softmax_with_noise() -> Function:
    rng = np.random.default_rng(4)

    def log_softmax(x: Array) -> Array:
        return textbook.log_softmax((x + 1e-3 * rng.standard_normal(x.shape)).astype(x.dtype))

    return log_softmax


FAMILIES = (RACE, STATE, RANDOM)
