"""Correct implementations that differ in structure: loops, padding, permutations, layouts, ways to the gradient.

What is returned may lie in memory in any way, and rows may be visited in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.correct.building import ALL, FULL, from_functions, silent
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
    kept = np.ma.masked_where(w == -np.inf, w)
    e = np.ma.exp(kept - kept.max(-1, keepdims=True))
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
    Correct("textbook", _around(_as_is, _same), ALL, "stable", "shift, exp, sum, divide"),
    Correct("result_in_fortran_order", _around(_as_is, _fortran), FULL, "stable", "the result in Fortran order"),
    Correct("result_view_of_wider", _around(_as_is, _view_of_wider), FULL, "stable", "a view of a wider array"),
    Correct("result_reversed_view", _around(_as_is, _reversed_view), FULL, "stable", "a view with a negative stride"),
    Correct("result_read_only", _around(_as_is, _read_only), FULL, "stable", "a read-only result"),
    Correct("padded_with_minus_inf", _around(_padded, _unpadded), ALL, "stable", "padded to a multiple of 8 with -inf"),
    Correct(
        "row_by_row",
        from_functions(_by_row(textbook.softmax), _by_row(textbook.log_softmax)),
        FULL,
        "stable",
        "one row at a time, in Python",
    ),
    Correct(
        "sorted_then_restored",
        from_functions(_sorted_first(textbook.softmax), _sorted_first(textbook.log_softmax)),
        FULL,
        "stable",
        "each row sorted first, and put back in order",
    ),
    Correct(
        "classes_outermost",
        from_functions(_transposed(textbook.softmax), _transposed(textbook.log_softmax)),
        FULL,
        "stable",
        "the transposed array, one running sum for each row",
        contract={"max_classes": 4096},
    ),
    Correct("masked_arrays", silent({"softmax": _masked}), FULL, "stable", "numpy.ma for -inf"),
    Correct(
        "gradient_by_jacobian",
        silent({"cross_entropy_grad": _gradient_by_jacobian}),
        FULL,
        "stable",
        "a row of the Jacobian selected by the one-hot",
        contract={"max_classes": 128, "max_rows": 64},
    ),
    Correct(
        "gradient_along_axis",
        silent({"cross_entropy": _loss_along_axis, "cross_entropy_grad": _gradient_along_axis}),
        ALL,
        "stable",
        "take_along_axis and put_along_axis",
    ),
    Correct(
        "gradient_of_log_softmax",
        silent({"cross_entropy_grad": _gradient_of_log_softmax}),
        FULL,
        "stable",
        "the backward pass of log-softmax, fed with the loss's own gradient",
    ),
    Correct("loss_by_selection", silent({"cross_entropy": _loss_by_selection}), ALL, "stable", "a selection by where"),
    Correct(
        "loss_shifted_to_label",
        silent({"cross_entropy": _loss_shifted_to_label}),
        FULL,
        "stable",
        "log-sum-exp of the differences to the label's logit",
    ),
    Correct("loss_python_float", silent({"cross_entropy": _python_float}), ("float64",), "stable", "a Python float"),
    Correct(
        "shift_rounded_up",
        silent({"softmax": _softmax_shifted_up}),
        FULL,
        "stable",
        "shifted by the maximum rounded up to a whole number",
    ),
)
