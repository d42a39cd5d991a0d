"""Level "sound": right for logits that are each moved by a few ulps of log-sum-exp, without shift invariance.

lse - x_y and exp(x - lse) round a number as large as |y|, at most three times with what base 2 rounds more: delta =
3u |y|. Moving every logit by delta changes p by at most p expm1(2 delta), a log-probability or a loss by 2 delta,
log-sum-exp by delta (docs/numerics.md); the stable limit comes on top, and has the error of the sum. A chain of
logaddexp rounds at each of its levels: a contract that names it has delta = (h + 3) u max(max|x|, |y|).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import stable, sums
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Float, Scaled

ROUNDINGS = 3
"""How often a number of the size of log-sum-exp is rounded, by any algorithm that is no chain of logaddexp."""


def displacement(t: RowQuantities) -> Float:
    """delta (m, 1), 0 for rows of a special class."""
    value = np.where(t.rows.ordinary, np.abs(t.rows.logsumexp.to_float()), 0.0)[:, None]
    if t.parameters.algorithm != "logaddexp":
        return np.asarray(ROUNDINGS * t.arithmetic.rounding * value)
    finite = np.count_nonzero(~t.absent, axis=1)[:, None]  # -inf changes nothing
    levels = np.minimum(np.maximum(finite - 1, 0), sums.depth(t.n, t.parameters.summation)) + ROUNDINGS
    with np.errstate(over="ignore"):
        return np.asarray(levels * t.arithmetic.rounding * np.maximum(t.largest_logit, value))


def softmax(t: RowQuantities, *, saved: bool = False) -> Scaled:
    """p_j expm1(2 delta) + stable."""
    return t.relative(np.broadcast_to(2.0 * displacement(t), (t.m, t.n))) + stable.softmax(t, saved=saved)


def log_softmax(t: RowQuantities) -> Scaled:
    """2 delta + stable."""
    return stable.log_softmax(t) + Scaled.of(np.where(t.absent, 0.0, 2.0 * displacement(t)))


def logsumexp(t: RowQuantities) -> Scaled:
    """Delta + stable."""
    return stable.logsumexp(t) + Scaled.of(displacement(t)[:, 0])


def loss(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """2 delta + stable."""
    gone = t.absent[np.arange(t.m), labels]
    return stable.loss(t, labels) + Scaled.of(np.where(gone, 0.0, 2.0 * displacement(t)[:, 0]))


def gradient(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """That of p at this level, and the rounding of p - t."""
    return stable.of_any_form(t, stable.difference(t, softmax(t, saved=True), labels), labels)
