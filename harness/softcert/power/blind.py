"""The suite measured on blind sets: which defects it catches, and which right implementations it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from softcert.certification.certify import Progress, certify_until_failed
from softcert.certification.plan import Plan
from softcert.executors import describe
from softcert.executors.process import LoadError
from softcert.expected.reference import ReferenceCache
from softcert.power import parallel, stand_in
from softcert.power.blind_sets import DEBATED, DEFECT, RIGHT, BlindSet, sets
from softcert_oracle.errors import UsageError

DEFAULT_FOLDER = Path("benchmarks", "blind")
_BATCH = 8  # models that one task runs in a row: they share the exact results of their cases


@dataclass(frozen=True, kw_only=True)
class BlindResult:
    """One model in one format: the verdict that it got, and the first finding in words."""

    set: str
    name: str
    operation: str
    format: str
    expect: str
    why: str
    verdict: str
    finding: str = ""
    seconds: float | None = None

    @property
    def as_expected(self) -> bool:
        """Whether a defect was refused, or a right implementation certified. A debated model may have any verdict."""
        if self.expect == DEBATED:
            return True
        return self.verdict == ("not certified" if self.expect == DEFECT else "certified")


@dataclass(frozen=True, kw_only=True)
class BlindPower:
    """The outcome of one measurement."""

    effort: str
    seed: int
    results: tuple[BlindResult, ...]

    @property
    def missed(self) -> list[BlindResult]:
        """Undebated defects that were not refused."""
        return [r for r in self.results if r.expect == DEFECT and not r.as_expected]

    @property
    def refused(self) -> list[BlindResult]:
        """Right implementations that were not certified."""
        return [r for r in self.results if r.expect == RIGHT and not r.as_expected]

    @property
    def passed(self) -> bool:
        """Whether there is a result, and each is as expected."""
        return bool(self.results) and all(r.as_expected for r in self.results)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    set: str
    folder: Path
    name: str
    operation: str
    format: str
    expect: str
    why: str


@dataclass(frozen=True, kw_only=True)
class _Batch:
    entries: tuple[_Entry, ...]
    effort: str
    seed: int


def measure(
    folder: Path | None, effort: str, seed: int, *, jobs: int = 1, progress: Progress | None = None
) -> BlindPower:
    """Run every model of the sets in a folder, each in a process of its own.

    Parameters
    ----------
    folder
        A set, or a folder of sets; None for `DEFAULT_FOLDER`.
    effort, seed
        As for `softcert.certify`.
    jobs
        How many models run at once.
    progress
        Told after each batch of models.

    Raises
    ------
    UsageError
        If there is no set, or a manifest is wrong.
    """
    Plan.of(effort, seed=seed)
    entries = [e for each in sets(folder or DEFAULT_FOLDER) for e in _entries(each)]
    batches = [
        _Batch(entries=tuple(entries[k : k + _BATCH]), effort=effort, seed=seed) for k in range(0, len(entries), _BATCH)
    ]
    results: list[BlindResult] = []
    for batch, found in zip(batches, parallel.outcomes(_run, batches, jobs), strict=True):
        results += found
        if progress is not None:
            progress("softcert power", batch.entries[-1].name, batch.entries[-1].format, len(results), len(entries))
    return BlindPower(effort=effort, seed=seed, results=tuple(results))


def _entries(blind: BlindSet) -> Iterable[_Entry]:
    return (
        _Entry(
            set=blind.name,
            folder=blind.folder,
            name=m.name,
            operation=m.operation,
            format=f,
            expect=m.expect,
            why=m.why,
        )
        for m in blind.models
        for f in m.formats
    )


def _run(batch: _Batch) -> Sequence[BlindResult]:
    references = ReferenceCache()
    plan = Plan.of(batch.effort, seed=batch.seed)
    return [_attempt(entry, plan, references) for entry in batch.entries]


def _attempt(entry: _Entry, plan: Plan, references: ReferenceCache) -> BlindResult:
    source = stand_in.call("softcert.power.blind_sets", "subject", str(entry.folder), entry.name, entry.format)
    verdict, finding, seconds = "not run", "", None
    with stand_in.stand_in(source) as path:
        try:
            subject = describe(f"{path}:{stand_in.NAME}")
            result = certify_until_failed(subject, plan, references=references)
        except (UsageError, LoadError) as error:
            finding = f"not loaded: {error}"
        else:
            if result.interrupted:
                raise KeyboardInterrupt(result.reason)
            first = next(iter(result.findings), None)
            verdict, seconds = result.verdict, result.seconds_to_first_finding
            finding = f"{first.property_name}: {first.summary}" if first else result.reason
    return BlindResult(
        set=entry.set,
        name=entry.name,
        operation=entry.operation,
        format=entry.format,
        expect=entry.expect,
        why=entry.why,
        verdict=verdict,
        finding=finding,
        seconds=seconds,
    )
