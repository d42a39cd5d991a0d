"""The result of certifying one subject: its units with their tallies and findings, and the verdict.

Nothing here knows documents or pages: `softcert.results.document` converts a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from softcert.certification.contract_effect import ContractEffect
from softcert.certification.plan import Plan
from softcert.engine.repeatability import Repeatability
from softcert.engine.tally import RunTally
from softcert.findings.collect import FindingEvidence
from softcert_implementations.contract import ResolvedContract
from softcert_implementations.implementation import Implementation
from softcert_oracle.levels import Level
from softcert_reports import document as doc
from softcert_reports.document.verdicts import units


@dataclass(frozen=True, eq=False, kw_only=True)
class UnitResult:
    """One operation in one format of one subject.

    Attributes
    ----------
    terms
        The contract for the operation and format.
    tally
        What was recorded; empty for a unit that was not reached.
    findings
        The violations at the asked level, the most telling first.
    effect
        What the contract leaves of the default domain and limits; None for a unit that was not reached.
    repeatability
        Whether failing calls fail again; None where nothing failed or the run was stopped.
    elements_per_second
        The subject's own speed, in logits a second; None where it was not called.
    """

    operation: str
    format: str
    terms: ResolvedContract
    tally: RunTally
    findings: tuple[FindingEvidence, ...] = ()
    effect: ContractEffect | None = None
    repeatability: Repeatability | None = None
    elements_per_second: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """(operation, format)."""
        return self.operation, self.format

    @property
    def counts(self) -> units.Unit:
        """What was counted, as the document holds it: the verdict follows from it."""
        unrefuted = self.effect.unrefuted if self.effect else ()
        parts = self.tally.tallies.counts()
        return units.Unit(operation=self.operation, format=self.format, parts=parts, unrefuted=unrefuted)

    @property
    def level(self) -> Level | None:
        """The level held."""
        held = self.counts.level
        return None if held is None else Level(held)


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """The outcome of certifying one subject.

    Attributes
    ----------
    units
        One for each operation and format that the plan asks for, in the order of the tables.
    calls, seconds_in_subject
        How often the subject was called, and the time its own functions took.
    seconds_to_first_finding
        From the start of the run; None where nothing was found.
    reason
        Why the run stopped early; "" where it did not.
    finished
        Whether every unit was run, or the subject was given up.
    interrupted
        Whether the user stopped the run.
    broken
        Whether the harness failed.
    ended_run
        Whether this subject ends the whole run: the user stopped it, or it was to end at its first finding.
    """

    implementation: Implementation
    plan: Plan
    units: tuple[UnitResult, ...] = ()
    calls: int = 0
    seconds_in_subject: float = 0.0
    seconds_to_first_finding: float | None = None
    reason: str = ""
    finished: bool = False
    interrupted: bool = False
    broken: bool = False
    ended_run: bool = False

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.implementation.name

    @property
    def findings(self) -> tuple[FindingEvidence, ...]:
        """The findings of all units."""
        return tuple(finding for unit in self.units for finding in unit.findings)

    def unit(self, operation: str, format: str) -> UnitResult:
        """The unit of an operation and format; KeyError where there is none."""
        for unit in self.units:
            if unit.key == (operation, format):
                return unit
        raise KeyError((operation, format))

    def levels(self) -> dict[str, dict[str, Level | None]]:
        """The level held, by operation and format."""
        table: dict[str, dict[str, Level | None]] = {}
        for unit in self.units:
            table.setdefault(unit.operation, {})[unit.format] = unit.level
        return table

    def level(self) -> Level | None:
        """The highest level that every operation holds in every format."""
        held = units.level_of([unit.counts for unit in self.units], self.ending)
        return None if held is None else Level(held)

    @property
    def ending(self) -> doc.Ending:
        """How the subject's run ended, as the document says it."""
        return "harness error" if self.broken else "complete" if self.finished else "interrupted"

    @property
    def verdict(self) -> doc.Verdict:
        """certified, not certified, inconclusive, harness error or not run."""
        return units.verdict_of([unit.counts for unit in self.units], doc.Level(self.plan.level), self.ending)

    def why(self) -> str:
        """One sentence on a verdict that is not plain from its findings."""
        if self.reason:
            return self.reason
        reasons = [text for unit in self.units for text in unit.tally.domain.not_run]
        if self.verdict == "not run":
            return reasons[0] if reasons else "nothing was run"
        if self.verdict != "inconclusive":
            return ""
        if not self.finished:
            return "the run was stopped before it was complete"
        return next(self._shortcomings(reasons), "")

    def _shortcomings(self, reasons: list[str]) -> Iterator[str]:
        """Why a complete run is inconclusive, unit by unit."""
        for unit in self.units:
            name, counts = f"{unit.operation} in {unit.format}", unit.counts
            if not counts.run:
                yield f"{name} was not run: {reasons[0] if reasons else 'no case in the domain'}"
            elif undecided := counts.undecided(doc.Level(self.plan.level)):
                yield f"{undecided} checks of {name} stayed undecided"
            elif counts.unrefuted:
                outputs = " or ".join(counts.unrefuted)
                yield f"{outputs} would pass as {name} wherever the contract admits a call: that proves nothing"
            elif unit.level is None:
                yield f"no limit can tell {name} from a degenerate output: the contract is too loose"
