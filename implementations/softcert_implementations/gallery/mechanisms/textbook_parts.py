"""The textbook algorithm in parts, each of which a mechanism may replace, and the operations made of them.

A part works on rows (m, C) in the working precision. Whatever shape the parts give, results are cut, or filled with
zeros, to the shape of the input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Function
from softcert_implementations.gallery.textbook import Array

Part = Callable[[Array], Array]
BASES = ("shifted", "by logsumexp", "by probability")
"""Ways to the results: exp(d) / s and d - log s; exp(x - L) and x - L; exp(d) / s and its logarithm."""


def same(x: Array) -> Array:
    """What a part does that does nothing."""
    return x


def nothing(w: Array) -> Array:
    """Zeros (m, 1): nothing is subtracted."""
    return np.zeros_like(w[:, :1])


def sum_rows(e: Array) -> Array:
    """Sum of each row, (m, 1)."""
    return e.sum(-1, keepdims=True)


def same_labels(labels: Array, x: Array) -> Array:
    """The labels as they are."""
    return labels


def same_results(results: Array, w: Array) -> Array:
    """The results as they are."""
    return results


def mean(each: Array) -> Any:
    """Sum over m, divided by m."""
    return each.sum() / each.dtype.type(len(each))


def difference(p: Array, t: Array) -> Array:
    """(p - one_hot) / m."""
    return (p - t) / p.dtype.type(max(len(p), 1))


@dataclass(frozen=True)
class Parts:
    """What happens to logits, labels, shift, exponential, sum, logarithm and results, in this order."""

    logits: Part = same
    labels: Callable[[Array, Array], Array] = same_labels
    top: Part = textbook.row_max  # what is subtracted, (m, 1)
    differences: Part = same
    exp: Part = np.exp
    total: Part = sum_rows  # (m, C) -> (m, 1)
    running: Part | None = None  # the total, made of the differences instead of their exponentials
    log: Part = np.log
    add_back: Callable[[Array, Array], Array] = np.add  # top, log of the total
    probabilities: Part = same
    log_probabilities: Part = same
    picked: Callable[[Array, Array], Array] = textbook.picked  # log-probabilities and labels -> (m,)
    losses: Part = same
    mean: Callable[[Array], Any] = mean
    gradient: Callable[[Array, Array], Array] = difference  # probabilities, one-hot rows
    afterwards: Callable[[Array, Array], Array] = same_results  # results by row, logits


def operation(parts: Parts, name: str, base: str = "shifted") -> Function:
    """The operation of that name, made of the parts in one of the `BASES`."""
    function: Function = getattr(_Operations(parts, base), name)
    return np.errstate(all="ignore")(function)


@dataclass(frozen=True)
class _Operations:
    parts: Parts
    base: str

    def _rows(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Logits, what is subtracted from them, exponentials and their sum."""
        w = self.parts.logits(textbook.wide(x))
        top = self.parts.top(w)
        d = self.parts.differences(w - top)
        e = self.parts.exp(d)
        return w, top, e, self.parts.total(e) if self.parts.running is None else self.parts.running(d)

    def _normaliser(self, x: Array) -> tuple[Array, Array]:
        w, top, _, s = self._rows(x)
        return w, np.where(top == np.inf, top, self.parts.add_back(top, self.parts.log(s)))

    def _softmax(self, x: Array) -> Array:
        if self.base == "by logsumexp":
            w, total = self._normaliser(x)
            p = np.exp(w - total)
        else:
            _, _, e, s = self._rows(x)
            p = e / s
        return _fitted(self.parts.probabilities(p), x)

    def _log_softmax(self, x: Array) -> Array:
        if self.base == "by probability":
            y = self.parts.log(self._softmax(x))
        elif self.base == "by logsumexp":
            w, total = self._normaliser(x)
            y = w - total
        else:
            w, top, _, s = self._rows(x)
            y = self.parts.differences(w - top) - self.parts.log(s)
        return _fitted(self.parts.log_probabilities(y), x)

    def softmax(self, x: Array) -> Array:
        return self.parts.afterwards(self._softmax(x), textbook.wide(x)).astype(x.dtype)

    def log_softmax(self, x: Array) -> Array:
        return self.parts.afterwards(self._log_softmax(x), textbook.wide(x)).astype(x.dtype)

    def logsumexp(self, x: Array) -> Array:
        if self.base == "by probability":
            w = textbook.wide(x)
            return (w.max(-1) - np.log(self._softmax(x).max(-1))).astype(x.dtype)
        return self.parts.afterwards(self._normaliser(x)[1][: len(x), 0], textbook.wide(x)).astype(x.dtype)

    def cross_entropy(self, x: Array, labels: Array) -> Any:
        each = self.parts.losses(-self.parts.picked(self._log_softmax(x), self.parts.labels(labels, x)))
        return np.asarray(self.parts.mean(self.parts.afterwards(each, textbook.wide(x)))).astype(x.dtype)

    def cross_entropy_grad(self, x: Array, labels: Array) -> Array:
        p = self._softmax(x)
        g = self.parts.gradient(p, textbook.one_hot(self.parts.labels(labels, x), p))
        return self.parts.afterwards(g, textbook.wide(x)).astype(x.dtype)


def _fitted(result: Array, x: Array) -> Array:
    """The result in the shape of the input: what is beyond is cut off, what is missing is 0."""
    if result.shape == x.shape:
        return result
    out = np.zeros(x.shape, result.dtype)
    rows, classes = min(len(x), len(result)), min(x.shape[1], result.shape[1])
    out[:rows, :classes] = result[:rows, :classes]
    return out
