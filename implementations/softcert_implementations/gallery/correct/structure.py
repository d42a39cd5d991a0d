"""Correct implementations that differ in structure: loops, padding, permutations, layouts, ways to the gradient.

A result may lie in memory in any way, and rows may be visited in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.operations_from_parts import ALL, FULL, from_functions, silent
from softcert_implementations.gallery.model import Correct, Function
from softcert_implementations.gallery.textbook import Array


def _around(before: Any, after: Any) -> Mapping[str, Function]:
    """The textbook's three functions of the logits with ``before(x)`` in front and ``after(result, x)`` behind."""

    def wrapped(function: Function) -> Function:
        return lambda x: after(function(before(x)), x)

    return from_functions(wrapped(textbook.softmax), wrapped(textbook.log_softmax), textbook.logsumexp)


def _fortran(result: Array, x: Array) -> Array:
    return np.asfortranarray(result)


def _view_of_wider(result: Array, x: Array) -> Array:
    wide = np.full((len(x), x.shape[1] + 3), np.nan, x.dtype)
    wide[:, 1 : x.shape[1] + 1] = result
    return wide[:, 1 : x.shape[1] + 1]


def _reversed_view(result: Array, x: Array) -> Array:
    return np.ascontiguousarray(result[:, ::-1])[:, ::-1]


def _read_only(result: Array, x: Array) -> Array:
    result.flags.writeable = False
    return result


def _padded(x: Array) -> Array:
    return np.pad(x, ((0, 0), (0, -x.shape[1] % 8)), constant_values=-np.inf)


def _unpadded(result: Array, x: Array) -> Array:
    return result[:, : x.shape[1]]


def _by_row(function: Function) -> Function:
    def run(x: Array) -> Array:
        out = np.empty_like(x)
        for i in range(len(x)):
            out[i] = function(x[i : i + 1])[0]
        return out

    return run


def _sorted_first(function: Function) -> Function:
    def run(x: Array) -> Array:
        order = np.argsort(x, axis=-1, kind="stable")
        out = np.empty_like(x)
        np.put_along_axis(out, order, function(np.take_along_axis(x, order, -1)), -1)
        return out

    return run


def _transposed(function: Function) -> Function:
    """Classes outermost: the whole computation on the transposed array."""

    def run(x: Array) -> Array:
        columns = np.asfortranarray(textbook.wide(x)).T
        m = columns.max(0)
        e = np.exp(columns - np.where(m == -np.inf, 0, m))
        s = np.zeros(columns.shape[1], columns.dtype)
        for each in e:
            s += each
        d = columns - np.where(m == -np.inf, 0, m)
        return (e / s if function is textbook.softmax else d - np.log(s)).T.astype(x.dtype)

    return run


def _masked(x: Array) -> Array:
    """numpy.ma leaves -inf out of maximum and sum; masked entries are given 0 at the end.

    numpy.ma masks NaN too, so rows without a finite maximum are answered by themselves.
    """
    w = textbook.wide(x)
    finite = np.ma.masked_where(w == -np.inf, w)
    e = np.ma.exp(finite - finite.max(-1, keepdims=True))
    p = (e / e.sum(-1, keepdims=True)).filled(0)
    return np.where(np.isfinite(w.max(-1, keepdims=True)), p, np.nan).astype(x.dtype)


def _gradient_by_jacobian(x: Array, labels: Array) -> Array:
    """-J^T t / p written out without the division: sum over classes of t_k (p_j - delta_jk)."""
    p = textbook.softmax(textbook.wide(x))
    t = textbook.one_hot(labels, p)
    each = (p[:, None, :] - np.eye(p.shape[1], dtype=p.dtype)) * t[:, :, None]
    return (each.sum(1) / p.dtype.type(max(len(p), 1))).astype(x.dtype)


def _gradient_along_axis(x: Array, labels: Array) -> Array:
    p = textbook.softmax(textbook.wide(x))
    at = labels[:, None]
    np.put_along_axis(p, at, np.take_along_axis(p, at, -1) - 1, -1)
    return (p / p.dtype.type(max(len(p), 1))).astype(x.dtype)


def _gradient_of_log_softmax(x: Array, labels: Array) -> Array:
    """Backward of log-softmax: v - p * sum(v) with v = -onehot / m."""
    p = textbook.softmax(textbook.wide(x))
    v = -textbook.one_hot(labels, p) / p.dtype.type(max(len(p), 1))
    return (v - p * v.sum(-1, keepdims=True)).astype(x.dtype)


def _loss_along_axis(x: Array, labels: Array) -> Any:
    chosen = np.take_along_axis(textbook.log_softmax(textbook.wide(x)), labels[:, None], -1)
    return textbook.mean(-chosen[:, 0], x)


