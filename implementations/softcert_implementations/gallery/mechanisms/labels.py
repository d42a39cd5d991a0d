"""Labels misread, or kept in too small a type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.mechanisms.mechanism import LOSSES, Table
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add


def _in_the_first_row(t: Array) -> Array:
    moved = np.zeros_like(t)
    moved[:1] = t.sum(0, keepdims=True)
    return moved


def _through(dtype: Any) -> Callable[[Array, Array], Array]:
    """Labels kept in a type that does not hold them all; what leaves the classes comes back to them."""

    def labels(y: Array, x: Array) -> Array:
        stored = y.astype(dtype)
        if np.dtype(dtype).kind in "iu":
            return stored.astype(np.int64) % x.shape[1]
        return np.clip(np.nan_to_num(stored.astype(np.float64)), 0, x.shape[1] - 1).astype(np.int64)

    return labels


add(
    "label indexing",
    "looks every label up in the first row",
    lambda _: Parts(
        picked=lambda y, k: y[0][k] if len(y) else y[:, 0],
        gradient=lambda p, t: (p - _in_the_first_row(t)) / p.dtype.type(max(len(p), 1)),
    ),
    operations=LOSSES,
)
add(
    "label indexing",
    "looks every label up in every row",
    lambda _: Parts(picked=lambda y, k: textbook.picked_everywhere(y, k).ravel()),
    operations=LOSSES[:1],
)
add(
    "label indexing",
    "looks all labels up in the first class",
    lambda _: Parts(picked=lambda y, k: y[k % max(len(y), 1), 0]),
    operations=LOSSES[:1],
)
add(
    "label indexing",
    "adds {} to the labels",
    lambda c: Parts(labels=lambda y, x: (y.astype(np.int64) + c) % x.shape[1]),
    (-2, -1, 1, 2),
    operations=LOSSES,
)
add(
    "label indexing",
    "adds {} to the labels, within the classes",
    lambda c: Parts(labels=lambda y, x: np.clip(y.astype(np.int64) + c, 0, x.shape[1] - 1)),
    (-1, 1),
    operations=LOSSES,
)
add(
    "label indexing",
    "counts labels from the end",
    lambda _: Parts(labels=lambda y, x: x.shape[1] - 1 - y.astype(np.int64)),
    operations=LOSSES,
)
add(
    "label indexing",
    "uses the label of the first row everywhere",
    lambda _: Parts(labels=lambda y, x: np.full_like(y, y[0] if len(y) else 0)),
    operations=LOSSES,
)
add(
    "label indexing",
    "uses the labels of other rows, {} further",
    lambda c: Parts(labels=lambda y, x: np.roll(y, -c)),
    (1, -1),
    operations=LOSSES,
)
add(
    "label indexing",
    "uses the labels in reverse order",
    lambda _: Parts(labels=lambda y, x: y[::-1]),
    operations=LOSSES,
)
add("label indexing", "sorts the labels", lambda _: Parts(labels=lambda y, x: np.sort(y)), operations=LOSSES)
add(
    "label indexing",
    "takes the likeliest class for the label",
    lambda _: Parts(labels=lambda y, x: x.argmax(-1)),
    operations=LOSSES,
)
add(
    "label indexing",
    "takes class {} for the label",
    lambda c: Parts(labels=lambda y, x: np.full_like(y, c)),
    (0, -1),
    operations=LOSSES,
)
add(
    "label indexing",
    "subtracts 1 at the labels of all rows",
    lambda _: Parts(gradient=lambda p, t: (p - (t.sum(0, keepdims=True) > 0)) / p.dtype.type(max(len(p), 1))),
    operations=("cross_entropy_grad",),
)
add(
    "label indexing",
    "subtracts all one-hot rows from each row",
    lambda _: Parts(gradient=lambda p, t: (p - t.sum(0, keepdims=True)) / p.dtype.type(max(len(p), 1))),
    operations=("cross_entropy_grad",),
)
add(
    "label dtype",
    "keeps labels in {}",
    lambda c: Parts(labels=_through(c)),
    tuple(np.dtype(t) for t in (np.uint8, np.int8, np.float16, ml_dtypes.bfloat16)),
    operations=LOSSES,
)
add(
    "label dtype",
    "keeps labels modulo {}",
    lambda c: Parts(labels=lambda y, x: y.astype(np.int64) % c),
    (64, 100, 128, 512, 1000, 1024, 4096),
    operations=LOSSES,
)
add(
    "label dtype",
    "keeps labels up to {}",
    lambda c: Parts(labels=lambda y, x: np.minimum(y.astype(np.int64), c)),
    (127, 255, 2047),
    operations=LOSSES,
)
