"""Rows without a finite maximum, or with NaN: the limit of each result, NaN where there is none.

The table is the special-value table of docs/numerics.md: several +inf share their probability in no one way, a row
of -inf has no probabilities at all, and an infinity that stands alone takes everything.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.bundled.faithful.codes import GRADIENT, LOG_SOFTMAX, LOGSUMEXP, SOFTMAX


def results(code: int, x: np.ndarray, labels: np.ndarray, share: float) -> np.ndarray:
    """Results of special rows x (k, C) float64: (k, C), (k, 1) for logsumexp and (k,) for losses.

    ``share`` is 1 / m as the format rounds it, m the rows of the batch: the only gradient beside 0 and NaN.
    """
    infinite = x == np.inf
    alone = infinite.sum(axis=1, keepdims=True) == 1
    none = np.isnan(x).any(axis=1, keepdims=True) | ~infinite.any(axis=1, keepdims=True)
    probability = np.where(none, np.nan, np.where(infinite, np.where(alone, 1.0, np.nan), 0.0))
    if code == SOFTMAX:
        return probability
    if code == LOGSUMEXP:
        largest = x.max(axis=1, keepdims=True)  # NaN if there is one
        return np.asarray(largest)
    log_probability = np.where(probability == 0.0, -np.inf, probability - 1.0)
    if code == LOG_SOFTMAX:
        return log_probability
    rows = np.arange(x.shape[0])
    if code == GRADIENT:
        probability[rows, labels] -= 1.0
        return probability * share
    return np.asarray(0.0 - log_probability[rows, labels])
