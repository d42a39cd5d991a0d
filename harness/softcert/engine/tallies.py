"""Tallies: how often each property was checked and violated at each level, and what its violations look like."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from softcert.cases.case import Case
from softcert.engine import telling
from softcert.engine.case_table import CaseTable
from softcert.properties import accuracy
from softcert.properties.check import VACUOUS, Check
from softcert.properties.table import named_by_level
from softcert_oracle.levels import Level
from softcert_reports.document import AtLevel
from softcert_reports.document import Level as DocumentLevel

Ints = NDArray[np.int64]

_CANDIDATES = 3  # cases stored for each cause: the most telling is shrunk, the others stand in if it does not repeat
_LOST = 5  # violated cases after which further checks of a level above "stable" say nothing new


@dataclass(kw_only=True)
class Tally:
    """What was seen of one property at one level."""

    cases: int = 0
    checked: int = 0
    violated: int = 0
    violated_cases: int = 0
    undecided: int = 0
    vacuous: int = 0
    worst: Check | None = None
    worst_case: Case | None = None
    worst_ulp: float = 0.0

    def add(self, case: Case, check: Check) -> None:
        """Count one check."""
        self.cases += 1
        self.checked += check.checked
        self.violated += check.violated
        self.violated_cases += check.failed
        self.undecided += check.undecided
        self.vacuous += check.cause == VACUOUS
        self.worst_ulp = max(self.worst_ulp, check.ulp)
        self._compare(case, check)

    def add_column(self, table: CaseTable, k: int, at: Ints) -> None:
        """Count the checks of column ``k`` of a table in the calls ``at``, none of which violates it."""
        checked = table.checked[at, k]
        seen = at[checked > 0]
        self.cases += len(at)
        self.checked += int(checked.sum())
        self.undecided += int(table.undecided[at, k].sum())
        name, level = table.keys[k]
        if name == accuracy.PROPERTY:
            self.vacuous += (len(at) - len(seen)) * (level != Level.SOUND)
            self.worst_ulp = max(self.worst_ulp, float(table.ulp[seen].max(initial=0.0)))
        if len(seen) == 0:
            return
        worst = int(seen[np.argmax(table.ratio[seen, k])])
        if self.worst is None or table.ratio[worst, k] > self.worst.ratio:
            row = table.rows[worst]
            assert row is not None
            self._compare(row.output.case, row.check(table.keys[k]))

    def _compare(self, case: Case, check: Check) -> None:
        if check.checked and (self.worst is None or check.ratio > self.worst.ratio):
            self.worst, self.worst_case = check, case


@dataclass(kw_only=True)
class Violation:
    """One cause of failure of one property: how often, in which regimes, and candidates for the witness."""

    property_name: str
    level: Level
    cause: str
    occurrences: int = 0
    regimes: Counter[str] = field(default_factory=Counter)
    candidates: list[tuple[Case, Check]] = field(default_factory=list)

    def add(self, case: Case, check: Check) -> None:
        """Count one failing check. The violation is named and shown by the lowest level that it breaks."""
        if check.level < self.level:
            self.level, self.candidates = check.level, []
        if check.level != self.level:
            return
        self.occurrences += 1
        self.regimes[case.regime] += 1
        self.candidates.append((case, check))
        self.candidates.sort(key=lambda c: telling.order_of_witnesses(*c))
        del self.candidates[_CANDIDATES:]


class Tallies:
    """The tallies of one unit by property and level, and its violations by property and cause."""

    def __init__(self) -> None:
        self.by_property: dict[tuple[str, Level], Tally] = {}
        self.violations: dict[tuple[str, str], Violation] = {}
        self.first_finding: float | None = None

    def __bool__(self) -> bool:
        return bool(self.by_property)

    def record(self, case: Case, checks: Iterable[Check]) -> None:
        """Count the checks of one case."""
        for check in checks:
            self.by_property.setdefault((check.property_name, check.level), Tally()).add(case, check)
            if check.failed:
                self._record_violation(case, check)

    def record_columns(self, table: CaseTable, at: Ints) -> None:
        """Count the checks of a table in the calls ``at``, none of which violates one at a level that is not lost."""
        for k, (name, level) in enumerate(table.keys):
            if name == accuracy.PROPERTY and level in accuracy.HIGHER and self.lost(level):
                continue
            here = at[table.present[at, k]]
            if len(here):
                self.by_property.setdefault((name, level), Tally()).add_column(table, k, here)

    def _record_violation(self, case: Case, check: Check) -> None:
        if self.first_finding is None and check.level <= Level.STABLE:
            self.first_finding = time.perf_counter()
        # Above "stable" each level has violations of its own; below, one violation has the lowest level it breaks.
        cause = f"{check.cause}@{check.level}" if check.level > Level.STABLE else check.cause
        entry = self.violations.setdefault(
            (check.property_name, cause),
            Violation(property_name=check.property_name, level=check.level, cause=check.cause),
        )
        entry.add(case, check)

    def failed(self, level: Level) -> bool:
        """Whether anything that the level asks for is violated."""
        return any(t.violated for (_, at), t in self.by_property.items() if at <= level)

    def lost(self, level: Level) -> bool:
        """Whether accuracy at a level is violated so often that further checks of it say nothing new."""
        return self.by_property.get(("accuracy", level), Tally()).violated_cases >= _LOST

    def counts(self) -> tuple[tuple[str, AtLevel], ...]:
        """What was counted, by the property's name and level: what the document holds, and the verdict follows from."""
        return tuple(
            (
                named_by_level(name, level),
                AtLevel(
                    level=DocumentLevel(level),
                    checks=tally.checked,
                    violations=tally.violated,
                    undecided=tally.undecided,
                    vacuous=tally.vacuous,
                ),
            )
            for (name, level), tally in self.by_property.items()
        )
