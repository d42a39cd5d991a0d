"""Defects of reductions and of upstream gradients: a backward pass loses or misreads its arguments.

An upstream gradient is one number for a loss that is reduced, one a row for reduction "none"; the models take both.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal

UPSTREAM = Family("upstream gradient misused", "Multiply each row's gradient by its own upstream gradient.")

_UPSTREAM = normal(3, 4, labels=[0, 1, 3], upstream=[1.0, 2.0, -3.0])
_NONE = {"reduction": "none"}


@UPSTREAM.defect(
    "float32",
    option="reduction",
    trigger="reduction='sum', m > 1",
    behaves="always divides the gradient by m, also for the sum",
    witness=normal(3, 4, labels=[0, 1, 3], reduction="sum"),
    reference="paiml/aprender#2182",
)
def cross_entropy_grad_reduction_ignored(x: Array, labels: Array, *, reduction: str = "mean") -> Array:
    return textbook.cross_entropy_grad(x, labels)


@UPSTREAM.defect(
    "float32",
    option="reduction",
    trigger="reduction='none'",
    behaves="knows mean and sum, and answers 'none' with the mean",
    witness=normal(3, 4, labels=[0, 1, 3], reduction="none"),
)
def cross_entropy_none_is_mean(x: Array, labels: Array, *, reduction: str = "mean") -> Any:
    each = textbook.losses(x, labels)
    return each.sum().astype(x.dtype) if reduction == "sum" else textbook.mean(each, x)


def _of_each(x: Array, labels: Array, upstream: Array | None) -> Array:
    """p - t of the loss that the upstream gradient belongs to: divided by m where it is one number, for the mean."""
    g = textbook.softmax(x) - textbook.one_hot(labels, x)
    return g / textbook.count(x) if upstream is not None and upstream.ndim == 0 else g


def _by_row(upstream: Array) -> Array:
    return upstream.reshape(-1, 1)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="an upstream gradient that is not uniform",
    behaves="multiplies every row by the first upstream gradient (a scalar load)",
    witness=_UPSTREAM,
    reference="linkedin/Liger-Kernel#1298",
    contract=_NONE,
)
def cross_entropy_grad_first_upstream(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * upstream.reshape(-1)[:1]


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="an upstream gradient other than 1",
    behaves="does not use the upstream gradient (loss scale, weights) at all",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_unused(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    return _of_each(x, labels, upstream)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="an upstream gradient other than 0 and 1",
    behaves="applies the upstream gradient twice, in the kernel and outside",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_twice(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * _by_row(upstream) ** 2


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="a negative or zero upstream gradient",
    behaves="skips rows whose upstream gradient is not positive",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_positive_only(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * np.maximum(_by_row(upstream), 0)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="an upstream gradient that is neither 1 nor -1",
    behaves="uses the sign of the upstream gradient only",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_sign(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * np.sign(_by_row(upstream))


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="more rows than one",
    behaves="multiplies every row by the sum of the upstream gradients",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_summed(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * upstream.sum(dtype=x.dtype)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="an upstream gradient that is not uniform",
    behaves="multiplies every row by the mean of the upstream gradients, as for a mean loss",
    witness=_UPSTREAM,
    contract=_NONE,
)
def cross_entropy_grad_upstream_averaged(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * upstream.mean(dtype=x.dtype)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="m == C, where the shapes fit either way",
    behaves="multiplies the classes instead of the rows by the upstream gradient where both are as many",
    witness=normal(3, 3, labels=[0, 1, 2], upstream=[1.0, 2.0, -3.0]),
    contract=_NONE,
)
def cross_entropy_grad_upstream_by_class(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    g = _of_each(x, labels, upstream)
    if upstream is None:
        return g
    return g * (upstream if upstream.shape == x.shape[1:] else _by_row(upstream))


def _of_first_chunk(x: Array, labels: Array, upstream: Array | None, rows: int) -> Array:
    g = _of_each(x, labels, upstream)
    return g if upstream is None else g * _by_row(upstream)[np.arange(len(x)) % min(rows, max(upstream.size, 1))]


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="more than 4 rows",
    behaves="takes the upstream gradients of the first 4 rows for every 4 rows",
    witness=normal(6, 3, upstream=np.linspace(-1.0, 1.5, 6).tolist()),
    contract=_NONE,
)
def cross_entropy_grad_upstream_of_first_four(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    return _of_first_chunk(x, labels, upstream, 4)


@UPSTREAM.defect(
    "float32",
    option="upstream",
    trigger="more than 512 rows",
    behaves="takes the upstream gradients of the first chunk of 512 rows for every chunk",
    witness=normal(514, 3, upstream=np.linspace(-1.0, 1.0, 514).tolist()),
    contract=_NONE,
)
def cross_entropy_grad_upstream_of_first_chunk(x: Array, labels: Array, *, upstream: Array | None = None) -> Array:
    return _of_first_chunk(x, labels, upstream, 512)


FAMILIES = (UPSTREAM,)
