"""``softcert power``: the suite measured against its own gallery: what it catches, false alarms, time to first finding.

Defects run until their first finding (that is what a gate needs); variants run to the end, so that the diagnosis can
be judged as well; correct implementations run whole, and must hold the level that is expected of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from softcert.certification.certify import certify_one, certify_until_failed
from softcert.certification.plan import Plan
from softcert.commands import jobs as job_pool
from softcert.commands.job_process import DONE, Report
from softcert.commands.progress import Listener, Step
from softcert.diagnosis.diagnose import diagnose
from softcert.expected.reference import ReferenceCache
from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE, VARIANTS, Correct, Defect
from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.levels import Level
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole

PARTS = ("all", "defects", "variants", "degenerate", "correct")
_VARIANTS = "variants"
_CORRECT = "correct"
_TICK = 0.5  # seconds that this process waits for its jobs before it looks up
_BATCH = 8  # subjects that one process runs in a row: they share the exact results of their cases


@dataclass(frozen=True, kw_only=True)
class DefectResult:
    """One defect in one format: whether it was caught, how soon (seconds), and what it was named."""

    part: str
    name: str
    family: str
    operation: str
    format: str
    debated: bool
    killed: bool
    seconds: float | None = None
    finding: str = ""
    diagnosed: str | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectResult:
    """One correct implementation, operation and format: the level expected of it and the level that it held."""

    name: str
    operation: str
    format: str
    expected: str
    held: str | None
    finding: str = ""

    @property
    def false_alarm(self) -> bool:
        """Whether it holds less than the level that is expected of it."""
        return self.held is None or Level(self.held) < Level(self.expected)


@dataclass(frozen=True, kw_only=True)
class PowerResult:
    """The outcome of one measurement."""

    effort: str
    seed: int
    defects: tuple[DefectResult, ...]
    correct: tuple[CorrectResult, ...]

    @property
    def survivors(self) -> list[DefectResult]:
        """Undebated defects that were not caught."""
        return [d for d in self.defects if not d.killed and not d.debated]

    @property
    def false_alarms(self) -> list[CorrectResult]:
        """Correct implementations that were refused the level expected of them."""
        return [c for c in self.correct if c.false_alarm]

    @property
    def passed(self) -> bool:
        """Whether nothing survived and there was no false alarm."""
        return not self.survivors and not self.false_alarms and bool(self.defects or self.correct)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """One entry of the gallery in one format."""

    part: str
    number: int
    format: str
    effort: str
    seed: int


_GROUPS: dict[str, Sequence[Defect]] = {"defects": DEFECTS, "degenerate": DEGENERATE, _VARIANTS: VARIANTS}


def measure(
    effort: str,
    seed: int,
    family: str | None,
    part: str,
    listener: Listener | None = None,
    *,
    jobs: int | None = None,
) -> PowerResult:
    """Run the gallery, or a part of it, in processes of their own.

    Parameters
    ----------
    effort, seed
        As for `softcert.certify`.
    family
        Only the defects of this family; None for all.
    part
        One of `PARTS`.
    listener
        Told after each entry.
    jobs
        How many processes share the work; None for one a core.

    Raises
    ------
    UsageError
        For names that are not in the tables, and a number of jobs that is none.
    """
    if part not in PARTS:
        raise unknown("part", part, PARTS)
    families = dict.fromkeys(d.family for d in DEFECTS)
    if family is not None and family not in families:
        raise unknown("family", family, families)
    Plan.of(effort, seed=seed)
    batches = _batches(_tasks(effort, seed, family, part))
    count = job_pool.count(job_pool.cores() if jobs is None else jobs, 0.0, len(batches))
    measured = _forked(batches, count) if not job_pool.cannot_fork() else _spawned(batches, count)
    outcomes: dict[_Task, list[DefectResult | CorrectResult]] = {}
    tasks = [task for batch in batches for task in batch]
    for done, (task, outcome) in enumerate(measured, start=1):
        outcomes[task] = outcome
        if listener is not None:
            step = Step(
                subject="softcert power",
                operation=task.part,
                format=task.format,
                state="cases",
                done=done,
                total=len(tasks),
            )
            listener.step(step)
    ordered = [outcome for task in tasks for outcome in outcomes[task]]
    return PowerResult(
        effort=effort,
        seed=seed,
        defects=tuple(o for o in ordered if isinstance(o, DefectResult)),
        correct=tuple(o for o in ordered if isinstance(o, CorrectResult)),
    )


class _Batch:
    """Some entries that one process runs in a row; satisfies `softcert.commands.job_process.Group`."""

    def __init__(self, entries: Sequence[_Task]) -> None:
        self.entries = entries

    @property
    def tasks(self) -> int:
        return len(self.entries)

    @contextmanager
    def opened(self) -> Iterator[Callable[[int, Report], list[DefectResult | CorrectResult]]]:
        references = ReferenceCache()
        yield lambda number, report: _run(self.entries[number], references)

    def hand_over(self) -> None:
        """Do nothing: entries are opened in the process that runs them."""

    def ended(self) -> None:
        """Do nothing."""


Measured = Iterator[tuple[_Task, list[DefectResult | CorrectResult]]]
"""Entries with what came of them, in any order."""


def _forked(batches: Sequence[Sequence[_Task]], count: int) -> Measured:
    """Run batches in forks of this process: a model that keeps state, or fills the memory, harms its batch only."""
    with job_pool.Pool([_Batch(batch) for batch in batches], count, shared=False) as pool:
        while pool.running:
            pool.wait(_TICK)
            while pool.inbox:
                event = pool.inbox.popleft()
                if event.kind != DONE:
                    raise RuntimeError(f"{batches[event.group][event.task]}: {event.value}")
                yield batches[event.group][event.task], event.value


def _spawned(batches: Sequence[Sequence[_Task]], count: int) -> Measured:
    """Run batches in new interpreters, where this process cannot be forked."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        for outcomes in pool.map(_run_batch, batches):
            yield from outcomes


