"""Certifying one subject: every claimed operation in every claimed format, then findings and the verdict.

Nothing here knows documents or pages. `Result` is what `softcert.api` shows to a caller and what
`softcert.results.document` writes down.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from softcert.cases import example_database
from softcert.cases.battery import EFFORTS, Effort, battery
from softcert.cases.case import Case
from softcert.engine import hill_climbing, hypothesis_search, repeatability
from softcert.engine.repeatability import Steadiness
from softcert.engine.session import Session
from softcert.engine.tally import Ledger
from softcert.executors import open_executor
from softcert.executors.protocol import Fault
from softcert.findings.collect import Found, gather
from softcert.properties.check import Check
from softcert.properties.table import LEVELS
from softcert.properties.trial import Caller
from softcert_implementations.contract import Terms
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError, unknown
from softcert_reports.document.records import Diagnosis

Progress = Callable[[str, str, str, int, int], None]
"""Called with subject, operation, format, cases done, cases in all."""


@dataclass(frozen=True)
class Plan:
    """How thoroughly to certify, for which level, from which seed; operations None means all that are claimed."""

    effort: Effort = EFFORTS["standard"]
    level: str = "stable"
    seed: int = 0
    isolation: str = "process"
    ops: tuple[str, ...] | None = None
    examples: Path | None = None

    @classmethod
    def of(
        cls, effort: str = "standard", level: str = "stable", seed: int = 0, isolation: str = "process",
        ops: object = None,
    ) -> Plan:  # fmt: skip
        """A plan from words. Raises `UsageError` for what is not in the tables."""
        if effort not in EFFORTS:
            raise unknown("effort", effort, EFFORTS)
        if level not in LEVELS:
            raise unknown("level", level, LEVELS)
        if isolation not in ("process", "none"):
            raise unknown("isolation", isolation, ("process", "none"))
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise UsageError(f"seed={seed!r}: give a whole number of at least 0.")
        names: tuple[str, ...] | None = None
        if ops is not None:
            given = (ops,) if isinstance(ops, str) else tuple(ops)  # type: ignore[arg-type]
            names = tuple(operations.lookup(o).name for o in given)
        return cls(EFFORTS[effort], level, seed, isolation, names)


@dataclass
class Result:
    """What certifying one subject brought: ledgers by (operation, format), findings, verdict."""

    implementation: Implementation
    plan: Plan
    ledgers: dict[tuple[str, str], Ledger] = field(default_factory=dict)
    terms: dict[tuple[str, str], Terms] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    calls: int = 0
    seconds_in_subject: float = 0.0
    seconds_to_first_finding: float | None = None
    reason: str = ""
    finished: bool = False
    interrupted: bool = False
    broken: bool = False
    elements_per_second: dict[tuple[str, str], float] = field(default_factory=dict)
    steadiness: dict[tuple[str, str], Steadiness] = field(default_factory=dict)
    diagnoses: dict[str, Diagnosis] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The subject's name."""
        return self.implementation.name

    def levels(self) -> dict[str, dict[str, str | None]]:
        """The level held, by operation and format."""
        table: dict[str, dict[str, str | None]] = {}
        for (operation, format), ledger in self.ledgers.items():
            table.setdefault(operation, {})[format] = ledger.held()
        return table

    def level(self) -> str | None:
        """The highest level that every operation holds in every format."""
        held = [level for by_format in self.levels().values() for level in by_format.values()]
        if not held or None in held or not self.finished:
            return None
        return min((h for h in held if h), key=LEVELS.index)

    @property
    def verdict(self) -> str:
        """certified, not certified, inconclusive, harness error or not run."""
        if self.broken:
            return "harness error"
        ledgers = [v for v in self.ledgers.values() if v.tallies]
        if any(ledger.failed(self.plan.level) for ledger in ledgers):
            return "not certified"
        if not ledgers:
            return "not run"
        level = self.level()
        if level is None or len(ledgers) < len(self.ledgers):
            return "inconclusive"
        enough = LEVELS.index(level) >= LEVELS.index(self.plan.level)
        return "certified" if enough else "inconclusive"

    def why(self) -> str:
        """One sentence on a verdict that is not plain from its findings."""
        if self.reason:
            return self.reason
        reasons = [text for ledger in self.ledgers.values() for text in ledger.not_run]
        if self.verdict == "not run":
            return reasons[0] if reasons else "nothing was run"
        if self.verdict != "inconclusive":
            return ""
        if not self.finished:
            return "the run was stopped before it was complete"
        for (operation, format), ledger in self.ledgers.items():
            if not ledger.tallies:
                return f"{operation} in {format} was not run: {reasons[0] if reasons else 'no case in the domain'}"
            if ledger.undecided(self.plan.level):
                return f"{ledger.undecided(self.plan.level)} checks of {operation} in {format} stayed undecided"
            if ledger.held() is None:
                return f"no limit can tell {operation} in {format} from a degenerate output: the contract is too loose"
        return ""


