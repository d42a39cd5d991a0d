"""Rows together: means, axes, scales, and rows that change one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import BY_ROW, EVERY, GRADIENT, LOSS, LOSSES, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add


def _always(parts: Parts) -> Callable[[Any], Parts]:
    """The same parts whatever the constant."""
    return lambda _: parts


def _over(denominator: Callable[[int], float]) -> Parts:
    """Mean and gradient with another number in the place of m."""
    return Parts(
        mean=lambda each: each.sum() / each.dtype.type(denominator(len(each))),
        gradient=lambda p, t: (p - t) / p.dtype.type(denominator(len(p))),
    )


def _part_sizes(m: int, size: int) -> Array:
    """The number of rows in the part of the batch that each row belongs to."""
    return np.array([min(size, m - k // size * size) for k in range(m)], np.float64)


for _text, _count in (
    ("1", lambda m: 1),
    ("m - 1", lambda m: m - 1),
    ("m + 1", lambda m: m + 1),
    ("m^2", lambda m: m * m),
    ("the root of m", lambda m: m**0.5),
    ("2m", lambda m: 2 * m),
    ("m/2", lambda m: m / 2),
):
    add("normalisation", f"divides by {_text} instead of m", _always(_over(_count)), operations=LOSSES)
add(
    "normalisation",
    "divides by {} instead of m",
    lambda c: _over(lambda m: c),
    (8, 10, 16, 32, 50, 64, 100, 128, 256, 512, 1000),
    operations=LOSSES,
)
add(
    "normalisation",
    "pads the batch to a multiple of {} and divides by that",
    lambda c: _over(lambda m: m + -m % c),
    (2, 4, 8, 16, 32, 64),
    operations=LOSSES,
)
add(
    "normalisation",
    "divides by m * C",
    lambda _: Parts(gradient=lambda p, t: (p - t) / p.dtype.type(max(p.size, 1))),
    operations=GRADIENT,
)
add(
    "normalisation",
    "divides by C",
    lambda _: Parts(gradient=lambda p, t: (p - t) / p.dtype.type(max(p.shape[1], 1))),
    operations=GRADIENT,
)
add(
    "normalisation",
    "divides the one-hot row only by m",
    lambda _: Parts(gradient=lambda p, t: p - t / p.dtype.type(max(len(p), 1))),
    operations=GRADIENT,
)
add(
    "normalisation",
    "divides the probabilities only by m",
    lambda _: Parts(gradient=lambda p, t: p / p.dtype.type(max(len(p), 1)) - t),
    operations=GRADIENT,
)
add(
    "normalisation",
    "divides by the size of a part of the batch, {} rows or less",
    lambda c: Parts(gradient=lambda p, t: (p - t) / _part_sizes(len(p), c)[:, None].astype(p.dtype)),
    (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 32, 50, 64),
    operations=GRADIENT,
)
add(
    "normalisation",
    "averages the means of batches of {}",
    lambda c: Parts(mean=lambda each: np.mean([each[k : k + c].mean() for k in range(0, len(each), c)])),
    (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 32, 50, 64),
    operations=LOSS,
)
add(
    "scale left in",
    "multiplies logits by {}",
    lambda c: Parts(logits=lambda w: w * w.dtype.type(c)),
    (
        0.01,
        0.1,
        0.125,
        0.2,
        0.25,
        0.5,
        0.7,
        0.8,
        0.9,
        0.95,
        0.99,
        1.01,
        1.05,
        1.1,
        1.2,
        1.25,
        1.5,
        2,
        3,
        4,
        5,
        8,
        10,
        20,
        30,
        100,
    ),
)
add(
    "scale left in",
    "divides logits by the root of the number of classes",
    lambda _: Parts(logits=lambda w: w / np.sqrt(w.dtype.type(w.shape[1]))),
)
add(
    "scale left in",
    "multiplies results by {}",
    lambda c: Parts(probabilities=lambda p: p * p.dtype.type(c), log_probabilities=lambda y: y * y.dtype.type(c)),
    (0.5, 2.0, 10.0, 100.0, 255.0),
)
add(
    "rows depend on one another",
    "gives the rows in order of their maxima",
    lambda _: Parts(logits=lambda w: w[np.argsort(w.max(-1), kind="stable")]),
    operations=BY_ROW,
)
add(
    "rows depend on one another",
    "gives the rows in order of their sums",
    lambda _: Parts(logits=lambda w: w[np.argsort(w.sum(-1), kind="stable")]),
    operations=BY_ROW,
)
add(
    "rows depend on one another",
    "gives the rows in reverse order",
    lambda _: Parts(logits=lambda w: w[::-1]),
    operations=BY_ROW,
)
add(
    "rows depend on one another",
    "uses the sum of the row {} before",
    lambda c: Parts(total=lambda e: np.roll(sum_rows(e), c, 0)),
    (1, -1),
)
add(
    "rows depend on one another",
    "uses the sum of the first row",
    lambda _: Parts(total=lambda e: np.broadcast_to(sum_rows(e[:1]), (len(e), 1)) if len(e) else sum_rows(e)),
)
add(
    "rows depend on one another",
    "centres logits over the batch",
    lambda _: Parts(logits=lambda w: w - w.mean(0, keepdims=True) if len(w) else w),
)
add(
    "rows depend on one another",
    "scales logits by their spread in the batch",
    lambda _: Parts(logits=lambda w: (w - w.mean(0)) / (w.std(0) + w.dtype.type(1e-5)) if len(w) else w),
)
add(
    "rows depend on one another",
    "gives NaN everywhere when one row has NaN",
    lambda _: Parts(logits=lambda w: np.where(np.isnan(w).any(), np.nan, w).astype(w.dtype)),
)
add(
    "rows depend on one another",
    "merges equal rows",
    lambda _: Parts(mean=lambda each: np.unique(each).mean()),
    operations=LOSS,
)
add(
    "wrong axis",
    "normalises over the rows of each class",
    lambda _: Parts(
        top=lambda w: np.broadcast_to(w.max(0, keepdims=True, initial=-np.inf), w.shape),
        total=lambda e: np.broadcast_to(e.sum(0, keepdims=True), e.shape),
    ),
    operations=("softmax", "log_softmax", "cross_entropy", "cross_entropy_grad"),
    bases=("shifted",),
)
add(
    "wrong axis",
    "divides by the sums of the classes over the rows",
    lambda _: Parts(total=lambda e: np.broadcast_to(e.sum(0, keepdims=True), e.shape)),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("shifted",),
)
add(
    "wrong axis",
    "normalises over the longer axis",
    lambda _: Parts(
        top=lambda w: w.max(0, keepdims=True) if len(w) > w.shape[1] else textbook.row_max(w),
        total=lambda e: e.sum(0, keepdims=True) if len(e) > e.shape[1] else sum_rows(e),
    ),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("shifted",),
)
add(
    "wrong axis",
    "adds all exponentials of the batch",
    lambda _: Parts(
        top=lambda w: np.broadcast_to(w.max(initial=-np.inf), (len(w), 1)),
        total=lambda e: np.broadcast_to(e.sum(), (len(e), 1)),
    ),
    operations=EVERY,
    bases=("shifted", "by logsumexp"),
)
add(
    "wrong axis",
    "broadcasts the rows' sums along the columns of a square batch",
    lambda _: Parts(total=lambda e: e.sum(-1)[None, :] if len(e) == e.shape[1] else sum_rows(e)),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("shifted",),
)
add(
    "wrong axis",
    "broadcasts the rows' maxima along the columns of a square batch",
    lambda _: Parts(top=lambda w: w.max(-1)[None, :] if len(w) == w.shape[1] else textbook.row_max(w)),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("shifted",),
)
add(
    "wrong axis",
    "broadcasts maxima and sums along the columns of a square batch",
    lambda _: Parts(
        top=lambda w: w.max(-1)[None, :] if len(w) == w.shape[1] else textbook.row_max(w),
        total=lambda e: e.sum(-1)[None, :] if len(e) == e.shape[1] else sum_rows(e),
    ),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("shifted",),
)
add(
    "wrong axis",
    "transposes a square batch",
    lambda _: Parts(logits=lambda w: w.T if len(w) == w.shape[1] else w),
    operations=BY_ROW,
)
