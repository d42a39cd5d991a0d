"""The faithful loss of each row, and its gradient, without a reduction: what a proof over every row can call.

A mean over a batch is another function than the loss of a row, so that it would be called once for each row. These
are the same kernels: the loss is minus the label's log-probability, the gradient that of the sum of the losses.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.bundled.faithful.codes import GRADIENT, LOG_SOFTMAX
from softcert_implementations.bundled.faithful.implementation import IMPLEMENTATION as _MEAN
from softcert_implementations.bundled.faithful.implementation import label_indices, prepared
from softcert_implementations.implementation import Implementation


def cross_entropy(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """-log p_y of each row of x (m, C), labels (m,): (m,), correctly rounded."""
    evaluation, values, target = prepared(x)
    indices = label_indices(labels, values)
    with np.errstate(all="ignore"):
        logs = evaluation.elements(LOG_SOFTMAX, values, indices, target)
        losses: np.ndarray = np.negative(np.take_along_axis(logs, indices[:, None], axis=-1)[:, 0])
    return losses


def cross_entropy_grad(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """p - t of each row: (m, C), correctly rounded."""
    evaluation, values, target = prepared(x)
    indices = label_indices(labels, values)
    with np.errstate(all="ignore"):
        result: np.ndarray = evaluation.elements(GRADIENT, values, indices, target, count=1)
    return result


IMPLEMENTATION = Implementation(
    name="faithful_per_row",
    ops={"cross_entropy": cross_entropy, "cross_entropy_grad": cross_entropy_grad},
    dtypes=_MEAN.dtypes,
    batched=True,
    contract=_MEAN.contract,
    description="the faithful loss of each row and its gradient, not reduced",
    reduction="none",
)
