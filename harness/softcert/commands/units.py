"""The units of one subject as tasks: each is certified, and its findings are diagnosed, in one place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from softcert.certification.certify import Report, SubjectRun
from softcert.certification.outcome import INTERRUPTED, Pair, Stopped, UnitOutcome, claimed, not_reached
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.diagnosis.on_demand import diagnose, with_contract_fields
from softcert.executors import factory
from softcert.expected.reference import ReferenceCache
from softcert_implementations.implementation import Implementation


@dataclass(frozen=True, eq=False, kw_only=True)
class DiagnosedUnit:
    """What came of one unit, with the diagnoses of its findings.

    Attributes
    ----------
    outcome, diagnoses
        The unit, and the diagnoses by finding.
    not_diagnosed
        Why there are none; "" where there are, or nothing is to be diagnosed.
    interrupted
        Why the run ends here although the unit is whole: a signal came during the diagnosis. "" where it goes on.
    """

    outcome: UnitOutcome
    diagnoses: Diagnoses = field(default_factory=Diagnoses)
    not_diagnosed: str = ""
    interrupted: str = ""


class SubjectUnits:
    """The units of one subject; satisfies `softcert.commands.job_process.Group`.

    Parameters
    ----------
    implementation, plan
        The subject, and what is asked for.
    references
        Exact results that are shared with other subjects.

    Raises
    ------
    UsageError
        Where the subject has none of the operations that the plan asks for.
    """

    def __init__(self, implementation: Implementation, plan: Plan, references: ReferenceCache) -> None:
        self.implementation, self.plan, self.references = implementation, plan, references
        self.pairs = claimed(implementation, plan)

    @property
    def tasks(self) -> int:
        """How many units there are."""
        return len(self.pairs)

    @contextmanager
    def opened(self) -> Iterator[Callable[[int, Report], DiagnosedUnit]]:
        """Open the subject's processes; what is given certifies and diagnoses the unit of a number."""
        with SubjectRun(self.implementation, self.plan, self.references) as run:
            yield lambda number, report: _diagnosed(run, self.pairs[number], report)

    def hand_over(self) -> None:
        """Leave the processes that described the subject to a fork of this one."""
        factory.hand_over(self.implementation)

    def ended(self) -> None:
        """Wait for the end of the processes that were handed over."""
        factory.await_end(self.implementation)

    def broken(self, number: int, reason: str) -> DiagnosedUnit:
        """The outcome of a unit that a failure of the harness has cost."""
        unit = not_reached(self.implementation, self.pairs[number])
        stopped = Stopped(f"the harness failed: {reason}", broken=True)
        return DiagnosedUnit(outcome=UnitOutcome(unit=unit, stopped=stopped))


def _diagnosed(run: SubjectRun, pair: Pair, report: Report) -> DiagnosedUnit:
    """Certify a unit and diagnose its findings; without diagnoses where that fails, since they decide nothing."""
    outcome = run.whole(pair, report)
    interrupted = outcome.stopped is not None and outcome.stopped.interrupted
    if interrupted or not outcome.unit.findings:
        return DiagnosedUnit(outcome=outcome)
    alone = Result(implementation=run.implementation, plan=run.plan, units=(outcome.unit,))
    try:
        diagnoses = with_contract_fields(alone, diagnose(alone, run.references), run.references)
        return DiagnosedUnit(outcome=outcome, diagnoses=diagnoses)
    except KeyboardInterrupt as stopped:
        return DiagnosedUnit(outcome=outcome, interrupted=str(stopped) or INTERRUPTED)
    except Exception as error:
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        return DiagnosedUnit(outcome=outcome, not_diagnosed=f"{type(error).__name__}: {error}")
