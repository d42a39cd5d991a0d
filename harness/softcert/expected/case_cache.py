"""Batteries and inputs that are made once for all who ask for the same in a run."""

from __future__ import annotations

from collections.abc import Sequence

from cachetools import LRUCache

from softcert.cases.battery import battery
from softcert.cases.case import Case
from softcert.cases.effort import Effort
from softcert.cases.inputs import Inputs, build
from softcert_implementations.contract import ResolvedContract

_BUDGET = 64 * 2**20  # bytes of inputs
_LARGEST = 1 << 16  # logits: to draw the numbers of more of them costs little beside what is done with them
_BATTERIES = 16


class CaseCache:
    """The cases of a run and their inputs; what was not used for longest is dropped first.

    The operations of a format have most cases in common, and so have the subjects of a run. Nobody may write to what
    comes from here; executors give a subject a copy of its own.

    Parameters
    ----------
    budget
        The most bytes of inputs that are kept.
    """

    def __init__(self, budget: int = _BUDGET) -> None:
        self._inputs: LRUCache[Case, Inputs] = LRUCache(budget, _bytes)
        self._batteries: LRUCache[object, Sequence[Case]] = LRUCache(_BATTERIES)

    def battery(
        self, operation: str, format: str, effort: Effort, terms: ResolvedContract, seed: int
    ) -> Sequence[Case]:
        """The cases for one operation in one format, as `softcert.cases.battery.battery` makes them."""
        claims = (terms.reduction, terms.label_dtypes, terms.invalid_labels, terms.options)
        key = (operation, format, effort, seed, claims)
        found = self._batteries.get(key)
        if found is None:
            found = self._batteries[key] = tuple(battery(operation, format, effort, terms, seed))
        return found

    def inputs(self, case: Case) -> Inputs:
        """The inputs of a case, as `softcert.cases.inputs.build` makes them; `UsageError` for a broken recipe."""
        found = self._inputs.get(case)
        if found is None:
            found = build(case)
            if case.size <= _LARGEST and _bytes(found) <= self._inputs.maxsize:
                self._inputs[case] = found
        return found


def _bytes(inputs: Inputs) -> int:
    """The memory of some inputs: their arrays, and about as much as their objects take."""
    return inputs.buffer.nbytes + inputs.exact.nbytes + 2 * inputs.labels.nbytes + 2048
