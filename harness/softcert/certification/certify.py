"""Certifying one subject: each claimed operation in each claimed format is run, then its findings are collected.

Ctrl-C ends the run at the call that is being made. What was recorded is kept; the stages after the run (shrinking,
repeated calls, the example database) are skipped, since they would call the subject again.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from softcert.cases import example_database
from softcert.cases.case import Case
from softcert.cases.claims import battery as claims
from softcert.certification import kind_trials
from softcert.certification.contract_effect import ContractEffect, contract_effect
from softcert.certification.observability import Observer
from softcert.certification.outcome import (
    FAILED_FAST,
    INTERRUPTED,
    Pair,
    Stopped,
    UnitOutcome,
    assemble,
    claimed,
    ended_by,
)
from softcert.certification.plan import Plan
from softcert.certification.result import Result, UnitResult
from softcert.certification.selection import Selection
from softcert.engine.caller import Caller
from softcert.engine.repeatability import classify_nondeterminism
from softcert.engine.session import Session
from softcert.engine.tallies import Violation
from softcert.engine.tally import RunTally
from softcert.executors import open_executor, sources
from softcert.executors.protocol import Fault
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import collect, collect_unshrunk
from softcert.properties.check import refused
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations


class Report(Protocol):
    """Called with the cases done and all cases of one unit, and once with what its first finding is."""

    def __call__(self, done: int, total: int, finding: str = "", /) -> None:
        """Take note."""


Progress = Callable[[str, str, str, int, int], None]
"""Called with subject, operation, format, cases done, cases in all."""


def certify_one(
    implementation: Implementation,
    plan: Plan,
    progress: Progress | None = None,
    references: ReferenceCache | None = None,
) -> Result:
    """Certify every claimed operation and format of one subject.

    Parameters
    ----------
    implementation
        The subject.
    plan
        Effort, level, seed, isolation and operations.
    progress
        Told after each case.
    references
        Exact results that are shared with other subjects of the same run.

    Returns
    -------
    The result. Ctrl-C and failures of the harness end the run; both are said in it, and what is finished is kept.

    Raises
    ------
    UsageError
        Where the subject has none of the operations that the plan asks for, or cannot be resolved.
    """
    with SubjectRun(implementation, plan, references) as run:
        return _in_order(run, run.whole, progress)


def certify_until_failed(
    implementation: Implementation,
    plan: Plan,
    progress: Progress | None = None,
    references: ReferenceCache | None = None,
) -> Result:
    """As `certify_one`, but each operation and format ends at its first finding, which is not shrunk."""
    with SubjectRun(implementation, plan, references) as run:
        return _in_order(run, run.until_failed, progress)


def _in_order(run: SubjectRun, run_unit: Callable[[Pair, Report], UnitOutcome], progress: Progress | None) -> Result:
    """Run the units one after the other, until one of them ends the subject's run."""
    start = time.perf_counter()
    outcomes: list[UnitOutcome] = []
    for operation, format in run.pairs:
        outcomes.append(run_unit((operation, format), _reporting(progress, run, operation, format)))
        if ended_by(outcomes) is not None:
            break
    return assemble(run.implementation, run.plan, outcomes, start)


def _reporting(progress: Progress | None, run: SubjectRun, operation: str, format: str) -> Report:
    def report(done: int, total: int, finding: str = "") -> None:
        if progress is not None:
            progress(run.implementation.name, operation, format, done, total)

    return report


def failed_to_load(spec: str, op: str | None, plan: Plan, fault: Fault) -> Result:
    """The result of a subject that could not be loaded: not certified, with the reason."""
    names = tuple(operations.lookup(o).name for o in op.split(",")) if op else ("softmax",)

    def absent(*arguments: object) -> None:
        raise RuntimeError(f"{spec} could not be loaded")

    implementation = Implementation(spec, dict.fromkeys(names, absent), "float32", spec=spec)
    format = implementation.dtypes[0]
    units = []
    for operation in names:
        tally = RunTally(operation, format)
        check = refused("completes", cause=str(fault.kind), message=fault.message)
        tally.record_checks(Case.of("loading", 0, 0, format), (check,))
        terms = implementation.contract.terms(operation, "float32")
        units.append(UnitResult(operation=operation, format=format, terms=terms, tally=tally))
    return Result(
        implementation=implementation,
        plan=plan,
        units=tuple(units),
        reason=f"{fault.kind} {fault.message}",
        finished=True,
    )


