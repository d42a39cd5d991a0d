"""Labels that name no class: a contract may promise that they are refused, or that the result is NaN.

Nothing else is asked of such a call, and it has no truth. Without a promise ("untested") no such case is run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert.executors.protocol import Reply, to_numpy
from softcert.properties.check import Check
from softcert_implementations.contract import Terms
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

PROPERTY = "invalid_labels"

# Just beyond the last class, below the first, where a negative index would wrap, and far away; in each row of a pair,
# because reading beyond one row ends in the next, and beyond the last row outside the array.
_LABELS = ((0, 3), (3, 0), (0, -1), (-1, 0), (1, -3), (1, 1000), (-1000, 2), (2**31, 0))


def cases(operation: str, fmt: Format, terms: Terms) -> Iterator[Case]:
    """Cases with a label out of range, where the contract promises something for them."""
    if terms.invalid_labels == "untested" or not operations.lookup(operation).takes_labels:
        return
    for labels in _LABELS:
        yield Case("ordinary", 2, 3, fmt.name, label_values=labels)
    yield Case("ordinary", 1, 5, fmt.name, label_values=(5,))


def present(operation: str, inputs: Inputs) -> np.ndarray:
    """Which rows (m,) have a label that names no class; none where the case says which label is ignored."""
    labels = inputs.labels.astype(np.int64)
    if not operations.lookup(operation).takes_labels or inputs.case.options:
        return np.zeros(labels.shape, bool)
    return np.asarray((labels < 0) | (labels >= inputs.exact.shape[1]))


def judged(operation: str, inputs: Inputs, terms: Terms, reply: Reply) -> Check | None:
    """The check of such a call; None for an ordinary one."""
    bad = present(operation, inputs)
    if inputs.exact.size == 0 or not bad.any():
        return None
    fault = reply.fault
    refused = fault is not None and fault.kind == "exception"
    if terms.invalid_labels == "refuse":
        kept, got = refused, fault.message if fault is not None else "a result"
    else:
        kept, got = _nan(reply, bad), fault.message if fault is not None else "numbers"
    if kept:
        return Check(PROPERTY, "sound", 1)
    promise = "an error" if terms.invalid_labels == "refuse" else "NaN"
    row = int(np.argmax(bad))
    message = f"label {int(inputs.labels[row])} of {inputs.exact.shape[1]} classes gives {got}; the contract: {promise}"
    return Check(PROPERTY, "sound", 1, 1, ratio=float("inf"), cause=got[:40], message=message)


def _nan(reply: Reply, bad: np.ndarray) -> bool:
    """Whether the result is NaN where a label is out of range: in its rows, or altogether for one number."""
    if reply.results is None:
        return False
    result = reply.results[0]
    values = np.asarray(to_numpy(result)).astype(np.float64)
    return bool(np.all(np.isnan(values[bad] if values.shape[:1] == bad.shape else values)))
