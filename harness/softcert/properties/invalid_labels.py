"""The property `invalid_labels`: a label that names no class is refused, or gives NaN, as the contract promises.

Nothing else is asked of such a call, and it has no exact result.
"""

from __future__ import annotations

import numpy as np

from softcert.cases.call import Call
from softcert.cases.invalid_labels import rows_with_invalid_labels
from softcert.executors.protocol import FaultKind, Reply, to_numpy
from softcert.properties.check import Check, passed, refused
from softcert_implementations.contract import ResolvedContract

PROPERTY = "invalid_labels"

_REFUSALS = (FaultKind.EXCEPTION, FaultKind.DECLINED, FaultKind.UNAVAILABLE)
"""Ways to refuse a label: a program has no other one than the answer that it cannot run the call."""


def check_invalid_labels(call: Call, terms: ResolvedContract, reply: Reply) -> Check | None:
    """The check of a call with a label that names no class; None for an ordinary call."""
    if call.case.label_values is None or call.inputs.exact.size == 0:
        return None  # a label rule names classes that there are
    rows = rows_with_invalid_labels(call.operation, call.inputs)
    if not rows.any():
        return None
    fault = reply.fault
    if terms.invalid_labels == "refuse":
        holds = fault is not None and fault.kind in _REFUSALS
        promise, otherwise = "an error", "a result"
    else:
        holds = _is_nan(reply, rows)
        promise, otherwise = "NaN", "numbers"
    if holds:
        return passed(PROPERTY)
    outcome = otherwise if fault is None else fault.message
    label = int(call.inputs.labels[int(np.argmax(rows))])
    message = f"label {label} of {call.inputs.exact.shape[1]} classes gives {outcome}; the contract: {promise}"
    return refused(PROPERTY, cause=outcome[:40], message=message)


def _is_nan(reply: Reply, rows: np.ndarray) -> bool:
    """Whether the result is NaN where a label is out of range: in its rows, or altogether for one number."""
    if reply.results is None:
        return False
    values = np.asarray(to_numpy(reply.results[0])).astype(np.float64)
    return bool(np.all(np.isnan(values[rows] if values.shape[:1] == rows.shape else values)))
