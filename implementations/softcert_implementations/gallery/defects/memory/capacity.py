"""Defects of size: more classes or rows than a block, a grid or an index type can hold.

One thread a class ends at 1024, a fused block at 32768, a 16-bit index at 32767 or 65535.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import constant, normal, spike

CAPACITY = Family("capacity exceeded", "Loop over the whole row and the whole batch, or refuse what does not fit.")
INDEX = Family("index overflow", "Index with a type that holds m * C; 16 bits end at 32767 or 65535.")


@CAPACITY.defect(
    "float32",
    trigger="C > 1024",
    behaves="handles 1024 classes, one for each thread, and leaves the rest at zero",
    witness=constant(1, 1030),
)
def softmax_first_1024_classes(x: Array) -> Array:
    p = np.zeros_like(x)
    p[:, :1024] = textbook.softmax(x[:, :1024])
    return p


@CAPACITY.defect(
    "float32",
    trigger="C > 4096",
    behaves="adds the exponentials of the first 4096 classes only",
    witness=constant(1, 4200),
)
def cross_entropy_sum_of_first_4096(x: Array, labels: Array) -> Any:
    e = textbook.shifted_exp(x)
    return textbook.mean(np.log(e[:, :4096].sum(-1)) - textbook.picked(x - textbook.row_max(x), labels), x)


@CAPACITY.defect(
    "float32",
    trigger="C > 32768, the largest block of a fused kernel",
    behaves="caps its block at 32768 classes and ignores what lies beyond",
    witness=constant(1, 40000),
)
def logsumexp_capped_at_32768(x: Array) -> Array:
    return textbook.logsumexp(x[:, :32768])


@CAPACITY.defect(
    "float32",
    trigger="more than 256 rows",
    behaves="starts one block of 256 threads: later rows are never computed and stay zero",
    witness=normal(300, 2),
)
def softmax_first_256_rows(x: Array) -> Array:
    p = np.zeros_like(x)
    p[:256] = textbook.softmax(x[:256])
    return p


@CAPACITY.defect(
    "float32",
    trigger="C > 64: each of 32 lanes keeps two elements in registers",
    behaves="keeps two elements in each of 32 lanes and forgets the third round",
    witness=normal(2, 70),
)
def log_softmax_two_elements_a_lane(x: Array) -> Array:
    return x - textbook.logsumexp(x[:, :64])[:, None]


@INDEX.defect(
    "float32",
    trigger="C > 32768 with a label above 32767",
    behaves="keeps the label in 16 bits with a sign: 32768 becomes -32768",
    witness=spike(40000, 39999, 5.0, labels=[39999]),
)
def cross_entropy_label_in_int16(x: Array, labels: Array) -> Any:
    return textbook.mean(textbook.losses(x, labels.astype(np.int16).astype(np.int64) % x.shape[1]), x)


@INDEX.defect(
    "float32",
    trigger="C > 65536: the class index starts again at 0",
    behaves="counts classes in 16 bits without a sign, so class 65536 is read as class 0",
    witness=spike(65540, 65539, 20.0),
)
def logsumexp_class_index_in_uint16(x: Array) -> Array:
    return textbook.logsumexp(x[:, np.arange(x.shape[1]).astype(np.uint16)])


@INDEX.defect(
    "float32",
    trigger="C > 32768 and a maximum beyond that",
    behaves="keeps the position of the maximum in 16 bits with a sign and shifts by what stands at the wrong place",
    witness=spike(40000, 35000, 120.0),
)
def softmax_argmax_in_int16(x: Array) -> Array:
    where = x.argmax(-1).astype(np.int16).astype(np.int64) % x.shape[1] if x.shape[1] else x.argmax(-1)
    return textbook.divided(np.exp(x - textbook.picked(x, where)[:, None]))


@INDEX.defect(
    "float32",
    trigger="m * C > 65536",
    behaves="keeps the offset of a row in 16 bits: rows start again at the top of the array",
    witness=normal(70, 1024),
)
def softmax_row_offset_in_uint16(x: Array) -> Array:
    m, C = x.shape
    start = (np.arange(m, dtype=np.int64) * C).astype(np.uint16).astype(np.int64)
    flat = np.ascontiguousarray(x).reshape(-1)
    return textbook.softmax(flat[start[:, None] + np.arange(C)])


FAMILIES = (CAPACITY, INDEX)
