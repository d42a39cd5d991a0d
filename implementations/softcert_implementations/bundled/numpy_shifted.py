"""NumPy with the maximum subtracted first: what every numerical text recommends.

Forward error as in Blanchard, Higham and Higham (2021), section 3: no term depends on a common offset. A row without
a finite maximum is left to IEEE arithmetic: NaN where a limit does not exist, the limit for log-sum-exp.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.implementation import Implementation, operations_in


def _shifted(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):  # x - max may pass the largest number: then e^d is 0 anyway
        return np.asarray(x - x.max(axis=-1, keepdims=True))


def softmax(x: np.ndarray) -> np.ndarray:
    """e^{x_j - max} over its sum; x and result of shape (m, C)."""
    e = np.exp(_shifted(x))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def log_softmax(x: np.ndarray) -> np.ndarray:
    """(x_j - max) - log sum_k e^{x_k - max}; (m, C)."""
    d = _shifted(x)
    return np.asarray(d - np.log(np.exp(d).sum(axis=-1, keepdims=True)))


def logsumexp(x: np.ndarray) -> np.ndarray:
    """max + log sum_k e^{x_k - max}; (m,). An infinite maximum is the result itself."""
    m = x.max(axis=-1)
    with np.errstate(over="ignore"):
        d = x - np.where(np.isfinite(m), m, 0).astype(x.dtype)[..., None]
    with np.errstate(over="ignore", divide="ignore"):
        return np.asarray(np.where(np.isinf(m), m, m + np.log(np.exp(d).sum(axis=-1))).astype(x.dtype, copy=False))


def cross_entropy(x: np.ndarray, labels: np.ndarray) -> np.floating:
    """The mean of -log p_y over the rows, from `log_softmax`; a scalar."""
    loss: np.floating = -np.take_along_axis(log_softmax(x), labels[:, None], axis=-1).mean(dtype=x.dtype)
    return loss


def cross_entropy_grad(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(p - t) / m, the gradient of the mean; (m, C)."""
    g = softmax(x)
    g[np.arange(len(labels)), labels] -= 1
    return np.asarray(g / x.dtype.type(max(len(labels), 1)))


IMPLEMENTATION = Implementation(
    name="numpy_shifted",
    ops=operations_in(globals()),
    dtypes=("float32", "float64"),
    arrays="numpy",
    batched=True,
    description="NumPy, the maximum subtracted first",
    spec="numpy_shifted",
)
