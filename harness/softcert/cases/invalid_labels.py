"""Cases with labels that name no class: a contract may promise that they are refused, or that the result is NaN.

Without a promise ("untested") no such case is run. `softcert.properties.invalid_labels` judges the calls.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

# Just beyond the last class, below the first, where a negative index would wrap, and far away; in each row of a pair,
# because reading beyond one row ends in the next, and beyond the last row outside the array.
_LABELS = ((0, 3), (3, 0), (0, -1), (-1, 0), (1, -3), (1, 1000), (-1000, 2), (2**31, 0))


def cases(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """Cases with a label out of range, where the contract promises something for them."""
    if terms.invalid_labels == "untested" or not operations.lookup(operation).takes_labels:
        return
    for labels in _LABELS:
        yield Case.of("ordinary", 2, 3, fmt.name, label_values=labels)
    yield Case.of("ordinary", 1, 5, fmt.name, label_values=(5,))


def rows_with_invalid_labels(operation: str, inputs: Inputs) -> np.ndarray:
    """Which rows have a label that names no class, bool (m,).

    No row of a case with options: there an option says which label is ignored.
    """
    labels = inputs.indices
    if not operations.lookup(operation).takes_labels or inputs.case.options:
        return np.zeros(labels.shape, bool)
    return np.asarray((labels < 0) | (labels >= inputs.exact.shape[1]))
