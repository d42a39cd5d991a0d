"""The suite measured on mutants: sources with one change, which nobody wrote and nobody looked at.

A mutant that is not certified is caught. One that is certified is tried on the pool (`softcert.power.pool`): if it
leaves its limit there, it is a defect that escaped; if not, the change counts as changing nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from softcert.cases.battery import BATTERY_VERSION
from softcert.certification.certify import Progress, certify_until_failed
from softcert.certification.plan import Plan
from softcert.certification.result import Result
from softcert.executors import describe
from softcert.executors.process import LoadError
from softcert.expected.reference import ReferenceCache
from softcert.power import parallel, user_file
from softcert.power.mutant_file import copy_of
from softcert.power.mutations import Mutation, mutated, mutations
from softcert.power.originals import Candidate, Original, gallery, text
from softcert.power.pool import POOL_VERSION, Pool
from softcert.power.stand_in import kept, stand_in
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

CAUGHT, ESCAPED, EQUIVALENT, UNDECIDED = "caught", "escaped", "equivalent", "undecided"
OUTCOMES = (CAUGHT, ESCAPED, EQUIVALENT, UNDECIDED)
"""Not certified; certified though it leaves its limit; certified and right on the whole pool; none of these shown."""


@dataclass(frozen=True, kw_only=True)
class MutantResult:
    """One mutant and what became of it.

    Attributes
    ----------
    key
        Stands for source, change, operation, format, effort, seed and battery: what a run that goes on is known by.
    file, line, function, kind, before, after
        The change. ``file`` is the name of the file alone.
    subject, operations, formats
        What was run, names separated by commas.
    outcome
        One of `OUTCOMES`.
    shown
        The first finding, the departure on the pool, or why nothing was decided; "" for a change that changes nothing
        (a change that makes large cases slow says so, and counts as changing nothing: it is not wrong).
    witness
        The case on which a mutant that escaped, or is undecided, leaves its limit.
    """

    key: str
    file: str
    line: int
    function: str
    kind: str
    before: str
    after: str
    subject: str
    operations: str
    formats: str
    outcome: str
    shown: str = ""
    witness: str = ""


@dataclass(frozen=True, kw_only=True)
class MutantPower:
    """The outcome of one measurement.

    Attributes
    ----------
    subject
        The subject whose file was changed; "" for the correct implementations.
    effort, seed
        As for `softcert.certify`.
    possible
        How many mutants there are; the results are of a sample, if they are fewer.
    unreached
        Changes in code that no operation reaches, which are not run.
    results
        What became of each mutant.
    """

    subject: str
    effort: str
    seed: int
    possible: int
    unreached: int
    results: tuple[MutantResult, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many mutants had each outcome."""
        found = Counter(r.outcome for r in self.results)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def having(self, outcome: str) -> list[MutantResult]:
        """The mutants with an outcome."""
        return [r for r in self.results if r.outcome == outcome]

    @property
    def passed(self) -> bool:
        """Whether every mutant is decided, and none escaped."""
        return bool(self.results) and not self.having(ESCAPED) and not self.having(UNDECIDED)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """Mutants of one original, operation and format: they share a pool."""

    candidates: tuple[Candidate, ...]
    effort: str
    seed: int


def measure(
    spec: str | None,
    effort: str,
    seed: int,
    *,
    limit: int | None = None,
    resume: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    **keywords: Any,
) -> MutantPower:
    """Run the mutants of a subject's file, or of the correct implementations.

    Parameters
    ----------
    spec
        A SPEC of Python source; None for the correct implementations of the gallery and the bundled ones of NumPy.
    effort, seed
        As for `softcert.certify`.
    limit
        How many mutants are drawn, by the seed; None for all.
    resume
        A file of one line for each finished mutant, appended to; mutants that it holds are not run again.
    jobs
        How many processes run mutants.
    progress
        Told after each mutant or, with several jobs, each group of them.
    **keywords
        For a SPEC, those of `softcert.executors.describe`.

    Raises
    ------
    UsageError
        If the subject cannot be resolved, has no source that can be changed, or is not certified itself.
    """
    Plan.of(effort, seed=seed)
    if limit is not None and limit < 1:
        raise UsageError(f"limit={limit}: give a number of mutants of at least 1.")
    name = ""
    if spec is None:
        candidates, unreached = gallery()
    else:
        subject, candidates, unreached = user_file.candidates(spec, **keywords)
        name = subject.name
        _refuse_uncertified(subject, effort, seed)
    if not candidates:
        raise UsageError(f"spec={spec!r}: its source has nothing in a function that a mutant would change.")
    drawn = _drawn(candidates, limit, seed)
    known = _known(resume)
    keys = {c: _key(c, effort, seed) for c in drawn}
    results = {keys[c]: known[keys[c]] for c in drawn if keys[c] in known}
    tasks = _tasks([c for c in drawn if keys[c] not in results], effort, seed, whole=jobs > 1)
    for found in parallel.outcomes(_run, tasks, jobs):
        _append(resume, found)
        results.update((r.key, r) for r in found)
        if progress is not None:
            progress("softcert power", found[-1].subject, found[-1].operations, len(results), len(drawn))
    return MutantPower(
        subject=name,
        effort=effort,
        seed=seed,
        possible=len(candidates),
        unreached=unreached,
        results=tuple(results[keys[c]] for c in drawn),
    )


def _refuse_uncertified(subject: Implementation, effort: str, seed: int) -> None:
    result = certify_until_failed(subject, Plan.of(effort, seed=seed))
    if result.verdict != "certified":
        first = next((f"{f.property_name}: {f.summary}" for f in result.findings), result.reason)
        raise UsageError(f"{subject.name!r} itself is {result.verdict} ({first}). Mutants tell of a subject that is.")


