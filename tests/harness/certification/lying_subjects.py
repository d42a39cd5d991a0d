"""Functions that are right but for one claim, for `test_contract_lies`."""

from __future__ import annotations

import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x):
    d = x - x.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


def cross_entropy(x, labels, **options):
    if not len(x):
        return x.dtype.type("nan")
    return -log_softmax(x)[np.arange(len(x)), labels].mean(dtype=x.dtype)


def gradient(x, labels):
    p = softmax(x)
    p[np.arange(len(x)), labels] -= 1
    return p / x.dtype.type(max(len(x), 1))


def gradient_of_narrow_probabilities(x, labels):
    p = softmax(x).astype(np.float16).astype(x.dtype)
    p[np.arange(len(x)), labels] -= 1
    return p / x.dtype.type(max(len(x), 1))


def narrow_sum(x):
    wide = x.astype(np.float32)
    e = np.exp(wide - wide.max(axis=-1, keepdims=True))
    total = np.add.accumulate(e.astype(np.float16), axis=-1)[..., -1:].astype(np.float32)
    return (e / total).astype(x.dtype)


def one_after_the_other(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / np.add.accumulate(e, axis=-1)[..., -1:]


def by_the_logarithm(x):
    m = x.max(axis=-1, keepdims=True)
    return np.exp(x - (m + np.log(np.exp(x - m).sum(axis=-1, keepdims=True))))


def coarse_exp(x):
    """An exponential that is off by up to 30 ulp."""
    d = x - x.max(axis=-1, keepdims=True)
    off = 30 * np.finfo(x.dtype).eps * np.sin(1e3 * d.astype(np.float64))
    e = np.where(d == 0, 1, np.exp(d) * (1 + off)).astype(x.dtype)
    return e / e.sum(axis=-1, keepdims=True)


def coarse_log(x):
    d = x - x.max(axis=-1, keepdims=True)
    return d - np.log(np.exp(d).sum(axis=-1, keepdims=True)) * x.dtype.type(1 + 30 * np.finfo(x.dtype).eps)


def coarse_division(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e * ((1 / e.sum(axis=-1, keepdims=True)) * x.dtype.type(1 + 12 * np.finfo(x.dtype).eps))


def flushing(x):
    p = softmax(x)
    p[np.abs(p) < np.finfo(x.dtype).tiny] = 0
    return p


def saturating_log_softmax(x):
    top = np.float64(np.finfo(x.dtype).max)
    d = np.float64(x) - np.float64(x).max(axis=-1, keepdims=True)
    exact = d - np.log(np.exp(d).sum(axis=-1, keepdims=True))
    return np.where(np.isfinite(exact), np.clip(exact, -top, top), exact).astype(x.dtype)


def narrow_log_softmax(x):
    with np.errstate(over="ignore"):
        return saturating_log_softmax(np.float32(x)).astype(x.dtype)


def limit_of_infinities(x):
    top = np.isposinf(x)
    shared = top / np.maximum(top.sum(axis=-1, keepdims=True), 1)
    limit = top.any(axis=-1, keepdims=True) & ~np.isnan(x).any(axis=-1, keepdims=True)
    return np.where(limit, shared, softmax(x)).astype(x.dtype)


def without_weight(x, labels, weight=None):
    return cross_entropy(x, labels)


def clipping(x, labels):
    return cross_entropy(x, np.clip(labels, 0, x.shape[1] - 1))


class Drifting:
    """Every third result is one ulp larger."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        p = softmax(x)
        return p if self.calls % 3 else np.nextafter(p, x.dtype.type(2)).astype(x.dtype)


def in_parts(x):
    """Sums in 8 parts for fewer than 16 rows, and in 4 otherwise."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    total = np.zeros((*e.shape[:-1], 1), e.dtype)
    for part in np.array_split(e, 8 if len(x) < 16 else 4, axis=-1):
        if part.shape[-1]:
            total = total + part.sum(axis=-1, keepdims=True)
    return e / total


def like_the_input(x):
    """The result takes on the type of integers."""
    result = np.zeros_like(x)
    result[...] = softmax(x)
    return result


def failing(where, function=softmax):
    """A function that raises for some arguments."""

    def failing_there(x, *rest):
        if where(x, *rest):
            raise ValueError("not this one")
        return function(x, *rest)

    return failing_there
