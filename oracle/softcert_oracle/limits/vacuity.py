"""Limits that tell nothing: those that a degenerate output would keep, with a margin of two.

A case is worth judging if no degenerate output comes near. Outputs of a row are judged together, element by element,
so the norm that matters is max_j |g_j - v_j| / limit_j: a degenerate output g is out of reach as soon as *one* of its
elements is more than two limits from the truth. Two, because whatever passes is within one limit of the truth, so it
is then nearer to the truth than to g: a pass says that the subject computes v and not g.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from softcert_oracle import operations
from softcert_oracle.limits.limit import Limit
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Float
from softcert_oracle.reference.truth import Rows

Bool = NDArray[np.bool_]
_MARGIN = 2.0  # "at least half the distance"


def vacuous(operation: str, limit: Limit, reference: Enclosure, rows: Rows) -> Bool:
    """Whether a degenerate output that differs from the truth is within two limits of it, by row.

    Parameters
    ----------
    operation
        Name or alias of a core operation.
    limit
        The limit that is asked about.
    reference
        The exact result, of the limit's shape.
    rows
        The exact values of the rows.

    Returns
    -------
    numpy.ndarray
        bool of shape (m,), or () for a reduced loss. Rows whose exact result is not a number, and infinite entries
        (which only the infinity itself matches), are left to the policy for special values.

    Notes
    -----
    Degenerate are: zeros; the uniform distribution (1/C, its logarithm, log C for logsumexp and losses, its gradient);
    for results of shape (m, C) also the constant that fits best and the input. One that is nowhere further from the
    truth than an ulp of the row's largest result is no mistake (log_softmax of [0, -40] *is* its input, but for
    4e-18), so it does not count.
    """
    name = operations.lookup(operation).name
    truth, reach = reference.to_float(), _MARGIN * limit.numbers.to_float()
    result = formats.lookup(str(limit.parameters["result_format"]))
    with np.errstate(invalid="ignore", over="ignore"):
        vacuous_rows = np.zeros(truth.shape[:1], dtype=bool)
        if truth.size == 0 or rows.shape[1] == 0:
            return vacuous_rows
        size = np.where(np.isfinite(truth), np.abs(truth), 0.0)
        size = np.max(size, axis=1, keepdims=True) if truth.ndim == 2 else size
        visible = 2.0 * result.unit_roundoff * size + result.smallest_subnormal
        for degenerate in _degenerate(name, truth, reach, rows, str(limit.parameters.get("reduction", "mean"))):
            distance = np.where(truth == degenerate, 0.0, np.abs(degenerate - truth))
            distance = np.where(np.isfinite(distance), distance, np.inf)
            passes, differs = distance <= reach, distance > visible
            passes &= np.isfinite(distance)
            if truth.ndim == 2:
                passes, differs = np.all(passes, axis=1), np.any(differs, axis=1)
            vacuous_rows = vacuous_rows | (passes & differs)
    return np.asarray(vacuous_rows)


def _degenerate(name: str, truth: Float, reach: Float, rows: Rows, reduction: str) -> Iterator[Float]:
    m, classes = rows.shape
    yield np.zeros_like(truth)
    if truth.ndim < 2:
        factor = m if name == "cross_entropy" and reduction == "sum" else 1
        yield np.full_like(truth, factor * np.log(classes))
        return
    if name == "cross_entropy_grad":  # of the uniform distribution; the true class is the one below 0
        share = m if reduction == "mean" else 1
        yield (1.0 / classes - (truth < 0)) / share
    yield np.full_like(truth, -np.log(classes) if name == "log_softmax" else 1.0 / classes)
    yield _best_constant(truth, reach)
    yield rows.x


def _best_constant(truth: Float, reach: Float) -> Float:
    """The middle of what [v_j - reach_j, v_j + reach_j] have in common: if any constant passes, it does."""
    finite = np.isfinite(truth)
    low = np.max(np.where(finite, truth - reach, -np.inf), axis=1, keepdims=True)
    high = np.min(np.where(finite, truth + reach, np.inf), axis=1, keepdims=True)
    return np.broadcast_to(low + 0.5 * (high - low), truth.shape)
