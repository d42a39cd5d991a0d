"""``softcert prove``, ``merge`` and the rerun of a proof: plans, engines and files put together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from softcert.proofs import engine, prove
from softcert.proofs.plan import Subject, plan_of, subject_of
from softcert_oracle.errors import UsageError
from softcert_reports.proofs.files import load
from softcert_reports.proofs.merge import merged
from softcert_reports.proofs.record import ProofPart


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks to have proved, as the command line and the Python interface give it."""

    spec: Any
    operation: str | None
    format: str
    classes: int
    shape: str = "all"
    level: str = "stable"
    rows_per_call: int | None = None
    shard: str | None = None
    arrays: str | None = None
    contract: Any = None
    isolation: str = "process"

    @property
    def how(self) -> dict[str, Any]:
        """The keywords of the description of the subject."""
        return {k: v for k, v in (("arrays", self.arrays), ("contract", self.contract)) if v is not None}


def run(
    asked: Asked,
    *,
    results: Path | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    executor: Any = None,
    told: Callable[[prove.Step], None] = lambda _: None,
    lost: Callable[[str], None] = lambda _: None,
) -> ProofPart:
    """Prove, or go on with what ``results`` holds.

    Parameters
    ----------
    asked
        The subject, the inputs and the level.
    results
        The file of the part: it is read first and written as the run goes on.
    jobs, scheduler, executor
        How many processes; a Dask scheduler; a `concurrent.futures.Executor`. A subject without a SPEC runs from this
        process alone.
    told, lost
        Hear of every leaf, and of lost processes.

    Raises
    ------
    UsageError
        For what is no subject, no shape or no shard.
    ProofStoppedError
        From `softcert.proofs.leaves`, where the subject gives no result.
    """
    if jobs is not None and (isinstance(jobs, bool) or jobs < 1):
        raise UsageError(f"jobs={jobs!r}: give at least 1.")
    subject = _subject(asked)
    spec = asked.spec if isinstance(asked.spec, str) else subject.implementation.spec
    plan = plan_of(subject, spec, level=asked.level, rows_per_call=asked.rows_per_call)
    numbers = prove.shard_of(plan, asked.shard)
    start = prove.resumed(plan, results)
    todo = prove.todo(start, numbers)
    count = min(engine.cores() if jobs is None else jobs, max(len(todo), 1))
    if executor is not None or scheduler is not None or (count > 1 and isinstance(asked.spec, str)):
        if not isinstance(asked.spec, str):
            raise UsageError(f"{subject.implementation.name} is no SPEC: only a SPEC can be run by other processes.")
        task = engine.Task(plan=plan, spec=asked.spec, how=tuple(asked.how.items()))
        parts = prove.on_engine(task, todo, _engine(count, scheduler, executor), lost)
    else:
        parts = prove.here(plan, todo, subject, asked.isolation)
    return prove.run(parts, start, numbers, path=results, told=told)


def _subject(asked: Asked) -> Subject:
    return subject_of(
        asked.spec,
        asked.operation,
        asked.format,
        asked.classes,
        shape=asked.shape,
        isolation=asked.isolation,
        **asked.how,
    )


def _engine(jobs: int, scheduler: str | None, executor: Any) -> Callable[[], Any]:
    if executor is not None:
        return lambda: _Kept(executor)
    return engine.processes(jobs) if scheduler is None else engine.dask(scheduler, jobs)


class _Kept:
    """Somebody else's executor as a context manager that does not shut it down."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def __enter__(self) -> Any:
        return self._executor

    def __exit__(self, *_: object) -> None:
        return None


def merge(paths: Sequence[Path]) -> ProofPart:
    """The parts in files, put together.

    Raises
    ------
    DocumentError
        For files that are broken or changed, of different proofs, or with rows in common.
    """
    return reduce(merged, (load(path) for path in paths))


def rerun(part: ProofPart, count: int, seed: int, *, spec: str | None = None) -> tuple[list[str], list[str]]:
    """Run some leaves of a part again, drawn at random.

    Parameters
    ----------
    part
        The part.
    count, seed
        How many leaves, and what they are drawn by.
    spec
        What is run in place of the SPEC that the part names.

    Returns
    -------
    What differs, one sentence each, and notes.
    """
    plan = part.plan
    if not count >= 1:
        raise UsageError(f"--leaves {count}: give at least 1.")
    subject = subject_of(
        spec or plan.spec, plan.operation, plan.format, plan.classes, shape=plan.shape, **_contract(plan.contract)
    )
    again = plan_of(subject, plan.spec, level=plan.level, rows_per_call=plan.rows_per_call)
    problems = [] if again.source_digest == plan.source_digest else [f"{plan.subject}: its source was changed"]
    drawn = random.Random(seed).sample(part.leaves, min(count, len(part.leaves)))
    numbers = sorted(leaf.number for leaf in drawn)
    stated = {leaf.number: leaf.digest for leaf in drawn}
    for new in prove.here(plan, numbers, subject):
        (leaf,) = new.leaves
        if leaf.digest != stated[leaf.number]:
            problems.append(
                f"leaf {leaf.number}: the rerun has the digest {leaf.digest}, the proof {stated[leaf.number]}"
            )
    return problems, [f"run again: leaves {', '.join(map(str, numbers))} of {plan.leaves}, drawn by seed {seed}"]


def _contract(text: str) -> dict[str, Any]:
    import json

    given = json.loads(text)
    return {"contract": given} if given else {}