def _drawn(candidates: Sequence[Candidate], limit: int | None, seed: int) -> list[Candidate]:
    if limit is None or limit >= len(candidates):
        return list(candidates)
    return [candidates[k] for k in sorted(random.Random(seed).sample(range(len(candidates)), limit))]


def _tasks(candidates: Sequence[Candidate], effort: str, seed: int, *, whole: bool) -> list[_Task]:
    """Mutants with one pool one after the other; each a task of its own, or all of a pool one task for a process."""
    groups: dict[tuple[Original, str, str], list[Candidate]] = {}
    for c in candidates:
        groups.setdefault((c.original, c.operation, c.format), []).append(c)
    tasks = [_Task(candidates=tuple(group), effort=effort, seed=seed) for group in groups.values()]
    return tasks if whole else [replace(task, candidates=(c,)) for task in tasks for c in task.candidates]


def _key(candidate: Candidate, effort: str, seed: int) -> str:
    source = text(candidate.original.file)
    mutation = mutations(source)[candidate.mutation]
    # The text and not its place: a copy of the checkout goes on where another one stopped.
    anywhere = replace(candidate, original=replace(candidate.original, file=""))
    told = (source, anywhere, mutation.before, mutation.after, effort, seed, BATTERY_VERSION, POOL_VERSION)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def _run(task: _Task) -> list[MutantResult]:
    return [_attempt(candidate, task.effort, task.seed) for candidate in task.candidates]


@lru_cache(maxsize=1)
def _references() -> ReferenceCache:
    """Exact results that the mutants of a process share."""
    return ReferenceCache()


def _attempt(candidate: Candidate, effort: str, seed: int) -> MutantResult:
    source = text(candidate.original.file)
    mutation = mutations(source)[candidate.mutation]
    outcome, shown, witness = _outcome(candidate, mutation, effort, seed)
    return MutantResult(
        key=_key(candidate, effort, seed),
        file=Path(candidate.original.file).name,
        line=mutation.line,
        function=mutation.function,
        kind=mutation.kind,
        before=mutation.before,
        after=mutation.after,
        subject=candidate.name,
        operations=candidate.operation,
        formats=candidate.format,
        outcome=outcome,
        shown=shown,
        witness=witness,
    )


def _outcome(candidate: Candidate, mutation: Mutation, effort: str, seed: int) -> tuple[str, str, str]:
    """What became of a mutant, what shows it, and the case on which it escaped."""
    original = candidate.original
    try:
        changed = mutated(text(original.file), mutation)
    except SyntaxError as error:
        return CAUGHT, f"no program: {error.msg}", ""
    with stand_in(copy_of(original, changed)) as path:
        for operation, format in _pairs(candidate):
            plan = Plan.of(effort, seed=seed, ops=operation)
            try:
                result = certify_until_failed(_described(original, path, operation, format), plan, None, _references())
            except (UsageError, LoadError) as error:
                return CAUGHT, f"not loaded: {error}", ""
            if result.interrupted:
                raise KeyboardInterrupt(result.reason)  # a mutant that was stopped has no outcome
            if result.verdict == "not certified":
                return CAUGHT, _first(result), ""
            if result.verdict != "certified":
                return UNDECIDED, f"{result.verdict}: {result.reason}", ""
        for operation, format in _pairs(candidate):
            pool = _pool(original, operation, format, effort, seed)
            if isinstance(pool, str):
                return UNDECIDED, pool, ""
            departure = pool.departure(_described(original, path, operation, format))
            if departure is not None:
                return ESCAPED, departure.words, str(departure.case)
            if pool.both_fail is not None:
                told = f"fails where the original fails too: {pool.both_fail.words}"
                return UNDECIDED, told, str(pool.both_fail.case)
            if pool.late is not None:
                return EQUIVALENT, f"slower, but not wrong: {pool.late.words}", str(pool.late.case)
    return EQUIVALENT, "", ""


def _pairs(candidate: Candidate) -> Iterator[tuple[str, str]]:
    return ((o, f) for o in candidate.operation.split(",") for f in candidate.format.split(","))


def _first(result: Result) -> str:
    return next((f"{f.property_name}: {f.summary}" for f in result.findings), result.reason)


def _described(original: Original, path: Path, operation: str, format: str) -> Implementation:
    spec = f"{path}:{original.attribute}" if original.attribute else str(path)
    return describe(spec, **{**original.keywords, "op": [operation], "dtypes": [format]})


@lru_cache(maxsize=4)
def _pool(original: Original, operation: str, format: str, effort: str, seed: int) -> Pool | str:
    """The pool of an original; a sentence where the original itself is not certified."""
    path = kept(copy_of(original, text(original.file)))
    subject = _described(original, path, operation, format)
    verdict = certify_until_failed(subject, Plan.of(effort, seed=seed, ops=operation), None, _references()).verdict
    if verdict != "certified":
        return f"the original itself is {verdict}"
    return Pool(_described(original, path, operation, format), operation, format, seed, _references())


def _known(resume: Path | None) -> dict[str, MutantResult]:
    """The results that an earlier run wrote; a last line that was cut off is left out."""
    if resume is None or not resume.exists():
        return {}
    found = {}
    for line in resume.read_text(encoding="utf-8").splitlines():
        try:
            result = MutantResult(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[result.key] = result
    return found


def _append(resume: Path | None, found: Sequence[MutantResult]) -> None:
    if resume is not None:
        resume.parent.mkdir(parents=True, exist_ok=True)
        with resume.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(r), sort_keys=True) + "\n" for r in found)
