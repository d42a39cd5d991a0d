"""The reference of a call with options: exact results, limits and special values.

It has the interface of `softcert.expected.reference.Reference`. Results of several arrays (the gradients of a linear
layer) are judged as one vector, end to end.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from softcert.cases.call import Call
from softcert.expected import option_special_values
from softcert.expected.special_values import Acceptance
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import options
from softcert_oracle.decide.ziv import Bounds, Refine
from softcert_oracle.levels import Level
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options.canonical_call import CanonicalCall
from softcert_oracle.options.limits import option_limit
from softcert_oracle.options.reference import linear_shapes, option_reference, refiner
from softcert_oracle.reference import truth


class OptionReference:
    """The reference of one call with options under a contract. Everything is computed when first asked for."""

    def __init__(self, call: Call | CanonicalCall, terms: ResolvedContract) -> None:
        self.terms = terms
        self.call = call if isinstance(call, CanonicalCall) else call.canonical(terms)
        self._limits: dict[Level, tuple[Limit, ...]] = {}

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the results."""
        if self.call.operation == "linear_cross_entropy_grad":
            return linear_shapes(self.call)
        return (self.call.positions.shape,)

    @property
    def labels(self) -> np.ndarray | None:
        """The label of each row (0 where it is ignored), or None where there is none."""
        return self.call.labels

    @cached_property
    def rows(self) -> truth.Rows:
        """The rows of the shaped logits, each rounded to float64."""
        return truth.rows(self.call.logits())

    @cached_property
    def _parts(self) -> tuple[Enclosure, ...]:
        """Enclosures of each result."""
        parts = option_reference(self.call)
        return parts if isinstance(parts, tuple) else (parts,)

    @cached_property
    def exact(self) -> Enclosure:
        """Enclosures of the exact result; several results stand end to end."""
        if len(self._parts) == 1:
            return self._parts[0]
        return Enclosure.concatenate([part.reshape(-1) for part in self._parts])

    def _limits_of_parts(self, level: Level) -> tuple[Limit, ...]:
        if level not in self._limits:
            limits = option_limit(self.call, level, self.terms.limit_parameters)
            self._limits[level] = limits if isinstance(limits, tuple) else (limits,)
        return self._limits[level]

    def limit(self, level: Level) -> Limit:
        """The limit of a level on every number of the result."""
        parts = self._limits_of_parts(level)
        if len(parts) == 1:
            return parts[0]
        joined = Scaled(
            np.concatenate([p.numbers.significand.reshape(-1) for p in parts]),
            np.concatenate([p.numbers.exponent.reshape(-1) for p in parts]),
        )
        first = parts[0]
        return Limit(name=first.name, formula=first.formula, parameters=first.parameters, numbers=joined)

    @cached_property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision."""
        if len(self._parts) == 1:
            return refiner(self.call)
        refiners = [refiner(self.call, k) for k in range(len(self._parts))]
        ends = np.cumsum([part.hi.size for part in self._parts])

        def refined(positions: np.ndarray, bits: int) -> list[Bounds]:
            bounds: list[Bounds] = []
            for k in positions.tolist():
                which = int(np.searchsorted(ends, k, side="right"))
                start = int(ends[which - 1]) if which else 0
                bounds += refiners[which](np.array([k - start], np.intp), bits)
            return bounds

        return refined

    def vacuous(self, level: Level) -> np.ndarray:
        """Where the level's limit could not tell a degenerate output from the truth; the result's shape."""
        limits = self._limits_of_parts(level)
        parts = [options.vacuous(self.call, limit, exact) for limit, exact in zip(limits, self._parts, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate([part.reshape(-1) for part in parts])

    def refuted(self, level: Level) -> dict[str, bool]:
        """Degenerate outputs by name, and whether the limits tell each from the truth in some result."""
        found: dict[str, bool] = {}
        for limit, exact in zip(self._limits_of_parts(level), self._parts, strict=True):
            for name, tells in options.refuted(self.call, limit, exact).items():
                found[name] = found.get(name, False) or tells
        return found

    def acceptance(self, got: np.ndarray, terms: ResolvedContract) -> Acceptance:
        """What a contract accepts on the special numbers of a result."""
        return option_special_values.acceptance(self.call, self.rows, self.exact, terms, got)
