"""Complete sets of operations from one part that differs: the sum, the exponential or the log-sum-exp.

The rest is the textbook's. Everything computes in the working precision (float32 for narrower formats) and
returns the input's format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from softcert_implementations.gallery import textbook
from softcert_implementations.gallery.model import Function
from softcert_implementations.gallery.textbook import Array

FULL = ("float32", "float64")
ALL = ("float16", "bfloat16", "float32", "float64")


def silent(ops: Mapping[str, Function]) -> Mapping[str, Function]:
    """The same functions without floating-point warnings, as a compiled kernel gives none."""
    return MappingProxyType({op: np.errstate(all="ignore")(f) for op, f in ops.items()})


def from_sum(add: Callable[[Array], Array], exp: Callable[[Array], Array] = np.exp) -> Mapping[str, Function]:
    """All five operations by shift and division, from a sum and an exponential.

    Parameters
    ----------
    add
        Exponentials (m, C) to their sums (m, 1).
    exp
        Shifted logits (m, C), none above 0, to exponentials (m, C).

    Returns
    -------
    Mapping[str, Function]
        Functions by the names of their operations, without floating-point warnings.
    """

    def parts(x: Array) -> tuple[Array, Array, Array]:
        w = textbook.wide(x)
        m = textbook.row_max(w)
        return w, m, exp(w - m)

    def softmax(x: Array) -> Array:
        _, _, e = parts(x)
        return (e / add(e)).astype(x.dtype)

    def log_softmax(x: Array) -> Array:
        w, m, e = parts(x)
        return ((w - m) - np.log(add(e))).astype(x.dtype)

    def logsumexp(x: Array) -> Array:
        _, m, e = parts(x)
        return np.where(m == np.inf, m, m + np.log(add(e)))[:, 0].astype(x.dtype)

    return from_functions(softmax, log_softmax, logsumexp)


def from_functions(
    softmax: Function, log_softmax: Function, logsumexp: Function | None = None
) -> Mapping[str, Function]:
    """The loss from the log-softmax and its gradient from the softmax, beside the functions given.

    The loss and its gradient call them with logits in the working precision, so that only the last result is rounded.

    Parameters
    ----------
    softmax, log_softmax
        Functions of logits (m, C).
    logsumexp
        A function of logits (m, C); if it is left out, so is the operation.

    Returns
    -------
    Mapping[str, Function]
        Functions by the names of their operations, without floating-point warnings.
    """

    def cross_entropy(x: Array, labels: Array) -> Any:
        return textbook.mean(-textbook.picked(log_softmax(textbook.wide(x)), labels), x)

    def cross_entropy_grad(x: Array, labels: Array) -> Array:
        return textbook.gradient(softmax(textbook.wide(x)), labels, x)

    ops: dict[str, Function] = {
        "softmax": softmax,
        "log_softmax": log_softmax,
        "cross_entropy": cross_entropy,
        "cross_entropy_grad": cross_entropy_grad,
    }
    if logsumexp is not None:
        ops["logsumexp"] = logsumexp
    return silent(ops)