def _tasks(effort: str, seed: int, family: str | None, part: str) -> list[_Task]:
    """The entries to run, those of one format together where the order is free."""
    tasks = [
        _Task(part=name, number=k, format=format, effort=effort, seed=seed)
        for name, group in _GROUPS.items()
        if part in ("all", name)
        for k, defect in enumerate(group)
        if family in (None, defect.family)
        for format in defect.formats
    ]
    if part in ("all", _CORRECT) and family is None:
        by_format = sorted((format, k) for k, correct in enumerate(CORRECT) for format in correct.formats)
        tasks += [_Task(part=_CORRECT, number=k, format=format, effort=effort, seed=seed) for format, k in by_format]
    return tasks


def _batches(tasks: list[_Task]) -> list[list[_Task]]:
    return [tasks[k : k + _BATCH] for k in range(0, len(tasks), _BATCH)]


def _run_batch(batch: Sequence[_Task]) -> list[tuple[_Task, list[DefectResult | CorrectResult]]]:
    """Some entries one after the other; runs in a worker of the pool."""
    references = ReferenceCache()
    return [(task, _run(task, references)) for task in batch]


def _run(task: _Task, references: ReferenceCache) -> list[DefectResult | CorrectResult]:
    plan = Plan.of(task.effort, seed=task.seed, isolation="none")
    if task.part == _CORRECT:
        return list(_run_correct(CORRECT[task.number], task.format, plan, references))
    return [attempt(task.part, _GROUPS[task.part][task.number], task.format, plan, references)]


def attempt(
    part: str, defect: Defect, format: str, plan: Plan, references: ReferenceCache | None = None
) -> DefectResult:
    """Measure the suite against one defect in one format."""
    named = None
    implementation = defect.implementation(format)
    if part == _VARIANTS:
        result = certify_one(implementation, plan, references=references)
        diagnoses = diagnose(result, references).by_finding
        named = next((diagnoses[f.id].family for f in result.findings if f.id in diagnoses), None)
    else:
        result = certify_until_failed(implementation, plan, references=references)
    first = next(iter(result.findings), None)
    return DefectResult(
        part=part,
        name=defect.name,
        family=defect.family,
        operation=defect.operation,
        format=format,
        debated=defect.debated,
        killed=result.verdict == "not certified",
        seconds=result.seconds_to_first_finding,
        finding=f"{first.property_name}: {first.summary}" if first else "",
        diagnosed=named,
    )


def _run_correct(correct: Correct, format: str, plan: Plan, references: ReferenceCache) -> Iterator[CorrectResult]:
    result = certify_one(correct.implementation(format), plan, references=references)
    for unit in result.units:
        expected = correct.expected_level(unit.operation, format)
        broken = [v for v in unit.tally.tallies.violations.values() if v.level <= expected]
        text = f"{broken[0].property_name} ({broken[0].cause}) on {broken[0].candidates[0][0]}" if broken else ""
        yield CorrectResult(
            name=correct.name,
            operation=unit.operation,
            format=format,
            expected=expected,
            held=unit.level,
            finding=text,
        )


def by_family(results: Iterable[DefectResult]) -> dict[str, list[DefectResult]]:
    """The results of each family, families by name."""
    families: dict[str, list[DefectResult]] = {}
    for result in results:
        families.setdefault(result.family, []).append(result)
    return dict(sorted(families.items()))


def to_json(result: PowerResult) -> dict[str, Any]:
    """The figures as plain data."""
    return {
        "kind": "softcert-power",
        "effort": result.effort,
        "seed": result.seed,
        "defects": [asdict(d) for d in result.defects],
        "correct": [asdict(c) for c in result.correct],
        "passed": result.passed,
    }


def save(result: PowerResult, path: Path) -> None:
    """Write the figures whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(to_json(result), indent=1, sort_keys=True) + "\n")


def load(path: Path) -> doc.Power:
    """The figures of a file, as the report shows them; `UsageError` for a file that holds none."""
    try:
        return _power(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        why = f"cannot be read: {error.strerror}. Write it with `softcert power --json`"
        raise UsageError(f"power={str(path)!r} {why}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"power={str(path)!r} holds no figures of `softcert power --json`: {error}.") from None


def _power(data: Any) -> doc.Power:
    """The figures; plain data of another form raise an exception that `load` puts into words."""
    if data["kind"] != "softcert-power":
        raise ValueError(f"kind is {data['kind']!r}")
    result = PowerResult(
        effort=data["effort"],
        seed=data["seed"],
        defects=tuple(DefectResult(**d) for d in data["defects"]),
        correct=tuple(CorrectResult(**c) for c in data["correct"]),
    )
    if any(d.killed not in (True, False) for d in result.defects) or data["passed"] is not result.passed:
        raise ValueError("its parts contradict one another")
    families = tuple(
        doc.Killed(
            family=family,
            defects=len(members),
            killed=sum(d.killed for d in members),
            missed=tuple(f"{d.name} ({d.format})" for d in members if not d.killed),
        )
        for family, members in by_family(result.defects).items()
    )
    return doc.Power(
        families=families,
        correct=len(result.correct),
        false_alarms=tuple(f"{c.name} ({c.operation}, {c.format})" for c in result.correct if c.false_alarm),
        effort=result.effort,
        command="softcert power",
    )
