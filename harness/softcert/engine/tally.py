"""The running account of one subject, operation and format: what was checked, what failed, where first.

Checks go in one by one; nothing is decided here. Violations are grouped by property and cause, and of each group
the smallest few cases are kept as candidates for the witness.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from softcert.cases.case import Case
from softcert.properties.check import EDGES, Check
from softcert.properties.table import LEVELS
from softcert_oracle.limits import Limit

_CANDIDATES = 3  # cases kept for each cause: the smallest is shrunk, the others stand in if it does not repeat


@dataclass
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


@dataclass
class Violation:
    """One cause of failure of one property: how often, in which regimes, and candidate witnesses."""

    property: str
    level: str
    cause: str
    occurrences: int = 0
    regimes: Counter[str] = field(default_factory=Counter)
    candidates: list[tuple[Case, Check]] = field(default_factory=list)


@dataclass
class Point:
    """One output's largest error, for the plots: against class count and against magnitude."""

    classes: int
    rows: int
    magnitude: float
    ulp: float
    limit_ulp: float
    regime: str


class Ledger:
    """The account of one operation in one format."""

    def __init__(self, operation: str, format: str) -> None:
        self.operation = operation
        self.format = format
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.violations: dict[tuple[str, str], Violation] = {}
        self.points: list[Point] = []
        self.observations: Counter[tuple[str, str]] = Counter()
        self.regimes: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.not_run: Counter[str] = Counter()
        self.coverage: Counter[tuple[str, str]] = Counter()
        self.special_rows: dict[str, tuple[str, str, str]] = {}
        self.largest_logit = 0.0
        self.classes: tuple[int, int] | None = None
        self.rows: tuple[int, int] | None = None
        self.not_nearest = 0
        self.elements = 0
        self.first_finding: float | None = None
        self.fault_streak = 0
        self.hangs = 0
        self.large_failures = 0
        self.plain_failed = False
        self.histogram = np.zeros(len(EDGES) - 1, dtype=np.int64)
        self.outputs: dict[Case, np.ndarray] = {}
        self.wrong: set[Case] = set()  # of the outputs kept, those that fail at "sound" or "stable"
        self.large_right: set[Case] = set()  # large inputs, whose outputs are not kept, that passed
        self.flags: dict[Case, frozenset[str]] = {}
        self.limits: dict[str, Limit] = {}
        self.elements_called = 0

    def record(self, case: Case, checks: list[Check]) -> None:
        """Enter the checks of one case."""
        for check in checks:
            tally = self.tallies.setdefault((check.property, check.level), Tally())
            tally.cases += 1
            tally.checked += check.checked
            tally.violated += check.violated
            tally.violated_cases += check.failed
            tally.undecided += check.undecided
            tally.vacuous += check.cause == "vacuous"
            tally.worst_ulp = max(tally.worst_ulp, check.ulp)
            if check.checked and (tally.worst is None or check.ratio > tally.worst.ratio):
                tally.worst, tally.worst_case = check, case
            if check.failed:
                self._violation(case, check)

    def _violation(self, case: Case, check: Check) -> None:
        if self.first_finding is None and check.level in ("sound", "stable"):
            self.first_finding = time.perf_counter()
        key = (check.property, f"{check.cause}@{check.level}" if check.level in LEVELS[2:] else check.cause)
        entry = self.violations.setdefault(key, Violation(check.property, check.level, check.cause))
        if LEVELS.index(check.level) < LEVELS.index(entry.level):
            # The lowest level that it breaks is what it is called by, and shown by.
            entry.level, entry.candidates = check.level, []
        if check.level != entry.level:
            return
        entry.occurrences += 1
        entry.regimes[case.regime] += 1
        entry.candidates.append((case, check))
        entry.candidates.sort(key=lambda c: (c[0].rows_count * c[0].classes, c[0].rows is None))
        del entry.candidates[_CANDIDATES:]

    def failed(self, level: str) -> bool:
        """Whether anything that the level asks for is violated."""
        asked = LEVELS[: LEVELS.index(level) + 1]
        return any(t.violated for (_, at), t in self.tallies.items() if at in asked)

    def undecided(self, level: str) -> int:
        """How many checks that the level asks for stayed undecided."""
        asked = LEVELS[: LEVELS.index(level) + 1]
        return sum(t.undecided for (_, at), t in self.tallies.items() if at in asked)

    def broken(self, level: str) -> bool:
        """Whether a level is lost beyond doubt: so often that further checks of it tell nothing new."""
        return self.tallies.get(("accuracy", level), Tally()).violated_cases >= 5

    def held(self) -> str | None:
        """The highest level held: every check up to it passed, and accuracy was checked at it."""
        best = None
        for level in LEVELS:
            tally = self.tallies.get(("accuracy", level))
            if tally is None or not tally.checked or self.failed(level) or self.undecided(level):
                break
            best = level
        return best
