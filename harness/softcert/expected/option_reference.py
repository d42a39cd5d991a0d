"""What a call with options is held against: reference, limits and special values, with the interface of `Truth`.

Results of several arrays (the gradients of a linear layer) are judged as one vector, end to end.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from softcert.cases.case import Case
from softcert.cases.inputs import Inputs
from softcert.cases.option_call import Prepared, prepare, result_shapes
from softcert_implementations.contract import Terms
from softcert_oracle import options as oracle
from softcert_oracle.decide.ziv import Bounds, Refine
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import limits
from softcert_oracle.options.reference import of as reference_of
from softcert_oracle.options.reference import refiner
from softcert_oracle.reference import truth


@lru_cache(maxsize=256)
def _references(operation: str, case: Case, terms_reduction: str) -> tuple[Enclosure, ...]:
    call = prepare(operation, case).problem(Terms(operation, case.format, reduction=terms_reduction))
    found = reference_of(call)
    return found if isinstance(found, tuple) else (found,)


class OptionTruth:
    """The reference of one call with options, and the limits on it by level (all lazily)."""

    def __init__(self, operation: str, inputs: Inputs, terms: Terms) -> None:
        self.operation, self.inputs, self.terms = operation, inputs, terms
        self.prepared: Prepared = prepare(operation, inputs.case)
        self.call = self.prepared.problem(terms)
        self._limits: dict[str, tuple[Limit, ...]] = {}

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the results."""
        return result_shapes(self.call)

    @property
    def labels(self) -> np.ndarray | None:
        """The label of each row (0 where it is ignored), or None where there is none."""
        return self.call.labels

    @cached_property
    def rows(self) -> truth.Rows:
        """The rows of the shaped logits, each rounded to float64."""
        return truth.rows(self.call.logits())

    @cached_property
    def references(self) -> tuple[Enclosure, ...]:
        """Enclosures of each result."""
        return _references(self.operation, self.inputs.case, self.terms.reduction)

    @cached_property
    def reference(self) -> Enclosure:
        """Enclosures of the exact result, of several end to end."""
        if len(self.references) == 1:
            return self.references[0]
        return Enclosure.concatenate([r.reshape(-1) for r in self.references])

    def _each_limit(self, level: str) -> tuple[Limit, ...]:
        if level not in self._limits:
            from softcert.expected.reference import parameters

            found = limits.of(self.call, level, parameters(self.terms))
            self._limits[level] = found if isinstance(found, tuple) else (found,)
        return self._limits[level]

    def limit(self, level: str) -> Limit:
        """The limit of a level on every number of the result."""
        parts = self._each_limit(level)
        if len(parts) == 1:
            return parts[0]
        joined = Scaled(
            np.concatenate([p.numbers.significand.reshape(-1) for p in parts]),
            np.concatenate([p.numbers.exponent.reshape(-1) for p in parts]),
        )
        return Limit(parts[0].name, parts[0].formula, parts[0].parameters, joined)

    @cached_property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision."""
        if len(self.references) == 1:
            return refiner(self.call)
        parts = [refiner(self.call, k) for k in range(len(self.references))]
        ends = np.cumsum([r.hi.size for r in self.references])

        def refined(positions: np.ndarray, bits: int) -> list[Bounds]:
            out: list[Bounds] = []
            for k in positions.tolist():
                which = int(np.searchsorted(ends, k, side="right"))
                start = int(ends[which - 1]) if which else 0
                out += parts[which](np.array([k - start], np.intp), bits)
            return out

        return refined

    def vacuous(self, level: str) -> np.ndarray:
        """Where the level's limit could not tell a degenerate output from the truth; the result's shape."""
        found = [
            oracle.vacuous(self.call, part, own)
            for part, own in zip(self._each_limit(level), self.references, strict=True)
        ]
        return found[0] if len(found) == 1 else np.concatenate([f.reshape(-1) for f in found])