def _loss_by_selection(x: Array, labels: Array) -> Any:
    """where(one-hot, log-softmax, 0): a selection, so that -inf elsewhere does no harm."""
    table = textbook.log_softmax(textbook.wide(x))
    return textbook.mean(-np.where(textbook.one_hot(labels, table) == 1, table, 0).sum(-1), x)


def _loss_shifted_to_label(x: Array, labels: Array) -> Any:
    """log sum exp(x - x_y) by a stable log-sum-exp of the differences; a label on -inf has an infinite loss."""
    w = textbook.wide(x)
    own = textbook.picked(w, labels)
    hopeless = (own == -np.inf) & np.isfinite(w.max(-1))
    return textbook.mean(np.where(hopeless, np.inf, textbook.logsumexp(w - own[:, None])).astype(w.dtype), x)


def _python_float(x: Array, labels: Array) -> Any:
    return float(textbook.cross_entropy(x, labels))


def _as_is(x: Array) -> Array:
    return x


def _same(result: Array, x: Array) -> Array:
    return result


def _softmax_shifted_up(x: Array) -> Array:
    """Shifts by the maximum rounded up to a whole number: within 1 of it, so exp stays in [1/e, 1]."""
    w = textbook.wide(x)
    return textbook.divided(np.exp(w - np.ceil(textbook.row_max(w)))).astype(x.dtype)


CORRECT = (
    Correct(name="textbook", ops=_around(_as_is, _same), formats=ALL, note="shift, exp, sum, divide"),
    Correct(
        name="result_in_fortran_order", ops=_around(_as_is, _fortran), formats=FULL, note="the result in Fortran order"
    ),
    Correct(
        name="result_view_of_wider", ops=_around(_as_is, _view_of_wider), formats=FULL, note="a view of a wider array"
    ),
    Correct(
        name="result_reversed_view",
        ops=_around(_as_is, _reversed_view),
        formats=FULL,
        note="a view with a negative stride",
    ),
    Correct(name="result_read_only", ops=_around(_as_is, _read_only), formats=FULL, note="a read-only result"),
    Correct(
        name="padded_with_minus_inf",
        ops=_around(_padded, _unpadded),
        formats=ALL,
        note="padded to a multiple of 8 with -inf",
    ),
    Correct(
        name="row_by_row",
        ops=from_functions(_by_row(textbook.softmax), _by_row(textbook.log_softmax)),
        formats=FULL,
        note="one row at a time, in Python",
    ),
    Correct(
        name="sorted_then_restored",
        ops=from_functions(_sorted_first(textbook.softmax), _sorted_first(textbook.log_softmax)),
        formats=FULL,
        note="each row sorted first, and put back in order",
    ),
    Correct(
        name="classes_outermost",
        ops=from_functions(_transposed(textbook.softmax), _transposed(textbook.log_softmax)),
        formats=FULL,
        note="the transposed array, one running sum for each row",
        contract={"max_classes": 4096},
    ),
    Correct(name="masked_arrays", ops=silent({"softmax": _masked}), formats=FULL, note="numpy.ma for -inf"),
    Correct(
        name="gradient_by_jacobian",
        ops=silent({"cross_entropy_grad": _gradient_by_jacobian}),
        formats=FULL,
        note="a row of the Jacobian selected by the one-hot",
        contract={"max_classes": 128, "max_rows": 64},
    ),
    Correct(
        name="gradient_along_axis",
        ops=silent({"cross_entropy": _loss_along_axis, "cross_entropy_grad": _gradient_along_axis}),
        formats=ALL,
        note="take_along_axis and put_along_axis",
    ),
    Correct(
        name="gradient_of_log_softmax",
        ops=silent({"cross_entropy_grad": _gradient_of_log_softmax}),
        formats=FULL,
        note="the backward pass of log-softmax, fed with the loss's own gradient",
    ),
    Correct(
        name="loss_by_selection",
        ops=silent({"cross_entropy": _loss_by_selection}),
        formats=ALL,
        note="a selection by where",
    ),
    Correct(
        name="loss_shifted_to_label",
        ops=silent({"cross_entropy": _loss_shifted_to_label}),
        formats=FULL,
        note="log-sum-exp of the differences to the label's logit",
    ),
    Correct(
        name="loss_python_float",
        ops=silent({"cross_entropy": _python_float}),
        formats=("float64",),
        note="a Python float",
    ),
    Correct(
        name="shift_rounded_up",
        ops=silent({"softmax": _softmax_shifted_up}),
        formats=FULL,
        note="shifted by the maximum rounded up to a whole number",
    ),
)
