"""Defects of labels: the wrong class is read, the label does not fit its type, or it is out of range.

Class 0, the last class, labels above 127, 255, 2048 and 32767, negative labels and other integer types show them.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import constant, normal, spike

INDEXING = Family("label indexing", "Take entry [i, labels[i]] of each row i: table[arange(m), labels].")
LABEL_TYPE = Family("label dtype", "Keep labels in an integer type that holds C - 1; never in a float or a byte.")
INVALID = Family("invalid label", "Refuse a label outside 0 ... C - 1, or answer NaN; never index with it.")

_THREE = normal(3, 4, labels=[0, 1, 3])
_INVALID = {"invalid_labels": "nan"}


@INDEXING.defect(
    "float32 float64",
    trigger="m > 1 with different labels",
    behaves="indexes log_softmax[:, y] instead of [arange(m), y] and averages an m x m table",
    witness=_THREE,
    ordinary=(1, 8),
)
def cross_entropy_averages_a_table(x: Array, labels: Array) -> Any:
    return (-textbook.picked_everywhere(textbook.log_softmax(x), labels)).mean().astype(x.dtype)


@INDEXING.defect(
    "float32",
    trigger="any labels",
    behaves="takes 0-based labels for 1-based ones: class y - 1, and the last class for 0",
    witness=_THREE,
    reference="mlverse/torch#681",
    ordinary=None,
)
def cross_entropy_labels_one_based(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels - 1)


@INDEXING.defect(
    "float32 float64",
    trigger="m > 1 with different labels",
    behaves="subtracts 1 from p[:, y] instead of p[arange(m), y]",
    witness=_THREE,
    ordinary=(1, 8),
)
def cross_entropy_grad_subtracts_columns(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    p[:, np.unique(labels)] -= 1  # what [:, labels] gives, without its table of m x m numbers
    return p / p.dtype.type(max(len(p), 1))


@INDEXING.defect(
    "float32",
    trigger="m > 1 with different labels",
    behaves="uses the label of the first row for every row",
    witness=_THREE,
    ordinary=(1, 8),
)
def cross_entropy_first_label_for_all(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, np.broadcast_to(labels[:1], labels.shape))


@INDEXING.defect(
    "float32",
    trigger="any row with the label 0",
    behaves="takes class 0 for padding: such rows have no loss",
    witness=_THREE,
    ordinary=None,
)
def cross_entropy_class_zero_as_padding(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(np.where(labels == 0, 0, each).astype(each.dtype), x)


@INDEXING.defect(
    "float32",
    trigger="a row with the label C - 1",
    behaves="accepts labels below C - 1 only: the last class has no loss",
    witness=_THREE,
)
def cross_entropy_last_class_ignored(x: Array, labels: Array) -> Any:
    each = textbook.losses(x, labels)
    return textbook.mean(np.where(labels < x.shape[1] - 1, each, 0).astype(each.dtype), x)


@INDEXING.defect(
    "float32",
    trigger="a row with the label C - 1",
    behaves="compares labels with < C - 1, so the one-hot of the last class is never subtracted",
    witness=_THREE,
)
def cross_entropy_grad_last_class_ignored(x: Array, labels: Array) -> Array:
    p = textbook.softmax(x)
    t = textbook.one_hot(labels, x)
    t[:, -1] = 0
    return (p - t) / textbook.count(x)


@INDEXING.defect(
    "float32",
    trigger="m > 1 with labels that are no palindrome",
    behaves="pairs the rows with the labels in reverse (the batch was reversed, the labels were not)",
    witness=_THREE,
    ordinary=(1, 8),
)
def cross_entropy_labels_reversed(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels[::-1])


@INDEXING.defect(
    "float32",
    trigger="labels that are not in ascending order",
    behaves="sorts the labels, as a set or a group-by does",
    witness=normal(3, 4, labels=[2, 0, 1]),
)
def cross_entropy_grad_labels_sorted(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, np.sort(labels))


@INDEXING.defect(
    "float32",
    trigger="a label that is not the largest logit's class",
    behaves="takes the loss at the largest logit, not at the label",
    witness=_THREE,
    ordinary=None,
)
def cross_entropy_at_the_argmax(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, x.argmax(-1))


@INDEXING.defect(
    "float32",
    trigger="a row whose label is the class of its largest logit",
    behaves="counts a row as right when its label is the argmax and gives it no gradient",
    witness=constant(2, 3),
    ordinary=None,
)
def cross_entropy_grad_zero_where_right(x: Array, labels: Array) -> Array:
    right = (x.argmax(-1) == labels)[:, None]
    return np.where(right, 0, textbook.cross_entropy_grad(x, labels)).astype(x.dtype)


@INDEXING.defect(
    "float32",
    trigger="m > 1, where the flat positions differ",
    behaves="indexes the flat logits with i + C y instead of i C + y",
    witness=_THREE,
    ordinary=(1, 1),
)
def cross_entropy_flat_index_transposed(x: Array, labels: Array) -> Any:
    m, C = x.shape
    flat = textbook.log_softmax(x).ravel()
    return (
        textbook.mean(-flat[(np.arange(m) + m * labels) % max(flat.size, 1)], x)
        if C
        else textbook.cross_entropy(x, labels)
    )


@LABEL_TYPE.defect(
    "float32",
    trigger="C > 256 and a label > 255",
    behaves="stores labels as uint8",
    witness=spike(300, 299, 5.0, labels=[299]),
    reference="tensorflow/models#6641",
)
def cross_entropy_labels_in_uint8(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels.astype(np.uint8))


@LABEL_TYPE.defect(
    "float32",
    trigger="C > 128 and a label > 127",
    behaves="stores labels as int8: 128 becomes -128",
    witness=spike(200, 150, 5.0, labels=[150]),
    reference="WZMIAOMIAO/deep-learning-for-image-processing#670",
)
def cross_entropy_labels_in_int8(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels.astype(np.int8).astype(np.int64) % max(x.shape[1], 1))


@LABEL_TYPE.defect(
    "float32",
    trigger="C > 2048 and an odd label > 2048",
    behaves="sends labels through float16 (mixed-precision collate): 2049 becomes 2048",
    witness=spike(3000, 2049, 5.0, labels=[2049]),
)
def cross_entropy_labels_in_half(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, np.minimum(labels.astype(np.float16).astype(np.int64), x.shape[1] - 1))


@LABEL_TYPE.defect(
    "float32",
    trigger="C > 256 and an odd label > 256",
    behaves="sends labels through bfloat16: 257 becomes 256",
    witness=spike(300, 257, 5.0, labels=[257]),
)
def cross_entropy_grad_labels_in_bfloat16(x: Array, labels: Array) -> Array:
    through = labels.astype(ml_dtypes.bfloat16).astype(np.int64)
    return textbook.cross_entropy_grad(x, np.minimum(through, x.shape[1] - 1))


@LABEL_TYPE.defect(
    "float32",
    trigger="C > 256 and a label > 255",
    behaves="stores labels as uint8 for the backward pass only",
    witness=spike(300, 299, 5.0, labels=[299]),
)
def cross_entropy_grad_labels_in_uint8(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, labels.astype(np.uint8))


@LABEL_TYPE.defect(
    "float32",
    trigger="labels of type int32 with more than one row",
    behaves="reads an int32 label array as if it were int64 (two labels become one)",
    witness=lambda fmt: {**normal(3, 4)(fmt), "labels": np.array([0, 1, 3], np.int32)},
    contract={"label_dtypes": ("int64", "int32")},
)
def cross_entropy_int32_labels_as_int64(x: Array, labels: Array) -> Any:
    if labels.dtype == np.int32:
        padded = np.zeros(2 * len(labels), np.int32)
        padded[: len(labels)] = labels
        labels = (padded.view(np.int64) & 0xFFFFFFFF) % max(x.shape[1], 1) * (np.arange(len(labels)) * 2 < len(labels))
    return textbook.cross_entropy(x, labels)


@LABEL_TYPE.defect(
    "float32",
    trigger="labels of type uint8: y - 1 below zero wraps to 255",
    behaves="computes with unsigned labels as if they had a sign",
    witness=lambda fmt: {**normal(3, 4)(fmt), "labels": np.array([0, 1, 3], np.uint8)},
    contract={"label_dtypes": ("int64", "uint8")},
)
def cross_entropy_grad_unsigned_labels(x: Array, labels: Array) -> Array:
    t = np.arange(x.shape[1]) - (labels - labels.dtype.type(1))[:, None] == 1
    return ((textbook.softmax(x) - t) / textbook.count(x)).astype(x.dtype)


@INVALID.defect(
    "float32",
    trigger="a label == C",
    behaves="gives a label outside the classes the loss 0 and says nothing",
    witness=normal(2, 3, labels=[0, 3]),
    reference="tensorflow/tensorflow#3739",
    option="invalid_label",
    contract=_INVALID,
)
def cross_entropy_label_beyond_is_free(x: Array, labels: Array) -> Any:
    inside = (labels >= 0) & (labels < x.shape[1])
    each = textbook.losses(x, np.where(inside, labels, 0))
    return textbook.mean(np.where(inside, each, 0).astype(each.dtype), x)


@INVALID.defect(
    "float32",
    trigger="a label == -1",
    behaves="lets label -1 index the last class",
    witness=normal(2, 3, labels=[0, -1]),
    reference="Theano/Theano#3042",
    option="invalid_label",
    contract=_INVALID,
)
def cross_entropy_label_wraps(x: Array, labels: Array) -> Any:
    bad = labels >= x.shape[1]
    each = textbook.losses(x, np.where(bad, 0, labels))
    return textbook.mean(np.where(bad, np.nan, each).astype(each.dtype), x)


@INVALID.defect(
    "float32",
    trigger="a label == C",
    behaves="clips a label outside the classes to the nearest class",
    witness=normal(2, 3, labels=[0, 3]),
    option="invalid_label",
    contract=_INVALID,
)
def cross_entropy_grad_label_clipped(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, np.clip(labels, 0, x.shape[1] - 1))


@INVALID.defect(
    "float32",
    trigger="a label == C: the next row's first logit is read",
    behaves="reads label C as the first logit of the next row",
    witness=normal(2, 3, labels=[3, 0]),
    option="invalid_label",
    contract=_INVALID,
)
def cross_entropy_label_reads_next_row(x: Array, labels: Array) -> Any:
    table = textbook.log_softmax(x).ravel()
    return textbook.mean(-table[(np.arange(len(x)) * x.shape[1] + labels) % max(table.size, 1)], x)


FAMILIES = (INDEXING, LABEL_TYPE, INVALID)
