"""What a case's outputs are held against: the reference and the limits, computed once and shared by subjects.

The truth never leaves this process. Rows are kept for the cases of a battery, because five operations and every
subject ask for the same ones; limits are kept beside them, by level and parameters.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

import numpy as np

from softcert.building import Inputs
from softcert_implementations.contract import Terms
from softcert_oracle import limits, operations, truth
from softcert_oracle.enclosure import Enclosure
from softcert_oracle.escalation import Refine
from softcert_oracle.limits import Limit, Parameters

_KEPT_ELEMENTS = 3_000_000  # of logits whose rows are kept: some hundred megabytes with all their parts


class Library:
    """Rows of truth by case, the oldest dropped first when their elements exceed a budget."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[object, ...], truth.Rows] = OrderedDict()
        self._elements = 0

    def rows(self, inputs: Inputs) -> truth.Rows:
        """The rows of these inputs, computed at the first request."""
        case = inputs.case
        key = (case.regime, case.rows_count, case.classes, case.format, case.parameters, case.seed, case.rows)
        if key in self._rows:
            self._rows.move_to_end(key)
            return self._rows[key]
        rows = truth.rows(inputs.exact)
        self._rows[key] = rows
        self._elements += inputs.exact.size
        while self._elements > _KEPT_ELEMENTS and len(self._rows) > 1:
            _, dropped = self._rows.popitem(last=False)
            self._elements -= dropped.x.size
        return rows


LIBRARY = Library()


class Truth:
    """The reference of one operation on one input, and the limits on it by level (both lazily)."""

    def __init__(self, operation: str, inputs: Inputs, terms: Terms) -> None:
        self.operation = operation
        self.inputs = inputs
        self.terms = terms
        self.rows = LIBRARY.rows(inputs)
        labelled = operations.lookup(operation).takes_labels
        self.labels: np.ndarray | None = inputs.labels.astype(np.int64) if labelled else None
        self._reference: Enclosure | None = None
        self._limits: dict[str, Limit] = {}

    @property
    def reference(self) -> Enclosure:
        """Enclosures of the exact results."""
        if self._reference is None:
            self._reference = truth.reference(self.operation, self.rows, self.labels, reduction=self.terms.reduction)
        return self._reference

    def limit(self, level: str) -> Limit:
        """The limit of a level ("sound", "stable", "accurate") on every element of the result."""
        if level not in self._limits:
            self._limits[level] = limits.limit(
                self.operation, level, self.rows, self.labels, parameters(self.terms)
            )  # fmt: skip
        return self._limits[level]

    @property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision, for what the reference leaves undecided."""
        return truth.refine(self.operation, self.rows, self.labels, reduction=self.terms.reduction)

    def vacuous(self, level: str) -> np.ndarray:
        """Rows (or the one scalar) on which the level's limit could not tell a degenerate output from the truth."""
        return limits.vacuous(self.operation, self.limit(level), self.reference, self.rows)


@lru_cache(maxsize=512)
def _parameters(values: tuple[tuple[str, object], ...]) -> Parameters:
    return Parameters(**dict(values))  # type: ignore[arg-type]


_PARAMETER_FIELDS = (
    "format", "working_precision", "sum_format", "saved_format", "result_format", "summation", "algorithm",
    "exp_ulp", "log_ulp", "div_ulp", "flush_subnormals", "reduction",
)  # fmt: skip


def parameters(terms: Terms) -> Parameters:
    """The part of a contract that the limits depend on."""
    return _parameters(tuple((name, getattr(terms, name)) for name in _PARAMETER_FIELDS))
