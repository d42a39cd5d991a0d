"""Everything by way of a shifted log-sum-exp: x - lse, exp(x - lse), lse - x_y.

Log-sum-exp itself is computed safely, but subtracting it from x again brings back a term u |lse|, so with a large
common offset log-probabilities lose their digits (Blanchard, Higham and Higham 2021, section 4: the reason why
"softmax as exp(x - lse)" is not recommended). At level "sound" it is right in float32 and float64; only its
log-sum-exp is "stable".
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.bundled.numpy_shifted import logsumexp
from softcert_implementations.implementation import Implementation, operations_in


def log_softmax(x: np.ndarray) -> np.ndarray:
    """x_j - lse; x and result of shape (m, C)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(x - logsumexp(x)[..., None])


def softmax(x: np.ndarray) -> np.ndarray:
    """e^{x_j - lse}; (m, C)."""
    return np.asarray(np.exp(log_softmax(x)))


def cross_entropy(x: np.ndarray, labels: np.ndarray) -> np.floating:
    """The mean of lse - x_y over the rows, a scalar."""
    picked = np.take_along_axis(x, labels[:, None], axis=-1)[:, 0]
    with np.errstate(over="ignore", invalid="ignore"):
        loss: np.floating = (logsumexp(x) - picked).mean(dtype=x.dtype)
    return loss


def cross_entropy_grad(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(e^{x - lse} - t) / m; (m, C)."""
    g = softmax(x)
    g[np.arange(len(labels)), labels] -= 1
    return np.asarray(g / x.dtype.type(max(len(labels), 1)))


IMPLEMENTATION = Implementation(
    name="logsumexp",
    ops=operations_in(globals()),
    dtypes=("float32", "float64"),
    arrays="numpy",
    batched=True,
    description="NumPy, everything from a shifted log-sum-exp: right, but not safe against a large common offset",
    spec="logsumexp",
)
