"""Whether a limit could tell a degenerate result from the truth; see `softcert_oracle.limits.vacuity`.

Degenerate are zeros, the constant that fits a row best and, where there is one number a logit, the input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import Limit
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.options.canonical_call import CanonicalCall

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

_MARGIN = 2.0  # "at least half the distance"


def vacuous(call: CanonicalCall, limit: Limit, reference: Enclosure) -> Bool:
    """Where a degenerate output of a call with options comes within two limits of the truth.

    Parameters
    ----------
    call
        The call in canonical form.
    limit, reference
        Its limit and its exact result, of the result's shape.

    Returns
    -------
    numpy.ndarray
        bool of the result's shape: True on every number of a row (of the one result) that a degenerate output comes
        near. What is within an ulp of the truth everywhere is no mistake, so it does not count.
    """
    truth, reach = reference.to_float(), _MARGIN * limit.numbers.to_float()
    fmt = formats.lookup(str(limit.parameters["result_format"]))
    if truth.size == 0:
        return np.zeros(truth.shape, bool)
    rows_truth, rows_reach = _as_rows(call, truth), _as_rows(call, reach)
    finite = np.isfinite(rows_truth)
    size = np.max(np.where(finite, np.abs(rows_truth), 0.0), axis=1, keepdims=True)
    visible = 2.0 * fmt.unit_roundoff * size + fmt.smallest_subnormal
    vacuous_rows = np.zeros((len(rows_truth), 1), bool)
    with np.errstate(invalid="ignore", over="ignore"):
        for output in _degenerate(call, rows_truth, rows_reach, finite).values():
            distance = np.abs(output - rows_truth)
            near = np.where(finite, distance <= rows_reach, output == rows_truth)
            differs = np.where(finite, distance > visible, False)
            vacuous_rows |= np.all(near, axis=1, keepdims=True) & np.any(differs, axis=1, keepdims=True)
    rows = np.broadcast_to(vacuous_rows, rows_truth.shape)
    if call.by_class and call.linear is None:
        return np.asarray(rows.reshape(-1)[call.positions])
    return np.asarray(rows.reshape(truth.shape))


def refuted(call: CanonicalCall, limit: Limit, reference: Enclosure) -> dict[str, bool]:
    """Which degenerate outputs a call with options tells from the truth, by name; see `limits.vacuity.refuted`."""
    truth, reach = reference.to_float(), _MARGIN * limit.numbers.to_float()
    if truth.size == 0:
        return {}
    rows_truth, rows_reach = _as_rows(call, truth), _as_rows(call, reach)
    finite = np.isfinite(rows_truth)
    with np.errstate(invalid="ignore", over="ignore"):
        outputs = _degenerate(call, rows_truth, rows_reach, finite)
        return {k: bool(np.any(finite & ~(np.abs(v - rows_truth) <= rows_reach))) for k, v in outputs.items()}


def _degenerate(call: CanonicalCall, truth: Float, reach: Float, finite: Bool) -> dict[str, Float]:
    """The degenerate outputs of a call by name, in canonical rows."""
    outputs = {"zeros": np.zeros_like(truth)}
    if truth.shape[1] > 1:
        outputs["a constant"] = _best_constant(truth, reach, finite)
    if call.by_class and call.x is not None:
        outputs["the input"] = call.x
    return outputs


def _as_rows(call: CanonicalCall, values: Float) -> Float:
    """Results in canonical rows: (m, C) by class, (C, K) and the like as they are, else one number a row."""
    if call.by_class and call.linear is None:
        back = np.moveaxis(values, call.axis, -1)
        return np.ascontiguousarray(back.reshape(call.m, call.classes))
    return values if values.ndim == 2 and call.linear is not None else values.reshape(-1, 1)


def _best_constant(truth: Float, reach: Float, finite: Bool) -> Float:
    low = np.max(np.where(finite, truth - reach, -np.inf), axis=1, keepdims=True)
    high = np.min(np.where(finite, truth + reach, np.inf), axis=1, keepdims=True)
    return np.broadcast_to(low + 0.5 * (high - low), truth.shape)
