"""What a call's results are held against: the exact reference, the limits by level, and the special values accepted.

`ReferenceCache.of` gives the reference of a call; a plain call and a call with options have the same interface. The
cache belongs to a run: its subjects ask for the same cases, and the diagnosis of a failing subject asks once more.
The reference never leaves this process.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from cachetools import LRUCache

from softcert.cases.call import Call
from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert.expected.case_cache import CaseCache
from softcert.expected.special_values import Acceptance, acceptance
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import limits, operations
from softcert_oracle.decide.ziv import Refine
from softcert_oracle.levels import Level
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.reference import truth

if TYPE_CHECKING:
    from softcert.expected.option_reference import OptionReference

Kept = TypeVar("Kept")
Shapes = tuple[tuple[int, ...], ...]

_SMALL = (
    4096  # elements: of cases up to this size the whole reference is kept, limits included; of larger ones the rows
)
_SMALL_BUDGET = 1_200_000  # elements of references: some three hundred bytes each
_LARGE_BUDGET = 3_000_000  # elements of rows: some hundred bytes each
_OPTION_BUDGET = 256  # references of calls with options


class Reference(Protocol):
    """The exact results of one call, and what is accepted around them. Everything is computed when first asked for."""

    @property
    def shapes(self) -> Shapes:
        """The shapes of the results."""

    @property
    def labels(self) -> np.ndarray | None:
        """The label of each row, int64 (m,), or None where there is none."""

    @property
    def rows(self) -> truth.Rows:
        """The rows of the logits."""

    @property
    def exact(self) -> Enclosure:
        """Enclosures of the exact result; several results stand end to end."""

    @property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision, for what the enclosures leave undecided."""

    def limit(self, level: Level) -> Limit:
        """The limit of a level (sound, stable or accurate) on every number of the result."""

    def vacuous(self, level: Level) -> np.ndarray:
        """Where the limit could not tell a degenerate output from the truth: by row, or by number of the result."""

    def refuted(self, level: Level) -> dict[str, bool]:
        """Degenerate outputs by name, and whether the limit tells each from the truth on some number of the result."""

    def acceptance(self, got: np.ndarray, terms: ResolvedContract) -> Acceptance:
        """What a contract accepts on the special numbers of a result ``got`` (float64, in its shape)."""


