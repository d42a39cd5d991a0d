"""From the outcomes of a subject's units to its result. The units may have been run in any order, in any processes.

What ends a subject's run is decided here, from the outcomes in the order of the units: units behind that end count as
not reached, also where another process has run them meanwhile. So the result is the same for any number of jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softcert.certification.plan import Plan
from softcert.certification.result import Result, UnitResult
from softcert.certification.selection import Selection
from softcert.engine.tally import RunTally
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

INTERRUPTED = "interrupted by the user"
"""Why a run ended early, where the interruption itself does not say it."""

FAILED_FAST = "ended at the first finding, as asked for (fail fast)"
"""Why a run ended early that was to end at its first finding."""

_GIVEN_UP = "given up: the subject ended its process again and again"


@dataclass(frozen=True)
class Stopped:
    """How a run ended before its end."""

    reason: str
    interrupted: bool = False
    broken: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class UnitOutcome:
    """What came of one unit.

    Attributes
    ----------
    unit
        Its result; of a unit that was stopped, as it stood then.
    calls, seconds
        How often the subject was called, and the time its own functions took.
    dying
        Whether the subject ended its process in each of the last calls.
    stopped
        Why the subject's run ends with this unit; None where it goes on.
    """

    unit: UnitResult
    calls: int = 0
    seconds: float = 0.0
    dying: bool = False
    stopped: Stopped | None = None


def only(properties: Sequence[str]) -> str:
    """Why a run of some properties is not complete."""
    return f"only {', '.join(properties)} {'was' if len(properties) == 1 else 'were'} checked, as asked for"


Pair = tuple[str, str]
"""Operation and format: a unit of a subject."""


def claimed(implementation: Implementation, plan: Plan) -> list[Pair]:
    """The pairs of operation and format to run, in the order of the tables.

    Raises
    ------
    UsageError
        Where the subject has none of the operations that the plan asks for.
    """
    offered = [o for o in operations.OPERATIONS if o in implementation.ops and (plan.ops is None or o in plan.ops)]
    names = Selection(plan.properties).operations(offered)
    if offered and not names:
        raise UsageError(f"{', '.join(plan.properties or ())}: no property of {', '.join(offered)}.")
    if not names:
        raise UsageError(
            f"{implementation.name!r} has none of the operations asked for ({', '.join(plan.ops or ())}); "
            f"it has {', '.join(implementation.ops)}."
        )
    return [(o, f) for o in names for f in implementation.dtypes if plan.units is None or (o, f) in plan.units]


def ended_by(outcomes: Sequence[UnitOutcome | None]) -> tuple[int, Stopped | None] | None:
    """How many units belong to a subject's run, where it ends before the last one, and why.

    The run ends at a unit that was stopped, and at the second of two units in a row in which the subject ended its
    process in each of the last calls: it is given up then, which counts as a whole run (None for the reason). It also
    ends before a unit that has no outcome. None where nothing ends it.
    """
    dying = False
    for count, outcome in enumerate(outcomes):
        if outcome is None:
            return count, Stopped(INTERRUPTED, interrupted=True)
        if outcome.stopped is not None:
            return count + 1, outcome.stopped
        if outcome.dying and dying:
            return count + 1, None
        dying = outcome.dying
    return None


def assemble(
    implementation: Implementation, plan: Plan, outcomes: Sequence[UnitOutcome | None], start: float
) -> Result:
    """The result of a subject.

    Parameters
    ----------
    implementation, plan
        The subject, and what was asked for.
    outcomes
        Those of its first units, in their order.
    start
        When its run began, by `time.perf_counter`.
    """
    pairs = claimed(implementation, plan)
    end = ended_by(outcomes)
    count, stopped = end if end is not None else (len(outcomes), None)
    given_up = end is not None and stopped is None
    if stopped is None and plan.properties is not None:
        stopped = Stopped(only(plan.properties))
    done = [outcome for outcome in outcomes[:count] if outcome is not None]
    units = [outcome.unit for outcome in done]
    return Result(
        implementation=implementation,
        plan=plan,
        units=(*units, *(not_reached(implementation, pair) for pair in pairs[count:])),
        calls=sum(outcome.calls for outcome in done),
        seconds_in_subject=sum(outcome.seconds for outcome in done),
        seconds_to_first_finding=_first_finding(units, start),
        reason=stopped.reason if stopped else _GIVEN_UP if given_up else "",
        finished=stopped is None,
        interrupted=stopped is not None and stopped.interrupted,
        broken=stopped is not None and stopped.broken,
        ended_run=end is not None and stopped is not None and not stopped.broken,
    )


def not_reached(implementation: Implementation, pair: Pair) -> UnitResult:
    """A unit of which nothing was run."""
    operation, format = pair
    terms = implementation.contract.terms(operation, format)
    return UnitResult(operation=operation, format=format, terms=terms, tally=RunTally(operation, format))


def _first_finding(units: Iterable[UnitResult], start: float) -> float | None:
    times = [unit.tally.tallies.first_finding for unit in units]
    return min((t - start for t in times if t is not None), default=None)
