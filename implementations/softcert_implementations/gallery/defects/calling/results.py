"""Defects of the result's type and shape, and of valid inputs that are refused.

The numbers may all be right: these defects break the contract.
"""

# ruff: noqa: D103 - what a model does stands in its "behaves", and becomes its docstring

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Family
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import constant, normal, rows, viewed

FORMAT = Family("wrong result format", "Return the format of the input, or declare result_format.")
FORM = Family("wrong result form", "Return one array of the promised shape.")
REFUSED = Family("valid input refused", "Accept every input inside the contract, or narrow the contract.")

_ANY = normal(3, 4, labels=[0, 1, 3])


@FORMAT.defect(
    "float16 bfloat16 float32",
    trigger="any input",
    behaves="returns float64 whatever the input",
    witness=_ANY,
    ordinary=None,
)
def softmax_returns_float64(x: Array) -> Array:
    return textbook.softmax(x.astype(np.float64))


@FORMAT.defect("float64", trigger="any input", behaves="returns float32 for float64", witness=_ANY, ordinary=None)
def logsumexp_returns_float32(x: Array) -> Array:
    return textbook.logsumexp(x).astype(np.float32)


@FORMAT.defect(
    "float16 bfloat16",
    trigger="any input",
    behaves="returns float32 for half precision, undeclared",
    witness=_ANY,
    ordinary=None,
)
def log_softmax_half_returns_float32(x: Array) -> Array:
    return textbook.log_softmax(textbook.wide(x))


