"""Infinities, NaN, zeros and ties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import GRADIENT, LOSS, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, difference, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add
LARGE = (-50, -80, -100, -1e3, -1e4, -65504, -1e5, -1e6, -1e9, -1e10, -1e20, -1e30, -3.4e38, 0)
SHIFTED = ("shifted", "by logsumexp", "by probability")


def _where(test: Callable[[Array], Array], value: float) -> Callable[[Array], Array]:
    return lambda w: np.where(test(w), w.dtype.type(value), w)


def _finite_largest(w: Array) -> Array:
    return np.nan_to_num(w, nan=np.nan, posinf=np.finfo(w.dtype).max, neginf=np.finfo(w.dtype).min)


def _rows_where(test: Callable[[Array], Array], value: float) -> Callable[[Array, Array], Array]:
    """Another value in the results of some rows, chosen by their logits."""
    return lambda r, w: np.where(test(w).reshape(-1, *[1] * (r.ndim - 1)), r.dtype.type(value), r)


def _answering(test: Callable[[Array], Array]) -> Callable[[Any], Parts]:
    """The parts of a constant that some rows are answered with."""
    return lambda constant: Parts(afterwards=_rows_where(test, constant))


def _nan_where_minus_inf(y: Array) -> Array:
    """A row with a class of log-probability -inf has NaN in every product with zeros and ones."""
    return np.where(np.isneginf(y).any(-1, keepdims=True) & ~np.isneginf(y), np.nan, y).astype(y.dtype)


add("infinity replaced", "replaces -inf by {}", lambda c: Parts(logits=_where(np.isneginf, c)), LARGE)
add("infinity replaced", "replaces the infinities by the largest numbers", lambda _: Parts(logits=_finite_largest))
add("infinity replaced", "replaces NaN and the infinities by numbers", lambda _: Parts(logits=np.nan_to_num))
add(
    "infinity replaced",
    "replaces NaN and infinities in the results by numbers",
    lambda _: Parts(probabilities=np.nan_to_num, log_probabilities=np.nan_to_num),
)
add(
    "infinity replaced",
    "replaces -inf in the results by {}",
    lambda c: Parts(log_probabilities=_where(np.isneginf, c)),
    LARGE,
    operations=("log_softmax", "cross_entropy"),
)
add(
    "infinity replaced",
    "replaces +inf by the largest number",
    lambda _: Parts(logits=lambda w: np.where(np.isposinf(w), np.finfo(w.dtype).max, w)),
)
add("NaN hidden", "takes NaN as {}", lambda c: Parts(logits=_where(np.isnan, c)), (0, -np.inf, -1e9, -1e4))
add(
    "NaN hidden",
    "leaves NaN out of maximum and sum",
    lambda _: Parts(
        top=lambda w: textbook.row_max(np.where(np.isnan(w), -np.inf, w)),
        total=lambda e: np.where(np.isnan(e), 0, e).sum(-1, keepdims=True).astype(e.dtype),
    ),
)
add(
    "NaN hidden",
    "gives 0 for NaN",
    lambda _: Parts(probabilities=_where(np.isnan, 0), log_probabilities=_where(np.isnan, 0)),
)
add(
    "NaN hidden",
    "leaves rows with NaN out of the mean",
    lambda _: Parts(mean=lambda each: each[~np.isnan(each)].mean()),
    operations=("cross_entropy",),
)
add(
    "NaN hidden",
    "adds the losses without those that are NaN",
    lambda _: Parts(mean=lambda each: np.nansum(each) / each.dtype.type(len(each))),
    operations=("cross_entropy",),
)
for _family, _what, _test in (
    ("zeros taken for padding", "a row of zeros", lambda w: (w == 0).all(-1)),
    ("row of -inf answered", "a row of -inf", lambda w: np.isneginf(w).all(-1)),
    ("NaN hidden", "a row with NaN", lambda w: np.isnan(w).any(-1)),
):
    add(
        _family,
        f"gives {{}} for {_what}",
        _answering(_test),
        (0.0, 1.0, -np.inf, np.nan),
    )
add(
    "row of -inf answered",
    "answers a row of -inf with the uniform distribution",
    lambda _: Parts(logits=lambda w: np.where(np.isneginf(w).all(-1, keepdims=True), 0, w).astype(w.dtype)),
)
add(
    "zeros taken for padding",
    "takes logits that are 0 for padding",
    lambda _: Parts(logits=_where(lambda w: w == 0, -np.inf)),
)
add(
    "zeros taken for padding",
    "takes zeros at the end of a row for padding",
    lambda _: Parts(logits=_where(lambda w: np.logical_and.accumulate((w == 0)[:, ::-1], axis=-1)[:, ::-1], -np.inf)),
)
add(
    "zeros taken for padding",
    "takes rows of zeros for padding",
    lambda _: Parts(logits=lambda w: np.where((w == 0).all(-1, keepdims=True), -np.inf, w).astype(w.dtype)),
)
add(
    "0 * -inf",
    "multiplies all log-probabilities by the one-hot row",
    lambda _: Parts(log_probabilities=_nan_where_minus_inf),
    operations=LOSS,
    bases=SHIFTED,
)
add(
    "0 * -inf",
    "multiplies shifted logits by probabilities or zeros",
    lambda _: Parts(differences=lambda d: d + 0 * d),
    bases=SHIFTED[:2],
)
add(
    "0 * -inf",
    "multiplies probabilities that are 0 by their logarithm",
    lambda _: Parts(total=lambda e: np.where((e == 0).any(-1, keepdims=True), np.nan, sum_rows(e)).astype(e.dtype)),
)
add(
    "0 * -inf",
    "multiplies by p log p or t log p",
    lambda _: Parts(gradient=lambda p, t: difference(p, t) + 0 * np.log(p)),
    operations=GRADIENT,
)
add(
    "ties miscounted", "counts equal maxima once", lambda _: Parts(total=lambda e: sum_rows(np.where(e == 1, 0, e)) + 1)
)
add(
    "ties miscounted",
    "counts equal logits once",
    lambda _: Parts(total=lambda e: np.array([[np.unique(row).sum()] for row in e], e.dtype).reshape(len(e), 1)),
)
add(
    "ties miscounted",
    "leaves the maxima out of the sum and adds 1",
    lambda _: Parts(log=lambda s: np.log1p(s - 1), total=lambda e: 1 + sum_rows(np.where(e >= 1, 0, e))),
)
add(
    "ties miscounted",
    "leaves all equal maxima out of the sum",
    lambda _: Parts(
        total=lambda e: np.where(
            (e == 1).sum(-1, keepdims=True) > 1, sum_rows(e) - (e == 1).sum(-1, keepdims=True) + 1, sum_rows(e)
        ).astype(e.dtype)
    ),
)
add(
    "ties miscounted",
    "shares the one-hot row among ties",
    lambda _: Parts(
        gradient=lambda p, t: difference(
            p, textbook.divided((p == textbook.picked(p, t.argmax(-1))[:, None]).astype(p.dtype))
        )
    ),
    operations=GRADIENT,
)
