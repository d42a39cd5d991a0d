"""What the operations give on the arrays of a trial call, in float64 by their definitions, and common other readings.

The numbers only choose between ways to call a function that differ by far more than any rounding; they judge nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Readings = Mapping[str, Floats]

RIGHT, ROWS, SUM, UNKNOWN = "right", "rows", "sum", ""
"""What a result can be read as: the operation's; the loss of each row; a sum in place of a mean; none of them."""

READINGS = (RIGHT, ROWS, SUM, UNKNOWN)

_RELATIVE, _ABSOLUTE = 2.0**-3 + 2.0**-6, 2.0**-6
"""What the narrowest format may be off by: the unit roundoff of float8_e5m2 is 2^-3. Other readings of the trial arrays
differ by a factor of 1.5 and more."""


def reading(got: NDArray[np.generic], operation: str, arguments: Sequence[NDArray[np.generic]]) -> str:
    """What a result can be read as, as far as a narrow format could tell.

    Parameters
    ----------
    got
        The (first) result, of any shape and format.
    operation
        The operation's name.
    arguments
        Its arguments in the plain form, so small that nothing overflows.

    Returns
    -------
    str
        One of `READINGS`.

    Examples
    --------
    >>> x, labels = np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 1])
    >>> reading(np.array([[0.5, 0.5], [0.5, 0.5]]), "softmax", [x])
    'right'
    >>> reading(np.array(1.386), "cross_entropy", [x, labels])
    'sum'
    """
    if got.dtype.kind in "OUSmM" or not tells(operation):
        return UNKNOWN
    wide = [np.asarray(a, np.int64 if a.dtype.kind in "iu" else np.float64) for a in arguments]
    values = got.astype(np.float64)
    for name, exact in _OF[operation](*wide).items():
        if values.shape == exact.shape and np.allclose(values, exact, rtol=_RELATIVE, atol=_ABSOLUTE):
            return name
    return UNKNOWN


def tells(operation: str) -> bool:
    """Whether the readings of an operation are known; only then can values choose a form.

    >>> tells("softmax"), tells("an operation of tomorrow")
    (True, False)
    """
    return operation in _OF


def _log_softmax(x: Floats) -> Floats:
    return np.asarray(x - np.log(np.exp(x).sum(axis=-1, keepdims=True)))


def _losses(x: Floats, labels: NDArray[np.int64]) -> Readings:
    rows = -np.take_along_axis(_log_softmax(x), labels[:, None], axis=-1)[:, 0]
    return {RIGHT: np.asarray(rows.mean()), ROWS: rows, SUM: np.asarray(rows.sum())}


def _gradients(x: Floats, labels: NDArray[np.int64]) -> Readings:
    rows = np.exp(_log_softmax(x)) - (np.arange(x.shape[-1]) == labels[:, None])
    return {RIGHT: rows / len(x), SUM: rows}


def _product(x: Floats, upstream: Floats) -> Floats:
    p = np.exp(_log_softmax(x))
    return np.asarray(p * (upstream - (p * upstream).sum(axis=-1, keepdims=True)))


def _of_log(x: Floats, upstream: Floats) -> Floats:
    return np.asarray(upstream - np.exp(_log_softmax(x)) * upstream.sum(axis=-1, keepdims=True))


def _linear_gradient(X: Floats, W: Floats, b: Floats, labels: NDArray[np.int64]) -> Readings:
    return {name: g @ W for name, g in _gradients(X @ W.T + b, labels).items()}


_OF: Mapping[str, Callable[..., Readings]] = {
    "softmax": lambda x: {RIGHT: np.exp(_log_softmax(x))},
    "log_softmax": lambda x: {RIGHT: _log_softmax(x)},
    "logsumexp": lambda x: {RIGHT: np.log(np.exp(x).sum(axis=-1))},
    "cross_entropy": _losses,
    "cross_entropy_grad": _gradients,
    "softmax_vjp": lambda x, upstream: {RIGHT: _product(x, upstream)},
    "log_softmax_vjp": lambda x, upstream: {RIGHT: _of_log(x, upstream)},
    "cross_entropy_hvp": lambda x, labels, upstream: {
        RIGHT: _product(x, upstream) / len(x),
        SUM: _product(x, upstream),
    },
    "linear_cross_entropy": lambda X, W, b, labels: _losses(X @ W.T + b, labels),
    "linear_cross_entropy_grad": _linear_gradient,
}
"""The readings of each operation's first result, by its arguments."""