def certify_one(
    implementation: Implementation, plan: Plan, progress: Progress | None = None, until_failed: bool = False
) -> Result:
    """Certify every claimed operation and format of one subject. Ctrl-C ends it and keeps what is finished.

    ``until_failed`` ends each operation and format at its first finding, which is not shrunk (for `softcert power`).
    """
    result = Result(implementation, plan)
    pairs = claimed(implementation, plan)
    if not pairs:
        raise UsageError(
            f"{implementation.name!r} has none of the operations asked for ({', '.join(plan.ops or ())}); "
            f"it has {', '.join(implementation.ops)}."
        )
    for operation, format in pairs:
        result.ledgers[operation, format] = Ledger(operation, format)
        result.terms[operation, format] = implementation.contract.terms(operation, format)
    start = time.perf_counter()
    with open_executor(implementation, plan.isolation) as executor:
        caller = Caller(executor)
        try:
            for operation, format in pairs:
                _session(result, caller, operation, format, plan, progress, until_failed)
                if getattr(executor, "given_up", False):
                    result.reason = "given up: the subject ended its process again and again"
                    break
            result.finished = True
        except KeyboardInterrupt:
            result.reason, result.interrupted = "interrupted by the user", True
        except Exception as error:
            # A fault of ours: it must cost neither this subject's findings nor the other subjects' results.
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            result.reason, result.broken = f"the harness failed: {type(error).__name__}: {error}", True
        finally:
            result.calls, result.seconds_in_subject = caller.calls, caller.seconds
    firsts = [v.first_finding for v in result.ledgers.values() if v.first_finding is not None]
    if firsts:
        result.seconds_to_first_finding = min(firsts) - start
    return result


def failed_to_load(spec: str, op: str | None, plan: Plan, fault: Fault) -> Result:
    """The result of a subject that could not even be loaded: not certified, and why."""
    names = tuple(operations.lookup(o).name for o in op.split(",")) if op else ("softmax",)

    def absent(*arguments: object) -> None:
        raise RuntimeError(f"{spec} could not be loaded")

    implementation = Implementation(spec, dict.fromkeys(names, absent), spec=spec)
    result = Result(implementation, plan, reason=f"{fault.kind} {fault.message}", finished=True)
    for operation in names:
        ledger = Ledger(operation, implementation.dtypes[0])
        check = Check("completes", "sound", 1, 1, ratio=float("inf"), cause=fault.kind, message=fault.message)
        ledger.record(Case("loading", 0, 0, implementation.dtypes[0]), [check])
        result.ledgers[operation, implementation.dtypes[0]] = ledger
        result.terms[operation, implementation.dtypes[0]] = implementation.contract.terms(operation, "float32")
    return result


def claimed(implementation: Implementation, plan: Plan) -> list[tuple[str, str]]:
    """The pairs of operation and format to run, in the order of the tables."""
    names = [o for o in operations.OPERATIONS if o in implementation.ops and (plan.ops is None or o in plan.ops)]
    return [(o, f) for o in names for f in implementation.dtypes]


def _session(
    result: Result, caller: Caller, operation: str, format: str, plan: Plan, progress: Progress | None,
    until_failed: bool,
) -> None:  # fmt: skip
    implementation = result.implementation
    ledger, terms = result.ledgers[operation, format], result.terms[operation, format]
    others = {o: result.terms[o, f] for o, f in result.terms if f == format}
    session = Session(caller, operation, terms, ledger, others)
    place = (plan.examples, implementation.name, operation, format)
    cases = [*example_database.load(*place), *battery(operation, format, plan.effort, terms, plan.seed)]
    before_calls, before_seconds = caller.calls, caller.seconds

    def report(done: int, total: int) -> None:
        if progress is not None:
            progress(implementation.name, operation, format, done, total)

    try:
        session.run_battery(cases, report, plan.level if until_failed else None)
        if until_failed and ledger.failed(plan.level):
            return
        if ledger.tallies and operation in operations.CORE and not session.exhausted:
            session.run_relations(plan.effort, frozenset(others))
            if not ledger.failed(plan.level):
                hypothesis_search.explore(session, plan.effort.drawn, plan.seed, plan.level)
                hill_climbing.climb(session, plan.effort.climbs, plan.seed)
    finally:
        elements = ledger.elements_called
        seconds = caller.seconds - before_seconds
        if caller.calls > before_calls and seconds > 0:
            result.elements_per_second[operation, format] = elements / seconds
        found = gather(session, implementation, plan.level, small=not until_failed)
        if found and not until_failed and not session.exhausted:
            result.steadiness[operation, format] = repeatability.look(session)
        result.found += found
        example_database.save(*place, (f.case for f in found))
