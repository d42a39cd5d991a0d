"""From counts to levels and verdicts: the rules, on plain counts, for the run and for its document alike.

A unit is one operation in one format of one subject. Its parts are the counts of each property at each level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from softcert_reports.document.levels import Level
from softcert_reports.document.records import AtLevel, Ending, Verdict

ACCURACY: Mapping[Level, str] = {
    Level.SOUND: "sound_accuracy",
    Level.STABLE: "accuracy",
    Level.ACCURATE: "relative_accuracy",
    Level.FAITHFUL: "faithful_rounding",
}
"""The property that must have been checked for a level to be held: accuracy has another name at each level."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """The counts of one operation in one format; ``parts`` is empty for a unit that was not run.

    ``unrefuted`` are degenerate outputs that are right wherever the contract lets the subject be called.
    """

    operation: str
    format: str
    parts: tuple[tuple[str, AtLevel], ...] = ()
    unrefuted: tuple[str, ...] = ()

    @property
    def run(self) -> bool:
        """Whether anything was counted."""
        return bool(self.parts)

    @property
    def level(self) -> Level | None:
        """The highest level held: every check up to it held, and accuracy was checked at it.

        None where a degenerate output would hold it as well.
        """
        best = None
        if self.unrefuted:
            return best
        for level in Level:
            checked = any(p.checks for name, p in self.parts if p.level == level and name == ACCURACY[level])
            if not checked or self.failed(level) or self.undecided(level):
                break
            best = level
        return best

    def failed(self, level: Level) -> int:
        """How many checks that the level asks for are violated."""
        return sum(p.violations for _, p in self.parts if Level(p.level) <= level)

    def undecided(self, level: Level) -> int:
        """How many checks that the level asks for stayed undecided."""
        return sum(p.undecided for _, p in self.parts if Level(p.level) <= level)


def level_of(units: Sequence[Unit], ending: Ending) -> Level | None:
    """The highest level that every unit of a subject holds; None where one holds none, or the run did not end."""
    levels = [unit.level for unit in units]
    held = [level for level in levels if level is not None]
    return min(held) if held and len(held) == len(levels) and ending == "complete" else None


def verdict_of(units: Sequence[Unit], asked: Level, ending: Ending) -> Verdict:
    """The verdict on a subject: certified only if every unit was run and holds the level that was asked for."""
    if ending == "harness error":
        return "harness error"
    if any(unit.failed(asked) for unit in units):
        return "not certified"
    if not any(unit.run for unit in units):
        return "not run"
    level = level_of(units, ending)
    return "certified" if level is not None and level >= asked else "inconclusive"


def lowest_violated(parts: Iterable[AtLevel]) -> Level | None:
    """The lowest level at which a property is violated."""
    return min((Level(p.level) for p in parts if p.violations), default=None)