class SubjectRun:
    """The run of one subject in this process, unit by unit; a context manager, which ends the subject's processes.

    Each unit begins with a fresh process of the subject and counts of its own, so that a unit's outcome does not depend
    on which units were run before it, or whether they were run elsewhere.

    Parameters
    ----------
    implementation, plan, references
        As for `certify_one`.

    Raises
    ------
    UsageError
        Where the subject has none of the operations that the plan asks for, or cannot be resolved.
    """

    def __init__(self, implementation: Implementation, plan: Plan, references: ReferenceCache | None = None) -> None:
        self.implementation, self.plan = implementation, plan
        self.selection = Selection(plan.properties)
        self.references = ReferenceCache() if references is None else references
        self.pairs = claimed(implementation, plan)
        self.terms = {pair: implementation.contract.terms(*pair) for pair in self.pairs}
        self._executor = open_executor(implementation, plan.isolation)
        self._fresh = True

    def __enter__(self) -> SubjectRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.close()

    def whole(self, pair: Pair, report: Report) -> UnitOutcome:
        """Run one unit to its end, or with a plan that fails fast to its first finding, and collect its findings."""
        return self._unit(pair, lambda caller, session: _whole(self, caller, session, report))

    def until_failed(self, pair: Pair, report: Report) -> UnitOutcome:
        """Run one unit to its first finding, which is not shrunk."""
        return self._unit(pair, lambda caller, session: _until_failed(self, caller, session, report))

    def _unit(self, pair: Pair, run_unit: Callable[[Caller, Session], UnitResult]) -> UnitOutcome:
        """Run one unit. Ctrl-C and failures of the harness end it; what it has found so far is kept."""
        if not self._fresh:
            self._executor.renew()
        self._fresh = False
        caller = Caller(self._executor)
        session = self._session(caller, pair)
        stopped: Stopped | None = None
        try:
            unit = run_unit(caller, session)
        except KeyboardInterrupt as stop:
            stopped = Stopped(str(stop) or INTERRUPTED, interrupted=True)
        except Exception as error:
            # A fault of ours: it must cost neither this subject's findings nor the other subjects' results.
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            stopped = Stopped(f"the harness failed: {type(error).__name__}: {error}", broken=True)
        if stopped is not None:
            unit = self._as_it_stands(session)
        elif self.plan.fail_fast and unit.findings:
            stopped = Stopped(FAILED_FAST)
        return UnitOutcome(
            unit=unit, calls=caller.calls, seconds=caller.seconds, dying=session.control.dying, stopped=stopped
        )

    def _session(self, caller: Caller, pair: Pair) -> Session:
        operation, format = pair
        return Session(
            caller=caller,
            operation=operation,
            terms=self.terms[pair],
            references=self.references,
            partners={o: terms for (o, f), terms in self.terms.items() if f == format},
            tally=RunTally(operation, format),
            observer=self._observer(operation),
        )

    def _observer(self, operation: str) -> Observer | None:
        """What writes down each judged call, where the plan names a file for that."""
        path = self.plan.observations
        if path is None:
            return None
        return Observer(path=path, subject=self.implementation.name, operation=operation, level=self.plan.level)

    def cases(self, session: Session) -> list[Case]:
        """The cases of a unit: earlier witnesses where the user keeps them, then the battery."""
        plan, format = self.plan, session.terms.format
        remembered = example_database.load(plan.examples, self.implementation.name, session.operation, format)
        made = self.references.cases.battery(session.operation, format, plan.effort, session.terms, plan.seed)
        claimed = claims.cases(session.operation, session.terms, plan.seed)
        return self.selection.cases([*remembered, *made, *claimed])

    def failed(self, session: Session) -> bool:
        """Whether anything that is asked for is violated."""
        return self.selection.failure(session.tally.tallies, self.plan.level) is not None

    def effect(self, session: Session) -> ContractEffect:
        """What the contract leaves of a unit."""
        plan = self.plan
        return contract_effect(session.operation, session.terms, plan.effort, plan.level, plan.seed, self.references)

    def _as_it_stands(self, session: Session) -> UnitResult:
        """A unit whose run was stopped: the findings so far, without a further call."""
        self.selection.keep(session.tally.tallies)
        findings = collect_unshrunk(session, self.implementation.name, self.plan.level)
        return UnitResult(
            operation=session.operation,
            format=session.terms.format,
            terms=session.terms,
            tally=session.tally,
            findings=tuple(findings),
        )


