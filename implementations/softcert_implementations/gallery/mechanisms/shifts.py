"""The shift: another number than the maximum is subtracted before the exponential or added back after the logarithm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import BY_ROW, EVERY_BASE, Table
from softcert_implementations.gallery.mechanisms.shared import WIDTHS, top_of
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, nothing
from softcert_implementations.gallery.textbook import Array

TABLE = Table(EVERY_BASE)
add = TABLE.add


def _spread(value: Array, w: Array) -> Array:
    """One number for all rows, as (m, 1)."""
    return np.broadcast_to(value, (len(w), 1)).astype(w.dtype)


def _over_batch(reduce: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda w: _spread(reduce(w) if w.size else 0, w)


def _at_least(bound: float) -> Callable[[Array], Array]:
    return lambda w: np.maximum(textbook.row_max(w), w.dtype.type(bound))


def _idle_lanes(width: int) -> Callable[[Array], Array]:
    """Lanes beyond the row count as 0, so that the maximum is at least that."""
    return lambda w: np.maximum(textbook.row_max(w), 0) if w.shape[1] % width else textbook.row_max(w)


def _only_below(width: int) -> Callable[[Array], Array]:
    return lambda w: np.maximum(textbook.row_max(w), 0) if w.shape[1] < width else textbook.row_max(w)


add("no max shift", "does not subtract the maximum", lambda _: Parts(top=nothing))
add(
    "max clamped at 0",
    "subtracts the larger of the maximum and {}",
    lambda c: Parts(top=_at_least(c)),
    (0, -1, -10, -50, -100, -1000, -1e4),
)
add(
    "max clamped at 0",
    "takes idle lanes of a vector of {} as 0 in the maximum",
    lambda c: Parts(top=_idle_lanes(c)),
    WIDTHS,
)
add(
    "max clamped at 0",
    "takes idle lanes as 0 in the maximum of rows below {} classes",
    lambda c: Parts(top=_only_below(c)),
    WIDTHS[2:],
)
add("global max", "subtracts the maximum of the whole batch", lambda _: Parts(top=_over_batch(np.max)))
add(
    "global max",
    "subtracts the largest maximum of the rows so far",
    lambda _: Parts(top=lambda w: np.maximum.accumulate(textbook.row_max(w), axis=0)),
)
add(
    "global max",
    "subtracts the maximum of the first row",
    lambda _: Parts(top=lambda w: _spread(textbook.row_max(w)[:1], w)),
)
add(
    "global max",
    "subtracts the maximum of each {} rows",
    lambda c: Parts(
        top=lambda w: np.repeat([w[k : k + c].max() for k in range(0, len(w), c)], c)[: len(w), None].astype(w.dtype)
    ),
    (2, 4, 8, 16, 32, 64),
)
add("wrong shift", "subtracts the first logit instead of the maximum", lambda _: Parts(top=lambda w: w[:, :1]))
add("wrong shift", "subtracts the last logit instead of the maximum", lambda _: Parts(top=lambda w: w[:, -1:]))
add(
    "wrong shift",
    "subtracts the middle logit instead of the maximum",
    lambda _: Parts(top=lambda w: w[:, w.shape[1] // 2][:, None]),
)
add(
    "wrong shift", "subtracts the mean instead of the maximum", lambda _: Parts(top=lambda w: w.mean(-1, keepdims=True))
)
add(
    "wrong shift",
    "subtracts the median instead of the maximum",
    lambda _: Parts(top=lambda w: np.median(w.astype(np.float64), -1, keepdims=True).astype(w.dtype)),
)
add(
    "wrong shift",
    "subtracts the minimum instead of the maximum",
    lambda _: Parts(top=lambda w: w.min(-1, keepdims=True)),
)
add(
    "wrong shift",
    "subtracts the middle between minimum and maximum",
    lambda _: Parts(top=lambda w: (w.min(-1, keepdims=True) + textbook.row_max(w)) / 2),
)
add(
    "wrong shift",
    "subtracts the largest magnitude instead of the maximum",
    lambda _: Parts(top=lambda w: np.abs(w).max(-1, keepdims=True)),
)
add("wrong shift", "subtracts the second largest logit", lambda _: Parts(top=lambda w: np.sort(w, -1)[:, -2:][:, :1]))
add("wrong shift", "subtracts the mean of the whole batch", lambda _: Parts(top=_over_batch(np.mean)))
add(
    "wrong shift",
    "subtracts the maximum of the row before",
    lambda _: Parts(top=lambda w: np.roll(textbook.row_max(w), 1, 0)),
)
add(
    "wrong shift",
    "subtracts the maximum of the first {} classes",
    lambda c: Parts(top=top_of(lambda n: slice(c))),
    (*WIDTHS, 2048, 4096),
)
add(
    "wrong shift",
    "subtracts the maximum of the last {} classes",
    lambda c: Parts(top=top_of(lambda n: slice(-c, None))),
    WIDTHS[:15],
)
add(
    "wrong shift",
    "takes every {}th class into the maximum",
    lambda c: Parts(top=top_of(lambda n: slice(0, None, c))),
    (2, 3, 4, 8, 16),
)
add("wrong shift", "leaves the first class out of the maximum", lambda _: Parts(top=top_of(lambda n: slice(1, None))))
add("wrong shift", "leaves the last class out of the maximum", lambda _: Parts(top=top_of(lambda n: slice(0, -1))))
add(
    "wrong shift",
    "subtracts the maximum times {}",
    lambda c: Parts(top=lambda w: textbook.row_max(w) * w.dtype.type(c)),
    (0.5, 0.9, 2.0),
)
add(
    "wrong shift",
    "subtracts the maximum less {}",
    lambda c: Parts(top=lambda w: textbook.row_max(w) - w.dtype.type(c)),
    (50, 64, 80, 88, 100, 600, 700),
)
add(
    "max not added back",
    "subtracts the maximum and never adds it back",
    lambda _: Parts(add_back=lambda top, log: log),
    bases=("by logsumexp",),
)
add(
    "max not added back",
    "subtracts the maximum twice and adds it back once",
    lambda _: Parts(add_back=lambda top, log: log - top),
    bases=("by logsumexp",),
)
add(
    "max not added back",
    "adds the maximum back where it is positive",
    lambda _: Parts(add_back=lambda top, log: log + np.maximum(top, 0)),
    bases=("by logsumexp",),
)
add(
    "max not added back",
    "adds the maximum of the batch back",
    lambda _: Parts(add_back=lambda top, log: log + top.max(initial=-np.inf)),
    operations=BY_ROW,
    bases=("by logsumexp",),
)
add(
    "infinite maximum",
    "gives inf - inf where the maximum is infinite",
    lambda _: Parts(
        top=lambda w: w.max(-1, keepdims=True), add_back=lambda top, log: np.where(np.isinf(top), np.nan, top + log)
    ),
    operations=("logsumexp",),
    bases=("by logsumexp",),
)
