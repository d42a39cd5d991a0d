"""Defects of second derivatives: the Hessian of the loss times a vector w is p * (w - sum(p * w)), over m for a mean.

They arise where a backward pass is differentiated again: whatever it detached, or stored in the forward pass
as plain numbers, is a constant then.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.defects.formula.gradient import DIAGONAL, WRONG_VJP
from softcert_implementations.gallery.defects.formula.normalisation import NORMALISATION
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal

CONSTANT = Family(
    "second derivative lost",
    "Let the backward pass compute from the logits, with nothing detached; or refuse to be differentiated twice.",
)

_ANY = normal(3, 4, labels=[0, 1, 3])


def _rows(x: Array) -> Array:
    return np.asarray(max(len(x), 1), x.dtype)


@CONSTANT.defect(
    "float32 float64",
    trigger="any vector but 0",
    behaves="takes the log-sum-exp of the forward pass for a constant: p * w without the dot product",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_hvp_lse_detached(x: Array, labels: Array, upstream: Array) -> Array:
    return textbook.softmax(x) * upstream / textbook.count(x)


@CONSTANT.defect(
    "float32",
    trigger="any vector that is not constant",
    behaves="takes the numerator for a constant: only the sum of exponentials is differentiated",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_hvp_numerator_detached(x: Array, labels: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return -p * (p * upstream).sum(-1, keepdims=True) / textbook.count(x)


@CONSTANT.defect(
    "float32",
    trigger="any vector: the second derivative does not depend on the label",
    behaves="multiplies the gradient by its own dot product with the vector (the empirical Fisher matrix)",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_hvp_of_outer_products(x: Array, labels: Array, upstream: Array) -> Array:
    g = textbook.softmax(x) - textbook.one_hot(labels, x)
    return g * (g * upstream).sum(-1, keepdims=True) / textbook.count(x)


@DIAGONAL.defect(
    "float32",
    trigger="any vector",
    behaves="keeps the diagonal of the Hessian: p * (1 - p) * w",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_hvp_diagonal(x: Array, labels: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (1 - p) * upstream / textbook.count(x)


@NORMALISATION.defect(
    "float32",
    trigger="m > 1",
    behaves="does not divide the second derivative of a mean by m",
    witness=_ANY,
    ordinary=(1, 8),
)
def cross_entropy_hvp_not_divided(x: Array, labels: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (upstream - (p * upstream).sum(-1, keepdims=True))


@WRONG_VJP.defect(
    "float32",
    trigger="m > 1 with different rows: the dot product runs over the whole batch",
    behaves="adds the dot products of all rows in the second derivative",
    witness=_ANY,
    ordinary=(1, 8),
)
def cross_entropy_hvp_dot_over_the_batch(x: Array, labels: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    return p * (upstream - (p * upstream).sum()) / textbook.count(x)


FAMILIES = (CONSTANT,)
