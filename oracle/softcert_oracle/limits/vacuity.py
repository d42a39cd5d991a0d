"""Limits that tell nothing: those that a degenerate output would keep, with a margin of two.

A case is worth judging if no degenerate output comes near. Outputs of a row are judged together, element by element,
so the norm that matters is max_j |g_j - v_j| / limit_j: a degenerate output g is out of reach as soon as *one* of its
elements is more than two limits from the truth. Two, because whatever passes is within one limit of the truth, so it
is then nearer to the truth than to g: a pass says that the subject computes v and not g.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle import operations
from softcert_oracle.limits.limit import Limit
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Float
from softcert_oracle.reference.truth import Rows

Bool = NDArray[np.bool_]
UNIFORM = "the uniform distribution"
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
        outputs = _degenerate(name, truth, reach, rows, str(limit.parameters.get("reduction", "mean")))
        for degenerate in outputs.values():
            distance = np.where(truth == degenerate, 0.0, np.abs(degenerate - truth))
            distance = np.where(np.isfinite(distance), distance, np.inf)
            passes, differs = distance <= reach, distance > visible
            passes &= np.isfinite(distance)
            if truth.ndim == 2:
                passes, differs = np.all(passes, axis=1), np.any(differs, axis=1)
            vacuous_rows = vacuous_rows | (passes & differs)
    return np.asarray(vacuous_rows)


def refuted(operation: str, limit: Limit, reference: Enclosure, rows: Rows) -> dict[str, bool]:
    """Which degenerate outputs these rows tell from the truth.

    A domain in which a degenerate output is right, or within its limit, everywhere proves nothing: whatever passes may
    be that output. So each must be refuted by some row of the domain.

    Parameters
    ----------
    operation, limit, reference, rows
        As for `vacuous`.

    Returns
    -------
    dict of str to bool
        By name of the degenerate output, those of `vacuous` and for logsumexp the largest logit: whether one of its
        numbers is more than two limits from the exact value, on some row whose logits and exact results are finite.

    Examples
    --------
    >>> import numpy as np
    >>> from softcert_oracle.limit_parameters import LimitParameters
    >>> from softcert_oracle.limits.limit import limit
    >>> from softcert_oracle.reference import truth
    >>> rows = truth.rows(np.array([[3.0], [-1.0]]))  # one class: a softmax of ones is right
    >>> bound = limit("softmax", "stable", rows, None, LimitParameters(format="float32"))
    >>> refuted("softmax", bound, truth.reference("softmax", rows), rows)
    {'zeros': True, 'the uniform distribution': False, 'a constant': False, 'the input': True}
    """
    name = operations.lookup(operation).name
    exact, reach = reference.to_float(), _MARGIN * limit.numbers.to_float()
    ordinary = np.all(np.isfinite(rows.x), axis=1)
    if exact.size == 0 or rows.shape[1] == 0:
        return {}
    by_row = ordinary.all() if exact.ndim == 0 else ordinary.reshape(-1, *[1] * (exact.ndim - 1))
    considered = np.isfinite(exact) & by_row
    with np.errstate(invalid="ignore", over="ignore"):
        outputs = _degenerate(name, exact, reach, rows, str(limit.parameters.get("reduction", "mean")))
        if name == "logsumexp":
            outputs["the largest logit"] = np.max(rows.x, axis=1)
        return {k: bool(np.any(considered & ~(np.abs(output - exact) <= reach))) for k, output in outputs.items()}


def _degenerate(name: str, truth: Float, reach: Float, rows: Rows, reduction: str) -> dict[str, Float]:
    """The degenerate outputs by name, each of the result's shape."""
    m, classes = rows.shape
    outputs = {"zeros": np.zeros_like(truth)}
    if truth.ndim < 2:
        factor = m if name == "cross_entropy" and reduction == "sum" else 1
        return {**outputs, UNIFORM: np.full_like(truth, factor * np.log(classes))}
    if name == "cross_entropy_grad":  # of the uniform distribution; the true class is the one below 0
        share = m if reduction == "mean" else 1
        true_class = (truth < 0) | (classes == 1)
        outputs["the gradient of the uniform distribution"] = (1.0 / classes - true_class) / share
    outputs[UNIFORM] = np.full_like(truth, -np.log(classes) if name == "log_softmax" else 1.0 / classes)
    return {**outputs, "a constant": _best_constant(truth, reach), "the input": rows.x}


def _best_constant(truth: Float, reach: Float) -> Float:
    """The middle of what [v_j - reach_j, v_j + reach_j] have in common: if any constant passes, it does."""
    finite = np.isfinite(truth)
    low = np.max(np.where(finite, truth - reach, -np.inf), axis=1, keepdims=True)
    high = np.min(np.where(finite, truth + reach, np.inf), axis=1, keepdims=True)
    return np.broadcast_to(low + 0.5 * (high - low), truth.shape)