def _whole(run: SubjectRun, caller: Caller, session: Session, report: Report) -> UnitResult:
    """Run one unit to its end, then collect its findings."""
    effect = run.effect(session)
    before = caller.seconds
    _run_battery(run, session, report, fail_fast=run.plan.fail_fast)
    if not (run.plan.fail_fast and run.failed(session)):
        _explore(run, session)
    run.selection.keep(session.tally.tallies)
    elements = session.tally.domain.elements
    seconds = caller.seconds - before
    findings = collect(session, run.implementation.name, run.plan.level)
    if not (findings or run.plan.properties or session.control.exhausted):
        kind_trials.try_unclaimed(session)
    repeats = bool(findings) and not session.control.exhausted
    unit = UnitResult(
        operation=session.operation,
        format=session.terms.format,
        terms=session.terms,
        tally=session.tally,
        findings=tuple(findings),
        effect=effect,
        repeatability=classify_nondeterminism(session) if repeats else None,
        elements_per_second=elements / seconds if seconds > 0 else None,
    )
    place = (run.plan.examples, run.implementation.name, session.operation, session.terms.format)
    example_database.save(*place, (f.case for f in findings))
    return unit


def _until_failed(run: SubjectRun, caller: Caller, session: Session, report: Report) -> UnitResult:
    """Run one unit until something fails at the asked level."""
    effect = run.effect(session)
    _run_battery(run, session, report, fail_fast=True)
    if not run.failed(session):
        _explore(run, session)
    run.selection.keep(session.tally.tallies)
    findings = collect_unshrunk(session, run.implementation.name, run.plan.level)
    return UnitResult(
        operation=session.operation,
        format=session.terms.format,
        terms=session.terms,
        tally=session.tally,
        findings=tuple(findings),
        effect=effect,
    )


def _run_battery(run: SubjectRun, session: Session, report: Report, fail_fast: bool) -> None:
    """Run the cases of a unit, all or up to its first finding, which is reported at once."""
    violations = session.tally.tallies.violations
    cases = run.cases(session)
    known, told = 0, False
    for _ in session.run_battery(cases, report):
        if told or len(violations) == known:
            continue
        known = len(violations)
        found = run.selection.failure(session.tally.tallies, run.plan.level)
        if found is None:
            continue
        told = True
        report(0, len(cases), _as_text(found))
        if fail_fast:
            return
    _call_after_rest(session, cases)


def _call_after_rest(session: Session, cases: Sequence[Case]) -> None:
    """Call a subject that has left something running once more after a rest: what that writes to results is seen."""
    left = any(kind in ("thread", "process") for kind, _ in session.tally.observations)
    inputs = session.admit(cases[0]) if cases else ""
    if left and not isinstance(inputs, str) and not session.control.exhausted:
        time.sleep(_REST)
        session.run(inputs)


_REST = 0.5
"""Seconds: subjects write late by timers and threads that wait for the next call, which comes at once."""


def _as_text(violation: Violation) -> str:
    """A violation with the case that shows it, before it is shrunk."""
    case, _ = violation.candidates[0]
    size = f"{case.rows_count} x {case.classes}"
    return f"{violation.property_name} fails ({violation.cause}) on {case.regime}, {size} logits"


def _explore(run: SubjectRun, session: Session) -> None:
    """Relations, then drawn cases where nothing has failed yet."""
    from softcert.engine import hill_climbing, hypothesis_search  # and Hypothesis, while the subject's process runs

    plan = run.plan
    if (
        not (session.tally.tallies or plan.properties)
        or session.operation not in operations.CORE
        or session.control.exhausted
    ):
        return
    if run.selection.relations:
        session.run_relations(plan.effort)
    if run.failed(session) or not run.selection.searches:
        return
    seed = _own_seed(plan.seed, run.implementation)
    hypothesis_search.explore(session, examples=plan.effort.hypothesis_examples, seed=seed, level=plan.level)
    hill_climbing.climb(session, steps=plan.effort.hill_climb_steps, seed=seed)


def _own_seed(seed: int, implementation: Implementation) -> int:
    """The seed of what is drawn: from the run's and the subject's source.

    The battery is the same for all subjects, so that a table of its inputs could be made in advance. A table within
    the source changes the source, and with it what is drawn.
    """
    return zlib.crc32(f"{seed} {sources.digest(implementation)}".encode())
