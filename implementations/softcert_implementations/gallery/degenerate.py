"""Implementations that compute nothing: a check that passes one of them checks nothing either.

Each is made for each of the five operations. A certification must refuse it at every effort and in every format.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Defect, Family, Function
from softcert_implementations.gallery.textbook import Array
from softcert_implementations.gallery.witness import normal
from softcert_oracle import operations

DEGENERATE_FAMILY = Family("degenerate", "Compute the function.")
_WITNESS = normal(3, 5, labels=[1, 2, 0])


def _shape(op: str, x: Array) -> tuple[int, ...]:
    dimensions = {"(m, C)": 2, "(m,)": 1, "()": 0}[operations.OPERATIONS[op].result]
    return tuple(x.shape[:dimensions])


def _filled(op: str, x: Array, value: float) -> Array:
    return np.full(_shape(op, x), value, x.dtype)


def _zeros(op: str, x: Array) -> Array:
    return _filled(op, x, 0.0)


def _nan(op: str, x: Array) -> Array:
    return _filled(op, x, math.nan)


def _log_classes(op: str, x: Array) -> Array:
    return _filled(op, x, math.log(max(1, x.shape[1])))


def _uniform(op: str, x: Array) -> Array:
    C = max(1, x.shape[1])
    value = {"softmax": 1 / C, "log_softmax": -math.log(C), "cross_entropy_grad": 0.0}.get(op, math.log(C))
    return _filled(op, x, value)


def _input(op: str, x: Array) -> Array:
    shape = _shape(op, x)
    return x.copy() if shape == x.shape else x[:, 0].copy() if len(shape) == 1 else x[:1, 0].reshape(()).copy()


def _stale(op: str, x: Array) -> Array:
    return np.empty(_shape(op, x), x.dtype)


def _one_hot(op: str, x: Array) -> Array:
    p = textbook.one_hot(x.argmax(-1), x)
    if op == "softmax":
        return p
    if op == "log_softmax":
        return np.log(p)
    if op == "cross_entropy_grad":
        return (p - p).astype(x.dtype)
    return x.max(-1) if op == "logsumexp" else _filled(op, x, 0.0)


def _previous(op: str) -> Function:
    """The right function, one call late: it answers with the answer of the call before if the shapes agree."""
    right = getattr(textbook, op)
    last: list[Array] = []

    def answer(x: Array, *labels: Array) -> Any:
        now = np.asarray(right(x, *labels))
        before = last.pop() if last else np.zeros_like(now)
        last.append(now)
        return before if before.shape == now.shape and before.dtype == now.dtype else np.zeros_like(now)

    return np.errstate(all="ignore")(answer)


_TRIVIAL = {
    "zeros": (_zeros, "returns zeros"),
    "uniform": (_uniform, "answers as if every class were equally likely"),
    "log_C": (_log_classes, "returns log C"),
    "nan": (_nan, "returns NaN"),
    "input": (_input, "returns its input"),
    "stale_memory": (_stale, "returns memory that was never written"),
    "one_hot": (_one_hot, "answers as if the largest logit had all the mass"),
}


def _trivial(op: str, name: str) -> Function:
    fill = _TRIVIAL[name][0]

    def answer(x: Array, *labels: Array) -> Array:
        return fill(op, x)

    return np.errstate(all="ignore")(answer)


_register = partial(DEGENERATE_FAMILY.everywhere, witness=_WITNESS)

for _op in operations.CORE:
    for _name, (_, _behaves) in _TRIVIAL.items():
        _register(_trivial(_op, _name), op=_op, name=_name, behaves=_behaves)
    _register(
        lambda op=_op: _previous(op),
        op=_op,
        name="previous_answer",
        behaves="answers with the answer of the call before",
        factory=True,
    )

DEGENERATE: tuple[Defect, ...] = tuple(DEGENERATE_FAMILY.members)
"""Every degenerate implementation, operation by operation."""
