"""Defects of the batch: the answer for one row depends on the other rows.

A batch of one row hides them.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, rows

BATCH = Family("rows depend on one another", "Each row's result is a function of that row alone.")


@BATCH.defect(
    "float32",
    trigger="any batch whose columns do not have mean 0 and deviation 0",
    behaves="standardises the logits over the batch before the softmax (a batch norm left in)",
    witness=normal(3, 4),
    ordinary=None,
)
def softmax_standardised_over_the_batch(x: Array) -> Array:
    return textbook.softmax((x - x.mean(0)) / (x.std(0) + np.float32(1)))


@BATCH.defect(
    "float32",
    trigger="rows that are not in ascending order of their maximum",
    behaves="sorts the rows by their maximum for load balance and never puts them back",
    witness=rows([3, 0], [1, 0]),
    ordinary=(1, 8),
)
def logsumexp_rows_sorted(x: Array) -> Array:
    return textbook.logsumexp(x[np.argsort(x.max(-1), kind="stable")])


@BATCH.defect(
    "float32",
    trigger="two equal rows with different labels",
    behaves="removes equal rows before the mean is taken",
    witness=rows([0, 1], [0, 1], [2, 0], labels=[0, 1, 0]),
)
def cross_entropy_equal_rows_merged(x: Array, labels: Array) -> Any:
    _, first = np.unique(x, axis=0, return_index=True)
    return textbook.cross_entropy(x[np.sort(first)], labels[np.sort(first)])


@BATCH.defect(
    "float32",
    trigger="a row of NaN or +inf anywhere in the batch",
    behaves="gives every row of a batch NaN as soon as one of them is not finite",
    witness=rows([0, 1], [np.nan, 0]),
)
def softmax_nan_spreads(x: Array) -> Array:
    p = textbook.softmax(x)
    return np.full_like(p, np.nan) if np.isnan(x).any() else p


@BATCH.defect(
    "float32",
    trigger="m > 1 with rows of different logits",
    behaves="uses the normaliser of the first row for all",
    witness=normal(3, 4),
    ordinary=(1, 8),
)
def cross_entropy_grad_first_normaliser(x: Array, labels: Array) -> Array:
    return textbook.gradient(np.exp(x - textbook.logsumexp(x[:1])), labels, x)


FAMILIES = (BATCH,)
