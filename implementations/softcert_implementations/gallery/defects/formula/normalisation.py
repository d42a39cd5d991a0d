"""Defects of the mean over the rows: left out, taken twice, or over another number than m.

Batches of one row hide most of them, batches of a power of two some.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal

NORMALISATION = Family("normalisation", "Divide the sum over the rows by their number m, once.")

_ANY = normal(3, 4, labels=[0, 1, 3])


@NORMALISATION.defect(
    "float32 float64",
    trigger="m > 1",
    behaves="returns the sum of the losses for their mean",
    witness=_ANY,
    reference="Open-Deep-ML/DML-OpenProblem#358",
    ordinary=(1, 8),
)
def cross_entropy_sum_for_mean(x: Array, labels: Array) -> Any:
    return textbook.losses(x, labels).sum().astype(x.dtype)


@NORMALISATION.defect(
    "float32 float64", trigger="C > 1", behaves="divides by m * C instead of m", witness=_ANY, ordinary=(3, 1)
)
def cross_entropy_divided_by_size(x: Array, labels: Array) -> Any:
    return (textbook.losses(x, labels).sum() / x.dtype.type(x.size)).astype(x.dtype)


@NORMALISATION.defect(
    "float32",
    trigger="m != 100",
    behaves="divides by the configured batch size (100) although the last batch is smaller",
    witness=_ANY,
    reference="rinuboney/ladder#5",
    ordinary=(100, 4),
)
def cross_entropy_divided_by_100(x: Array, labels: Array) -> Any:
    return (textbook.losses(x, labels).sum() / np.float32(100)).astype(x.dtype)


@NORMALISATION.defect(
    "float32 float64",
    trigger="m > 1",
    behaves="returns the gradient of the sum although the loss is the mean",
    witness=_ANY,
    reference="tensorflow/swift-apis#42",
    ordinary=(1, 8),
)
def cross_entropy_grad_of_the_sum(x: Array, labels: Array) -> Array:
    return textbook.softmax(x) - textbook.one_hot(labels, x)


@NORMALISATION.defect(
    "float32",
    trigger="m > 1",
    behaves="divides by m in the kernel and again outside",
    witness=_ANY,
    reference="ROCm/TransformerEngine#336",
    ordinary=(1, 8),
)
def cross_entropy_grad_divided_twice(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, labels) / textbook.count(x)


@NORMALISATION.defect(
    "float32 float64", trigger="C > 1", behaves="divides the gradient by m * C", witness=_ANY, ordinary=(3, 1)
)
def cross_entropy_grad_divided_by_size(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, labels) / x.dtype.type(max(x.shape[1], 1))


@NORMALISATION.defect(
    "float32", trigger="m > 1", behaves="divides by m - 1, as a sample variance does", witness=_ANY, ordinary=(1, 8)
)
def cross_entropy_divided_by_one_less(x: Array, labels: Array) -> Any:
    return (textbook.losses(x, labels).sum() / np.float32(max(len(x) - 1, 1))).astype(x.dtype)


@NORMALISATION.defect(
    "float32",
    trigger="m that is no power of two",
    behaves="divides by the next power of two at or above m (a shift in the place of a division)",
    witness=_ANY,
    ordinary=(4, 8),
)
def cross_entropy_divided_by_power_of_two(x: Array, labels: Array) -> Any:
    rounded = 1 << max(len(x) - 1, 0).bit_length()
    return (textbook.losses(x, labels).sum() / np.float32(rounded)).astype(x.dtype)


@NORMALISATION.defect(
    "float32",
    trigger="m > 4 that is no multiple of 4: the mean of the parts' means weighs the last part too much",
    behaves="takes the mean of the means of parts of 4 rows, also where the last part is smaller",
    witness=normal(5, 4, labels=[0, 1, 2, 3, 0]),
)
def cross_entropy_mean_of_means(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    means = np.array([each[k : k + 4].mean() for k in range(0, max(len(each), 1), 4)], each.dtype)
    return textbook.mean(means, x)


@NORMALISATION.defect(
    "float32",
    trigger="any input: the gradient is scaled by C / (C - 1)",
    behaves="scales the gradient by C / (C - 1)",
    witness=_ANY,
    ordinary=(3, 1),
)
def cross_entropy_grad_scaled_by_classes(x: Array, labels: Array) -> Array:
    C = x.shape[1]
    return textbook.cross_entropy_grad(x, labels) * np.float32(C / (C - 1) if C > 1 else 1)


FAMILIES = (NORMALISATION,)
