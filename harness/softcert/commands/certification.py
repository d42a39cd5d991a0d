"""The certification of several subjects, in this process or in several: what comes of it is the same.

Outcomes are kept by subject and unit. Results are put together from them in the order of subjects and units, so nothing
depends on which unit was done first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from softcert.certification.outcome import assemble, ended_by
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.commands import jobs
from softcert.commands.job_process import DONE, FAILED, REPORT
from softcert.commands.progress import Listener, Step, ticking
from softcert.commands.units import DiagnosedUnit, SubjectUnits
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.diagnosis.on_demand import carried
from softcert.expected.reference import ReferenceCache
from softcert.results.document import DiagnosedResult
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

_TICK = 0.5  # seconds that this process waits for its jobs before it looks up
_LAST_WORD = 10.0  # seconds that stopped jobs have to send what they have
_WORK = {"quick": 1.0, "standard": 6.0, "thorough": 40.0}
"""What a unit of each effort costs, in quick ones."""


class _Subject:
    """A subject of the run, and what has come of it."""

    def __init__(self, given: Implementation | Result) -> None:
        self.given = given
        self.units: SubjectUnits | None = None
        self.broken = ""
        self.outcomes: list[DiagnosedUnit | None] = []
        self.start = 0.0

    def result(self, plan: Plan) -> DiagnosedResult | None:
        """The result with its diagnoses; None where nothing has come of the subject."""
        if isinstance(self.given, Result):
            return DiagnosedResult(self.given) if self.start else None
        if self.broken:
            reason = f"the harness failed: {self.broken}"
            return DiagnosedResult(Result(implementation=self.given, plan=plan, reason=reason, broken=True))
        if not any(self.outcomes):
            return None
        outcomes = [None if o is None else o.outcome for o in self.outcomes]
        result = assemble(self.given, plan, outcomes, self.start)
        end = ended_by(outcomes)
        done = [o for o in self.outcomes[: len(outcomes) if end is None else end[0]] if o is not None]
        diagnoses = Diagnoses(
            by_finding={k: v for o in done for k, v in o.diagnoses.by_finding.items()},
            failures={k: v for o in done for k, v in o.diagnoses.failures.items()},
        )
        if why := next((o.not_diagnosed for o in done if o.not_diagnosed), ""):
            result = replace(result, reason=result.reason or f"the findings were not diagnosed: {why}")
        return DiagnosedResult(result, carried(result, diagnoses))


class Certification:
    """The certification of some subjects.

    Parameters
    ----------
    plan
        What is asked for.
    subjects
        Described subjects, and results of those that could not be loaded.
    listener
        Told what goes on.

    Raises
    ------
    UsageError
        Where the first subject has none of the operations that the plan asks for.
    """

    def __init__(self, plan: Plan, subjects: Sequence[Implementation | Result], listener: Listener) -> None:
        self.plan, self.listener = plan, listener
        self._subjects = [_Subject(subject) for subject in subjects]
        references = ReferenceCache()
        for number, subject in enumerate(self._subjects):
            if isinstance(subject.given, Result):
                continue
            try:
                subject.units = SubjectUnits(subject.given, plan, references)
                subject.outcomes = [None] * subject.units.tasks
            except UsageError as error:
                if number == 0:
                    raise
                subject.broken = f"{type(error).__name__}: {error}"

    @property
    def units(self) -> int:
        """How many units there are."""
        return sum(len(subject.outcomes) for subject in self._subjects)

    @property
    def work(self) -> float:
        """What they cost, in quick units."""
        return self.units * _WORK[self.plan.effort.name]

    def results(self) -> list[DiagnosedResult]:
        """What has come of the subjects, in their order, up to one that ends the run."""
        results: list[DiagnosedResult] = []
        for subject in self._subjects:
            made = subject.result(self.plan)
            if made is not None:
                results.append(made)
                if made.result.ended_run and self.plan.fail_fast:
                    break
        return results

    def run(self, count: int) -> None:
        """Run the units, so many at once.

        Raises
        ------
        KeyboardInterrupt
            Where the user stops the run; what is finished is kept.
        UsageError
            Where the first subject cannot be run at all.
        """
        if count > 1:
            self._run_parallel(count)
        else:
            with ticking(self.listener, on=self.plan.isolation != "none"):
                self._run_here()

    def _run_here(self) -> None:
        for number, subject in enumerate(self._subjects):
            subject.start = time.perf_counter()
            if subject.units is None:
                continue
            try:
                with subject.units.opened() as run_unit:
                    for task in range(subject.units.tasks):
                        self._tell(number, task, "started")
                        done = run_unit(task, _Reporter(self, number, task))
                        if self._record(number, task, done):
                            break
            except Exception as error:
                wrong_use = isinstance(error, UsageError) and number == 0
                if wrong_use or os.environ.get("SOFTCERT_DEBUG"):
                    raise
                subject.broken = f"{type(error).__name__}: {error}"
            if self._run_ends(number):
                break

    def _run_ends(self, number: int) -> bool:
        made = self._subjects[number].result(self.plan)
        return made is not None and made.result.ended_run

    def _record(self, number: int, task: int, done: DiagnosedUnit) -> bool:
        """Keep the outcome of a unit; whether it ends its subject's run, as far as is known."""
        subject = self._subjects[number]
        subject.outcomes[task] = done
        if done.interrupted:
            raise KeyboardInterrupt(done.interrupted)
        self._tell(number, task, "done", text=_in_words(done, self.plan))
        return self._end(subject) is not None

    def _end(self, subject: _Subject) -> int | None:
        """How many units belong to a subject's run, where it ends before the last one as far as is known."""
        known = [None if o is None else o.outcome for o in subject.outcomes]
        first = known.index(None) if None in known else len(known)
        if (end := ended_by(known[:first])) is not None:
            return end[0]
        return next((k + 1 for k, o in enumerate(known) if o is not None and o.stopped is not None), None)

    def _tell(self, number: int, task: int, state: str, done: int = 0, total: int = 0, text: str = "") -> None:
        units = self._subjects[number].units
        assert units is not None
        operation, format = units.pairs[task]
        self.listener.step(
            Step(
                subject=units.implementation.name,
                operation=operation,
                format=format,
                state=state,  # type: ignore[arg-type] # one of the four words
                done=done,
                total=total,
                text=text,
            )
        )

    def report(self, number: int, task: int, done: int, total: int, finding: str) -> None:
        """Pass on how far a unit is, or its first finding."""
        self._tell(number, task, "finding" if finding else "cases", done, total, finding)

    def _run_parallel(self, count: int) -> None:
        _load_once()
        numbers = [number for number, subject in enumerate(self._subjects) if subject.units is not None]
        for subject in self._subjects:
            subject.start = time.perf_counter()
        groups = [self._subjects[number].units for number in numbers]
        with jobs.Pool([group for group in groups if group is not None], count) as pool:
            try:
                while pool.running:
                    pool.wait(_TICK)
                    self._handle(pool, numbers)
                    self.listener.tick()
            except KeyboardInterrupt:
                pool.stop()
                self._collect(pool, numbers)
                raise

    def _collect(self, pool: jobs.Pool, numbers: Sequence[int]) -> None:
        """Take what stopped jobs still send."""
        deadline = time.monotonic() + _LAST_WORD
        while pool.running and time.monotonic() < deadline:
            pool.wait(_TICK)
            for event in pool.inbox:
                if event.kind == DONE:
                    self._subjects[numbers[event.group]].outcomes[event.task] = event.value
            pool.inbox.clear()

    def _handle(self, pool: jobs.Pool, numbers: Sequence[int]) -> None:
        while pool.inbox:
            event = pool.inbox[0]
            number = numbers[event.group]
            subject = self._subjects[number]
            if event.kind == REPORT:
                self.report(number, event.task, *event.value)
            else:
                if event.kind != DONE and subject.outcomes[event.task] is None:
                    self._lost(number, event)
                elif event.kind == DONE:
                    self._record(number, event.task, event.value)
                self._skip(pool, numbers, event.group)
            pool.inbox.popleft()

    def _skip(self, pool: jobs.Pool, numbers: Sequence[int], group: int) -> None:
        """Do nothing of what comes after the end of a subject's run, or of the whole run."""
        end = self._end(self._subjects[numbers[group]])
        if end is None:
            return
        pool.skip(group, end)
        if self.plan.fail_fast and self._run_ends(numbers[group]):
            for later in range(group + 1, len(numbers)):
                pool.skip(later)

    def _lost(self, number: int, event: jobs.Event) -> None:
        """Record that a job failed or died."""
        subject = self._subjects[number]
        assert subject.units is not None
        if event.kind == FAILED:
            name, text = event.value
            if name == UsageError.__name__ and number == 0 and not any(subject.outcomes):
                raise UsageError(text)
            reason = f"{name}: {text}"
        else:
            reason = event.value
        if event.task >= 0:
            subject.outcomes[event.task] = subject.units.broken(event.task, reason)


class _Reporter:
    """Passes on the reports of a unit that runs in this process."""

    def __init__(self, certification: Certification, number: int, task: int) -> None:
        self._certification, self._number, self._task = certification, number, task

    def __call__(self, done: int, total: int, finding: str = "") -> None:
        self._certification.report(self._number, self._task, done, total, finding)


def _in_words(done: DiagnosedUnit, plan: Plan) -> str:
    """How a unit came out."""
    unit = done.outcome.unit
    if done.outcome.stopped is not None and done.outcome.stopped.broken:
        return done.outcome.stopped.reason
    if unit.findings:
        return f"{len(unit.findings)} findings" if len(unit.findings) > 1 else "1 finding"
    return f"holds {unit.level}" if unit.level is not None else "nothing is proven"


def _load_once() -> None:
    """Load what every job needs before the first fork, so that they share it."""
    from softcert.engine import hill_climbing, hypothesis_search  # noqa: F401
