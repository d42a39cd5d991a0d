"""What a case's outputs are held against: the reference and the limits, computed once and shared by subjects.

The truth never leaves this process. It is kept for the cases of a battery, because every subject asks for the same
ones, and the diagnosis of what fails asks once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert_implementations.contract import Terms
from softcert_oracle import limits, operations
from softcert_oracle.decide.ziv import Refine
from softcert_oracle.limits import Limit, Parameters
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.reference import truth

Kept = TypeVar("Kept")

_SMALL = 4096  # elements: of cases up to this size the whole truth is kept, limits included; of larger ones the rows
_KEPT_SMALL = 1_200_000  # elements of truths: some three hundred bytes each
_KEPT_LARGE = 3_000_000  # elements of rows: some hundred bytes each


class Library:
    """Truths by case, the oldest dropped first when their elements exceed a budget.

    The five operations share the rows of a case, and subjects of one contract share its whole truth: limits and
    references do not depend on who is judged.
    """

    def __init__(self) -> None:
        self._truths = _Pool[Truth](_KEPT_SMALL)
        self._small_rows = _Pool[truth.Rows](_KEPT_SMALL)
        self._large_rows = _Pool[truth.Rows](_KEPT_LARGE)

    def rows(self, inputs: Inputs) -> truth.Rows:
        """The rows of these inputs, computed at the first request."""
        pool = self._small_rows if inputs.exact.size <= _SMALL else self._large_rows
        return pool.get(_logits_key(inputs.case), inputs.exact.size, lambda: truth.rows(inputs.exact))

    def truth(self, operation: str, inputs: Inputs, terms: Terms) -> Truth:
        """The truth of an operation on these inputs, with the limits of these terms."""
        if inputs.exact.size > _SMALL:
            return Truth(operation, inputs, terms)
        case = inputs.case
        labels = (case.labels, case.label_values, case.label_dtype)
        key = (operation, parameters(terms), *labels, *_logits_key(case))
        return self._truths.get(key, inputs.exact.size, lambda: Truth(operation, inputs, terms))


class _Pool(Generic[Kept]):
    """Values by key, the least recently asked for dropped first, so that their sizes add up to a budget at most."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._total = 0
        self._kept: OrderedDict[tuple[object, ...], tuple[Kept, int]] = OrderedDict()

    def get(self, key: tuple[object, ...], size: int, make: Callable[[], Kept]) -> Kept:
        """The value of a key, made at the first request; ``size`` in elements."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        value = make()
        self._kept[key] = value, size
        self._total += size
        while self._total > self._budget and len(self._kept) > 1:
            self._total -= self._kept.popitem(last=False)[1][1]
        return value


def _logits_key(case: Case) -> tuple[object, ...]:
    """What the logits of a case depend on."""
    return case.regime, case.rows_count, case.classes, case.format, case.parameters, case.seed, case.rows


class Truth:
    """The reference of one operation on one input, and the limits on it by level (all lazily)."""

    def __init__(self, operation: str, inputs: Inputs, terms: Terms) -> None:
        self.operation = operation
        self.reduction = terms.reduction
        self.parameters = parameters(terms)
        self.rows = LIBRARY.rows(inputs)
        labelled = operations.lookup(operation).takes_labels
        self.labels: np.ndarray | None = inputs.labels.astype(np.int64) if labelled else None
        self._limits: dict[str, Limit] = {}
        self._vacuous: dict[str, np.ndarray] = {}

    @cached_property
    def reference(self) -> Enclosure:
        """Enclosures of the exact results."""
        return truth.reference(self.operation, self.rows, self.labels, reduction=self.reduction)

    def limit(self, level: str) -> Limit:
        """The limit of a level ("sound", "stable", "accurate") on every element of the result."""
        if level not in self._limits:
            self._limits[level] = limits.limit(self.operation, level, self.rows, self.labels, self.parameters)
        return self._limits[level]

    @property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision, for what the reference leaves undecided."""
        return truth.refine(self.operation, self.rows, self.labels, reduction=self.reduction)

    def vacuous(self, level: str) -> np.ndarray:
        """Rows (or the one scalar) on which the level's limit could not tell a degenerate output from the truth."""
        if level not in self._vacuous:
            found = limits.vacuous(self.operation, self.limit(level), self.reference, self.rows)
            self._vacuous[level] = found
        return self._vacuous[level]


LIBRARY = Library()


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
