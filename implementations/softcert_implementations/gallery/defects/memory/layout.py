"""Defects of layout and memory: strides that are not read, arguments that are overwritten, neighbours that are touched.

A contiguous array hides all of them. `softcert_implementations.gallery.memory` reads beside the view, so that a
model meets what a kernel would.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import memory, textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal, viewed

STRIDES = Family("strides", "Respect every stride, or make the input contiguous first.")
BEYOND = Family("memory beyond the view", "Mask the last vector of each row; touch nothing outside the array.")
OVERWRITTEN = Family("in-place overwrite", "Work on a copy: the caller's arrays are the caller's.")

_REVERSED = viewed(lambda b: b[:, ::-1], 3, 5)
_TRANSPOSED = viewed(lambda b: b.T, 5, 3)
_SLICED = viewed(lambda b: b[:, :4], 3, 9)
_ANY = normal(3, 5)


def _contiguous(x: Array) -> Array:
    """m C elements from the data pointer on, whatever the strides."""
    return memory.read(x, memory.offsets(x.shape, (x.shape[1], 1)))


def _element_strides(x: Array) -> tuple[int, int]:
    return x.strides[0] // x.itemsize, x.strides[1] // x.itemsize


@STRIDES.defect(
    "float32 float64",
    trigger="a transposed, strided, reversed or sliced view",
    behaves="reads m C consecutive elements from the data pointer and ignores the strides",
    witness=_TRANSPOSED,
    reference="flagos-ai/FlagGems#5723",
)
def softmax_strides_ignored(x: Array) -> Array:
    return textbook.softmax(_contiguous(x))


@STRIDES.defect(
    "float32 float64",
    trigger="a column slice big[:, :C] with m > 1",
    behaves="looks at the last stride only and takes the row stride to be C",
    witness=_SLICED,
    reference="NVIDIA/TransformerEngine#2746",
)
def softmax_row_stride_assumed(x: Array) -> Array:
    return textbook.softmax(_contiguous(x) if _element_strides(x)[1] == 1 else x)


@STRIDES.defect(
    "float32",
    trigger="x[:, ::-1]",
    behaves="takes the absolute value of the column stride: a reversed view is read forwards",
    witness=_REVERSED,
)
def softmax_column_stride_absolute(x: Array) -> Array:
    rows, columns = _element_strides(x)
    start = (x.shape[1] - 1) * columns if columns < 0 else 0
    return textbook.softmax(memory.read(x, start + memory.offsets(x.shape, (rows, abs(columns)))))


@STRIDES.defect(
    "float32",
    trigger="out is a strided view",
    behaves="writes consecutively from out's data pointer and ignores its strides",
    witness=lambda fmt: {**normal(3, 4)(fmt), "out": np.zeros((3, 8), fmt)[:, ::2]},
    reference="pytorch/pytorch#75923",
    option="out",
)
def softmax_out_strides_ignored(x: Array, *, out: Array | None = None) -> Array:
    p = textbook.softmax(x)
    if out is None:
        return p
    memory.write(out, memory.offsets(p.shape, (p.shape[1], 1)), p)
    return out


@STRIDES.defect(
    "float32",
    trigger="a Fortran-ordered array, or a transposed view",
    behaves="flattens in the order of memory and gives the result the shape back in C order",
    witness=_TRANSPOSED,
)
def log_softmax_order_of_memory(x: Array) -> Array:
    return textbook.log_softmax(x.ravel(order="K").reshape(x.shape))


@STRIDES.defect(
    "float32",
    trigger="a view that does not begin where its buffer does",
    behaves="reads from the start of the buffer and forgets the offset of the view",
    witness=viewed(lambda b: b[1:], 4, 5),
)
def logsumexp_offset_forgotten(x: Array) -> Array:
    _, first = memory.owner(x)
    return textbook.logsumexp(memory.read(x, memory.offsets(x.shape, _element_strides(x)) - first))


@STRIDES.defect(
    "float32",
    trigger="a view whose first element is not aligned to 16 bytes",
    behaves="rounds its address down to a multiple of 16 bytes for a vector load",
    witness=viewed(lambda b: b.reshape(-1)[1:13].reshape(3, 4), 4, 5),
)
def softmax_address_rounded_down(x: Array) -> Array:
    _, first = memory.owner(x)
    astray = first % (16 // x.itemsize)
    return textbook.softmax(memory.read(x, memory.offsets(x.shape, _element_strides(x)) - astray))


@STRIDES.defect(
    "float32",
    trigger="x[::-1]: rows in reverse",
    behaves="takes the absolute value of the row stride, so that reversed rows come out in the other order",
    witness=viewed(lambda b: b[::-1], 3, 5),
)
def logsumexp_row_stride_absolute(x: Array) -> Array:
    rows, columns = _element_strides(x)
    start = (len(x) - 1) * rows if rows < 0 else 0
    return textbook.logsumexp(memory.read(x, start + memory.offsets(x.shape, (abs(rows), columns))))


@STRIDES.defect(
    "float32",
    trigger="labels that are a strided view, such as every second one of a larger array",
    behaves="reads the labels one after the other and ignores their stride",
    witness=lambda fmt: {**normal(3, 5)(fmt), "labels": np.array([0, 1, 2, 3, 4, 0], np.int64)[::2]},
)
def cross_entropy_label_stride_ignored(x: Array, labels: Array) -> Any:
    read = memory.read(labels, np.arange(len(labels)))
    return textbook.cross_entropy(x, np.clip(read, 0, max(0, x.shape[1] - 1)))


@STRIDES.defect(
    "float32",
    trigger="a transposed, strided, reversed or sliced view",
    behaves="ignores the strides of the logits in the backward pass",
    witness=_TRANSPOSED,
)
def cross_entropy_grad_strides_ignored(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(_contiguous(x), labels)


@STRIDES.defect(
    "float32",
    trigger="an upstream gradient with stride 0 (expanded from one number) or any other view",
    behaves="ignores the strides of the upstream gradient",
    witness=lambda fmt: {**normal(2, 3)(fmt), "upstream": np.ones((3, 2), fmt).cumsum(0, dtype=fmt).T},
)
def softmax_vjp_upstream_strides_ignored(x: Array, upstream: Array) -> Array:
    p, w = textbook.softmax(x), _contiguous(upstream)
    return p * (w - (p * w).sum(-1, keepdims=True))


@BEYOND.defect(
    "float32",
    trigger="C not a multiple of 4: what lies behind the row joins its maximum and sum",
    behaves="loads whole vectors of 4 and lets what lies behind the row join in",
    witness=viewed(lambda b: b[:, :5], 3, 9),
    ordinary=(3, 8),
)
def softmax_reads_beyond_the_row(x: Array) -> Array:
    rows, columns = _element_strides(x)
    loaded = memory.read(x, memory.offsets((len(x), x.shape[1] + -x.shape[1] % 4), (rows, columns)))
    return textbook.softmax(loaded)[:, : x.shape[1]]


@BEYOND.defect(
    "float32",
    trigger="any array with something larger in front of a row",
    behaves="starts its loop one element before the row",
    witness=viewed(lambda b: b[:, 1:], 3, 6),
    ordinary=None,
)
def logsumexp_reads_before_the_row(x: Array) -> Array:
    rows, columns = _element_strides(x)
    return textbook.logsumexp(memory.read(x, memory.offsets((len(x), x.shape[1] + 1), (rows, columns)) - columns))


@BEYOND.defect(
    "float32",
    trigger="a view: the element behind each row is overwritten",
    behaves="writes a zero behind each row of its input, where it expects padding",
    witness=viewed(lambda b: b[:, :5], 3, 9),
    ordinary=(3, 8),
)
def softmax_writes_behind_the_row(x: Array) -> Array:
    p = textbook.softmax(x)
    if _element_strides(x)[0] > x.shape[1]:
        behind = memory.offsets((len(x), 1), (_element_strides(x)[0], 0)) + x.shape[1] * _element_strides(x)[1]
        memory.write(x, behind, np.zeros_like(x[:, :1]))
    return p


@BEYOND.defect(
    "float32",
    trigger="the last row of any array: its neighbour in memory, where there is one",
    behaves="prefetches one class too many and adds it to the sum of the last row",
    witness=viewed(lambda b: b[:2], 3, 5),
    ordinary=(3, 8),
)
def cross_entropy_one_class_too_many(x: Array, labels: Array) -> Any:
    rows, columns = _element_strides(x)
    flat, first = memory.owner(x)
    lse = textbook.logsumexp(x)
    there = first + len(x) * rows if columns == 1 and rows == x.shape[1] else flat.size
    if len(x) and 0 <= there < flat.size:
        lse[-1] = np.logaddexp(lse[-1], flat[there])
    return textbook.mean(lse - textbook.picked(x, labels), x)


@OVERWRITTEN.defect(
    "float32 float64",
    trigger="always; seen by comparing x before and after",
    behaves="works in place: the caller's logits become probabilities",
    witness=_ANY,
    ordinary=None,
    reference="deeplearning4j/nd4j#2241",
)
def softmax_in_place(x: Array) -> Array:
    x -= textbook.row_max(x)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x


@OVERWRITTEN.defect(
    "float32 float64",
    trigger="always; seen by comparing x before and after",
    behaves="writes the gradient into the logits",
    witness=_ANY,
    ordinary=None,
    reference="linkedin/Liger-Kernel#272, unslothai/unsloth#5002",
)
def cross_entropy_grad_in_place(x: Array, labels: Array) -> Array:
    x[...] = textbook.cross_entropy_grad(x, labels)
    return x


@OVERWRITTEN.defect(
    "float32",
    trigger="always; the values are right, but x is shifted afterwards",
    behaves="subtracts the maximum in place and leaves the caller with shifted logits",
    witness=_ANY,
    ordinary=None,
)
def logsumexp_shifts_in_place(x: Array) -> Array:
    m = textbook.row_max(x)
    x -= m
    return np.where(m == np.inf, m, m + np.log(np.exp(x).sum(-1, keepdims=True)))[:, 0]


@OVERWRITTEN.defect(
    "float32",
    trigger="an array that is contiguous (a view is copied first)",
    behaves="takes ravel() for a copy, and shifts the caller's logits where it is a view",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_in_place_if_contiguous(x: Array) -> Array:
    work = x.ravel().reshape(x.shape)
    work -= textbook.row_max(work)
    return work - np.log(np.exp(work).sum(-1, keepdims=True))


@OVERWRITTEN.defect(
    "float32",
    trigger="a logit of -inf",
    behaves="replaces -inf by a large negative number in the caller's array",
    witness=lambda fmt: {"x": np.array([[0.0, 1.0, -np.inf]], fmt)},
)
def softmax_replaces_infinities_in_place(x: Array) -> Array:
    if (x == -np.inf).any():
        x[x == -np.inf] = np.finfo(x.dtype).min
    return textbook.softmax(x)


@OVERWRITTEN.defect(
    "float32",
    trigger="always; seen by comparing the labels before and after",
    behaves="turns the labels into flat positions in place",
    witness=normal(3, 5, labels=[0, 1, 2]),
    ordinary=None,
)
def cross_entropy_labels_changed(x: Array, labels: Array) -> Any:
    table = textbook.log_softmax(x).reshape(-1)
    labels += np.arange(len(x)) * x.shape[1]
    return textbook.mean(-table[labels], x)


@OVERWRITTEN.defect(
    "float32",
    trigger="always; seen by comparing the upstream gradient before and after",
    behaves="multiplies the upstream gradient by the output in place",
    witness=_ANY,
    ordinary=None,
)
def softmax_vjp_upstream_overwritten(x: Array, upstream: Array) -> Array:
    p = textbook.softmax(x)
    upstream *= p
    return upstream - p * upstream.sum(-1, keepdims=True)


FAMILIES = (STRIDES, BEYOND, OVERWRITTEN)
