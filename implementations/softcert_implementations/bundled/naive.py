"""The textbook formulas as they stand: exp(x) over its sum, and the negative logarithm of that.

Nothing is shifted, so float32 overflows above 88.72 and vanishes below -104 (float64: 709.78, -746). It is here to
be refused: the first thing that a certificate has to see.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.implementation import Implementation, operations_in


def softmax(x: np.ndarray) -> np.ndarray:
    """p_j = e^{x_j} / sum_k e^{x_k}; x and result of shape (m, C)."""
    e = np.exp(x)
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def log_softmax(x: np.ndarray) -> np.ndarray:
    """The logarithm of `softmax`; (m, C)."""
    return np.asarray(np.log(softmax(x)))


def logsumexp(x: np.ndarray) -> np.ndarray:
    """log sum_k e^{x_k}; (m,)."""
    return np.asarray(np.log(np.exp(x).sum(axis=-1)))


def cross_entropy(x: np.ndarray, labels: np.ndarray) -> np.floating:
    """The mean of -log p_y over the rows, a scalar."""
    p = np.take_along_axis(softmax(x), labels[:, None], axis=-1)
    mean: np.floating = (-np.log(p)).mean()
    return mean


def cross_entropy_grad(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(p - t) / m, the gradient of the mean; (m, C)."""
    g = softmax(x)
    g[np.arange(len(labels)), labels] -= 1
    return np.asarray(g / len(labels), dtype=x.dtype)


IMPLEMENTATION = Implementation(
    name="naive",
    ops=operations_in(globals()),
    dtypes=("float32", "float64"),
    arrays="numpy",
    batched=True,
    description="the textbook formulas without a shift by the maximum",
    spec="naive",
)