class PlainReference:
    """The reference of a call without options. What is computed is shared with all who ask for the same."""

    def __init__(self, operation: str, inputs: Inputs, terms: ResolvedContract, references: ReferenceCache) -> None:
        self.operation, self.inputs, self.terms, self._references = operation, inputs, terms, references

    def __getstate__(self) -> tuple[str, Inputs, ResolvedContract]:
        """What another process needs: the values are computed again there, where anybody asks for them."""
        return self.operation, self.inputs, self.terms

    def __setstate__(self, state: tuple[str, Inputs, ResolvedContract]) -> None:
        """A reference with a cache of its own."""
        self.operation, self.inputs, self.terms = state
        self._references = ReferenceCache()

    @property
    def shapes(self) -> Shapes:
        """The shape of the result, from the table of operations; losses that are not reduced have one number a row."""
        m, classes = self.inputs.exact.shape
        result = operations.lookup(self.operation).result
        if result == "()":
            return ((m,) if self.terms.reduction == "none" else (),)
        return ((m, classes) if result == "(m, C)" else (m,),)

    @property
    def labels(self) -> np.ndarray | None:
        """The label of each row, int64 (m,), for operations that take them."""
        return self.inputs.indices if operations.lookup(self.operation).takes_labels else None

    @cached_property
    def computed(self) -> ComputedReference:
        """Where the values are computed."""
        return self._references.computed(self)

    @property
    def rows(self) -> truth.Rows:
        """The rows of the logits."""
        return self.computed.rows

    @property
    def exact(self) -> Enclosure:
        """Enclosures of the exact results."""
        return self.computed.exact

    @property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision."""
        return truth.refine(self.operation, self.rows, self.labels, reduction=self.terms.reduction)

    def limit(self, level: Level) -> Limit:
        """The limit of a level on every number of the result."""
        return self.computed.limit(level)

    def vacuous(self, level: Level) -> np.ndarray:
        """Rows, or the one scalar, on which the limit could not tell a degenerate output from the truth."""
        return self.computed.vacuous(level)

    def refuted(self, level: Level) -> dict[str, bool]:
        """Degenerate outputs by name, and whether the limit tells each from the truth on some row."""
        return limits.refuted(self.operation, self.limit(level), self.exact, self.rows)

    def acceptance(self, got: np.ndarray, terms: ResolvedContract) -> Acceptance:
        """What a contract accepts on special values, whatever the result is."""
        return acceptance(self.operation, self.rows, self.labels, self.exact, terms)


class ComputedReference:
    """Exact results and limits of an operation on some rows, each computed when first asked for.

    Parameters
    ----------
    operation, rows, labels
        The operation, the exact rows, and int64 labels (m,) where it takes them.
    parameters
        What limits depend on.
    """

    def __init__(
        self, operation: str, rows: truth.Rows, labels: np.ndarray | None, parameters: LimitParameters
    ) -> None:
        self.operation, self.rows, self.labels, self.parameters = operation, rows, labels, parameters
        self._limits: dict[Level, Limit] = {}
        self._vacuous: dict[Level, np.ndarray] = {}

    @cached_property
    def exact(self) -> Enclosure:
        """Enclosures of the exact results."""
        return truth.reference(self.operation, self.rows, self.labels, reduction=self.parameters.reduction)

    def limit(self, level: Level) -> Limit:
        """The limit of a level on every number of the result."""
        if level not in self._limits:
            self._limits[level] = limits.limit(self.operation, level, self.rows, self.labels, self.parameters)
        return self._limits[level]

    def vacuous(self, level: Level) -> np.ndarray:
        """Rows, or the one scalar, on which the limit could not tell a degenerate output from the truth."""
        if level not in self._vacuous:
            self._vacuous[level] = limits.vacuous(self.operation, self.limit(level), self.exact, self.rows)
        return self._vacuous[level]


class ReferenceCache:
    """The references of a run, the least recently used dropped first when their elements exceed a budget.

    The five operations share the rows of a case, and subjects of one contract share its whole reference: limits and
    exact results do not depend on who is judged.

    Attributes
    ----------
    cases
        The batteries of the run and the inputs of their cases, made once.
    """

    def __init__(self) -> None:
        self.cases = CaseCache()
        self._computed: LRUCache[object, ComputedReference] = LRUCache(_SMALL_BUDGET, lambda r: r.rows.x.size)
        self._small_rows: LRUCache[object, truth.Rows] = LRUCache(_SMALL_BUDGET, lambda r: r.x.size)
        self._large_rows: LRUCache[object, truth.Rows] = LRUCache(_LARGE_BUDGET, lambda r: r.x.size)
        self._with_options: LRUCache[object, OptionReference] = LRUCache(_OPTION_BUDGET)

    def of(self, call: Call, terms: ResolvedContract) -> Reference:
        """The reference of a call under a contract. Nothing is computed or looked up yet."""
        if not call.has_options:
            return PlainReference(call.operation, call.inputs, terms, self)
        from softcert.expected.option_reference import OptionReference  # and the oracle's options

        if call.case.size > _SMALL:
            return OptionReference(call, terms)
        key = (call.operation, call.case, terms.limit_parameters)
        return _kept(self._with_options, key, lambda: OptionReference(call, terms))

    def computed(self, plain: PlainReference) -> ComputedReference:
        """The exact results and limits of a call without options."""
        inputs, parameters = plain.inputs, plain.terms.limit_parameters

        def make() -> ComputedReference:
            return ComputedReference(plain.operation, self.rows(inputs), plain.labels, parameters)

        if inputs.exact.size > _SMALL:
            return make()
        case = inputs.case
        labels = (case.labels, case.label_values, case.label_dtype)
        return _kept(self._computed, (plain.operation, parameters, *labels, *_logits_key(case)), make)

    def rows(self, inputs: Inputs) -> truth.Rows:
        """The exact rows of these inputs."""
        pool = self._small_rows if inputs.exact.size <= _SMALL else self._large_rows
        return _kept(pool, _logits_key(inputs.case), lambda: truth.rows(inputs.exact))


def _kept(cache: LRUCache[object, Kept], key: object, make: Callable[[], Kept]) -> Kept:
    if key in cache:
        return cache[key]
    value = make()
    if cache.getsizeof(value) <= cache.maxsize:
        cache[key] = value
    return value


def _logits_key(case: Case) -> tuple[object, ...]:
    """What the logits of a case depend on."""
    return case.regime, case.rows_count, case.classes, case.format, case.parameters, case.seed, case.rows