@FORMAT.defect(
    "float32",
    trigger="any input",
    behaves="promotes to float64 through the integer division by m",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_returns_float64(x: Array, labels: Array) -> Array:
    return (textbook.softmax(x) - textbook.one_hot(labels, x)) / np.int64(max(len(x), 1))


@FORMAT.defect(
    "float32", trigger="any input", behaves="returns the loss as a whole number", witness=_ANY, ordinary=None
)
def cross_entropy_whole_number(x: Array, labels: Array) -> Any:
    return np.int64(np.nan_to_num(textbook.cross_entropy(x, labels)))


@FORM.defect("float32", trigger="any input", behaves="returns nested lists", witness=_ANY, ordinary=None)
def softmax_returns_lists(x: Array) -> Any:
    return textbook.softmax(x).tolist()


@FORM.defect(
    "float32",
    trigger="any input",
    behaves="returns the loss together with the probabilities, undeclared",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_returns_a_pair(x: Array, labels: Array) -> Any:
    return textbook.cross_entropy(x, labels), textbook.softmax(x)


@FORM.defect(
    "float32",
    trigger="any input",
    behaves="returns the losses of the rows although it claims the mean",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_returns_rows(x: Array, labels: Array) -> Any:
    return textbook.losses(x, labels).astype(x.dtype)


@FORM.defect(
    "float32",
    trigger="any input: the shape is (1,)",
    behaves="returns the loss in an array of one element",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_returns_one_element(x: Array, labels: Array) -> Any:
    return np.atleast_1d(textbook.cross_entropy(x, labels))


@FORM.defect(
    "float32", trigger="m != C: the shape is (C, m)", behaves="returns the classes first", witness=_ANY, ordinary=None
)
def log_softmax_returns_transposed(x: Array) -> Array:
    return textbook.log_softmax(x).T


@FORM.defect(
    "float32",
    trigger="any input: the gradient is flat",
    behaves="returns the gradient flattened",
    witness=_ANY,
    ordinary=None,
)
def cross_entropy_grad_returns_flat(x: Array, labels: Array) -> Array:
    return textbook.cross_entropy_grad(x, labels).reshape(-1)


@FORM.defect(
    "float32",
    trigger="any input: nothing comes back",
    behaves="prints its answer or keeps it, and returns None",
    witness=_ANY,
    ordinary=None,
)
def softmax_returns_nothing(x: Array) -> Any:
    textbook.softmax(x)


@FORM.defect(
    "float32",
    trigger="a row that is a copy of an earlier one",
    behaves="returns equal rows once",
    witness=rows([0, 1], [0, 1]),
)
def logsumexp_returns_equal_rows_once(x: Array) -> Array:
    _, first = np.unique(x, axis=0, return_index=True)
    return textbook.logsumexp(x[np.sort(first)])


@REFUSED.defect(
    "float32",
    trigger="a read-only array",
    behaves="asks for a writeable buffer although it only reads",
    witness=lambda fmt: {"x": _read_only(np.zeros((2, 3), fmt))},
)
def softmax_needs_writeable(x: Array) -> Array:
    if not x.flags.writeable:
        raise ValueError("buffer source array is read-only")
    return textbook.softmax(x)


def _read_only(x: Array) -> Array:
    x.flags.writeable = False
    return x


@REFUSED.defect(
    "float32",
    trigger="any view that is not contiguous",
    behaves="refuses what is not contiguous",
    witness=viewed(lambda b: b[:, ::2], 3, 8),
)
def logsumexp_needs_contiguous(x: Array) -> Array:
    if not x.flags.c_contiguous:
        raise ValueError("input must be C-contiguous")
    return textbook.logsumexp(x)


@REFUSED.defect(
    "float32",
    trigger="a logit of -inf, which masks a class",
    behaves="asserts that all logits are finite",
    witness=rows([0, 1, -np.inf]),
)
def cross_entropy_needs_finite(x: Array, labels: Array) -> Any:
    if not np.isfinite(x).all():
        raise FloatingPointError("logits contain inf or nan")
    return textbook.cross_entropy(x, labels)


@REFUSED.defect(
    "float32",
    trigger="C > 900: the recursion is too deep",
    behaves="adds by recursion over the classes and runs out of stack",
    witness=constant(1, 2000),
)
def softmax_recursion_too_deep(x: Array) -> Array:
    def add(e: Array, j: int) -> Any:
        return e[:, j] if j == e.shape[1] - 1 else e[:, j] + add(e, j + 1)

    e = textbook.shifted_exp(x)
    return e / add(e, 0)[:, None]


@REFUSED.defect(
    "float32",
    trigger="a class count that is not a multiple of 4",
    behaves="refuses a class count that is not a multiple of its vector, and claims any",
    witness=normal(2, 7),
)
def cross_entropy_grad_needs_multiple_of_four(x: Array, labels: Array) -> Array:
    if x.shape[1] % 4:
        raise ValueError("number of classes must be divisible by 4")
    return textbook.cross_entropy_grad(x, labels)


@REFUSED.defect(
    "float32",
    trigger="one class, or a row whose maximum is also its minimum",
    behaves="divides by the range of the row before the shift, 0/0 for equal logits",
    witness=constant(2, 3, 1.0),
    ordinary=None,
)
def softmax_scaled_by_range(x: Array) -> Array:
    low, high = x.min(-1, keepdims=True), x.max(-1, keepdims=True)
    return textbook.divided(np.exp((x - high) / (high - low) * (high - low)))


@REFUSED.defect(
    "float32",
    trigger="a batch of no rows",
    behaves="fails for a batch of no rows",
    witness=lambda fmt: {"x": np.zeros((0, 4), fmt)},
    debated=True,
)
def log_softmax_needs_a_row(x: Array) -> Array:
    return textbook.log_softmax(np.stack(list(x)))


@REFUSED.defect(
    "float32",
    trigger="some thousand classes, where rounding alone moves the sum by more than 1e-6",
    behaves="asserts that the probabilities add up to 1 within 1e-6",
    witness=constant(1, 3000),
)
def softmax_asserts_its_sum(x: Array) -> Array:
    p = textbook.softmax(x)
    total = np.add.accumulate(p, axis=-1)[:, -1:]
    if (np.abs(total - 1) > 1e-6).any():
        raise AssertionError("probabilities do not sum to one")
    return p


FAMILIES = (FORMAT, FORM, REFUSED)
