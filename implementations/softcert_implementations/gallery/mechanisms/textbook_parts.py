"""The textbook algorithm in parts, each of which a mechanism may replace, and the operations made of them.

A part works on rows (m, C) in the working precision: float32 for formats below 32 bits, else the format itself. If the
parts give another shape than the input's, results are cut, or filled with zeros.
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
"""Ways to the results, with d = x - max, s = sum(exp(d)) and L = max + log s.

"shifted": exp(d) / s and d - log s. "by logsumexp": exp(x - L) and x - L. "by probability": exp(d) / s and its
logarithm.
"""


def same(x: Array) -> Array:
    """The argument itself: a part that changes nothing."""
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


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of the textbook algorithm, in the order in which they run. Each default is the textbook's own part.

    Parameters
    ----------
    logits
        Logits (m, C), changed before anything else.
    labels
        Labels (m,) and logits to labels.
    top
        Logits to the shift (m, 1): their maximum.
    differences
        Logits minus the shift, changed before the exponential.
    exp
        Differences to exponentials (m, C).
    total
        Exponentials to their sum (m, 1).
    running
        If given, differences to the sum (m, 1), in the place of ``total``: one pass over blocks.
    log
        The logarithm of the sum, or of a probability.
    add_back
        Shift and logarithm of the sum to the log-sum-exp (m, 1).
    probabilities, log_probabilities
        Results (m, C), changed at the end.
    picked
        Log-probabilities (m, C) and labels to the labels' own (m,).
    losses
        Losses (m,), changed before their mean.
    mean
        Losses (m,) to one number.
    gradient
        Probabilities and one-hot rows (m, C) to the gradient (m, C).
    afterwards
        Results and logits to results: the very last step.
    """

    logits: Part = same
    labels: Callable[[Array, Array], Array] = same_labels
    top: Part = textbook.row_max
    differences: Part = same
    exp: Part = np.exp
    total: Part = sum_rows
    running: Part | None = None
    log: Part = np.log
    add_back: Callable[[Array, Array], Array] = np.add
    probabilities: Part = same
    log_probabilities: Part = same
    picked: Callable[[Array, Array], Array] = textbook.picked
    losses: Part = same
    mean: Callable[[Array], Any] = mean
    gradient: Callable[[Array, Array], Array] = difference
    afterwards: Callable[[Array, Array], Array] = same_results


def function_of(parts: Parts, operation: str, base: str = "shifted") -> Function:
    """The function that computes an operation with the given parts.

    Parameters
    ----------
    parts
        The parts; the textbook's own make a right function.
    operation
        The name of one of the five core operations.
    base
        One of the `BASES`.

    Returns
    -------
    Callable
        A function of logits (m, C), and of labels (m,) for a loss or its gradient. It gives no floating-point warnings.

    Examples
    --------
    >>> x = np.array([[0.0, 0.0, 0.0, 0.0]])
    >>> function_of(Parts(), "softmax")(x)
    array([[0.25, 0.25, 0.25, 0.25]])
    >>> function_of(Parts(total=lambda e: sum_rows(e) + 1), "softmax")(x)
    array([[0.2, 0.2, 0.2, 0.2]])
    """
    function: Function = getattr(_Operations(parts, base), operation)
    return np.errstate(all="ignore")(function)


@dataclass(frozen=True)
class _Operations:
    """The five operations; each method has the operation's signature."""

    parts: Parts
    base: str

    def _rows(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Logits (m, C), shift (m, 1), exponentials (m, C) and their sum (m, 1)."""
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
    """The result in the shape of the input: cut off where it is larger, 0 where it is smaller."""
    if result.shape == x.shape:
        return result
    out = np.zeros(x.shape, result.dtype)
    rows, classes = min(len(x), len(result)), min(x.shape[1], result.shape[1])
    out[:rows, :classes] = result[:rows, :classes]
    return out
