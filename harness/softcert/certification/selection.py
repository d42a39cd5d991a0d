"""Running less where only some properties are asked for: which cases, relations and searches they need.

A run of some properties proves no level: what it finds counts, and what it does not find is left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from softcert.cases.case import Case, ClaimState, Layout, State
from softcert.engine.tallies import Tallies, Violation
from softcert.properties.table import ACCURACY, PROPERTIES, named_by_level
from softcert_oracle.levels import Level

_STATES: Mapping[str, tuple[str, ...]] = {
    "repeatable": (State.TWICE, State.INTERLEAVED, State.ALTERED, ClaimState.MANY),
    "batch_independence": (State.ALONE, State.REORDERED, ClaimState.SECOND),
}
_RELATIONS = frozenset(p.name for p in PROPERTIES.values() if p.family == "relations") | {"gradient_differences"}
_FORM = frozenset({"completes", "result_shape", "result_format", "input_unchanged"})
_OF_SOME_CASES = _RELATIONS | {"repeatable", "layouts", "invalid_labels"}


class Selection:
    """The properties that are asked for, and what they need.

    Parameters
    ----------
    properties
        Their names; None for all of them.
    """

    def __init__(self, properties: tuple[str, ...] | None) -> None:
        self._names = None if properties is None else frozenset(properties)

    def operations(self, names: Iterable[str]) -> list[str]:
        """Those of some operations that one of the properties is about."""
        if self._names is None:
            return list(names)
        chosen = [PROPERTIES[name] for name in self._names]
        return [name for name in names if any(name in p.operations for p in chosen)]

    def cases(self, cases: Iterable[Case]) -> list[Case]:
        """The cases that the properties need."""
        return list(cases) if self._names is None else [case for case in cases if self._needs(case, self._names)]

    def _needs(self, case: Case, names: frozenset[str]) -> bool:
        if case.state != State.ONCE:
            return any(case.state in states for name, states in _STATES.items() if name in names)
        if names - _OF_SOME_CASES:
            return True
        if "layouts" in names and (case.layout != Layout.C or case.regime == "ordinary"):
            return True  # contiguous ones as well: what fails there too is no matter of layouts
        return "invalid_labels" in names and not all(0 <= v < case.classes for v in case.label_values or ())

    @property
    def relations(self) -> bool:
        """Whether one of the properties relates several calls."""
        return self._names is None or bool(self._names & _RELATIONS)

    @property
    def searches(self) -> bool:
        """Whether one of the properties is about values, which drawn cases may break."""
        return self._names is None or bool(self._names - _OF_SOME_CASES - _FORM)

    def keep(self, tallies: Tallies) -> None:
        """Drop what was counted of other properties on the way."""
        if self._names is None:
            return
        tallies.by_property = {k: v for k, v in tallies.by_property.items() if named_by_level(*k) in self._names}
        tallies.violations = {k: v for k, v in tallies.violations.items() if self._is_of(v, self._names)}

    def failure(self, tallies: Tallies, level: Level) -> Violation | None:
        """The first violation that a level asks for, of the properties that are asked for."""
        found = (v for v in tallies.violations.values() if v.level <= level)
        return next((v for v in found if self._names is None or self._is_of(v, self._names)), None)

    def _is_of(self, violation: Violation, names: frozenset[str]) -> bool:
        if violation.property_name != "accuracy":
            return violation.property_name in names
        # What is beyond the wide limit of "sound" is beyond the narrow one of "stable" as well.
        return any(ACCURACY[level] in names for level in Level if violation.level <= level <= Level.STABLE) or (
            ACCURACY[violation.level] in names
        )
