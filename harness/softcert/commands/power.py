"""``softcert power``: the suite held against its own gallery. What it catches, whom it accuses, how soon.

Defects run until their first finding (that is what a gate needs); variants run to the end, so that the diagnosis can
be judged as well; correct implementations run whole, and must hold the level that they deserve.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from softcert.certification.certify import Plan, Progress, certify_one
from softcert.diagnosis.diagnose import diagnose
from softcert.properties.table import LEVELS
from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE, VARIANTS, Correct, Defect
from softcert_oracle.errors import UsageError, unknown
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole

PARTS = ("all", "defects", "variants", "degenerate", "correct")


@dataclass(frozen=True)
class Trialled:
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


@dataclass(frozen=True)
class Acquitted:
    """One correct implementation, operation and format: the level it deserves and the level it was found to hold."""

    name: str
    operation: str
    format: str
    deserved: str
    held: str | None
    finding: str = ""

    @property
    def accused(self) -> bool:
        """Whether it was denied the level that it deserves."""
        return self.held is None or LEVELS.index(self.held) < LEVELS.index(self.deserved)


@dataclass(frozen=True)
class Measured:
    """The outcome of one measurement."""

    effort: str
    seed: int
    defects: tuple[Trialled, ...]
    correct: tuple[Acquitted, ...]

    @property
    def survivors(self) -> list[Trialled]:
        """Undebated defects that were not caught."""
        return [t for t in self.defects if not t.killed and not t.debated]

    @property
    def false_alarms(self) -> list[Acquitted]:
        """Correct implementations that were accused."""
        return [a for a in self.correct if a.accused]

    @property
    def passed(self) -> bool:
        """Nothing survived and nobody was accused."""
        return not self.survivors and not self.false_alarms and bool(self.defects or self.correct)


def measure(effort: str, seed: int, family: str | None, part: str, progress: Progress | None = None) -> Measured:
    """Run the gallery, or a part of it. Raises `UsageError` for names that are not in the tables."""
    if part not in PARTS:
        raise unknown("part", part, PARTS)
    families = dict.fromkeys(d.family for d in DEFECTS)
    if family is not None and family not in families:
        raise unknown("family", family, families)
    Plan.of(effort, seed=seed)
    tasks = [
        (name, k, format, effort, seed)
        for name, group in _GROUPS.items()
        if part in ("all", name)
        for k, defect in enumerate(group)
        if family in (None, defect.family)
        for format in defect.formats
    ]
    if part in ("all", "correct") and family is None:
        # By format: subjects of one format share the truths of its battery.
        named = [(format, k) for k, correct in enumerate(CORRECT) for format in correct.formats]
        tasks += [("correct", k, format, effort, seed) for format, k in sorted(named)]
    outcomes: list[Trialled | Acquitted] = []
    # Processes of their own: a model that keeps state, or fills the memory, is its own neighbour only.
    with _one_thread_each(), ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for number, outcome in enumerate(pool.map(_task, tasks, chunksize=4)):
            outcomes += outcome
            if progress is not None:
                progress("softcert power", tasks[number][0], tasks[number][2], number + 1, len(tasks))
    tried = tuple(o for o in outcomes if isinstance(o, Trialled))
    return Measured(effort, seed, tried, tuple(o for o in outcomes if isinstance(o, Acquitted)))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that are started meanwhile compute with one thread: there is one for each core."""
    names = [name for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS") if name not in os.environ]
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


_GROUPS: dict[str, Sequence[Defect]] = {"defects": DEFECTS, "degenerate": DEGENERATE, "variants": VARIANTS}

Task = tuple[str, int, str, str, int]


def _task(task: Task) -> list[Trialled | Acquitted]:
    """One defect or correct implementation in one format; runs in a worker of the pool."""
    part, k, format, effort, seed = task
    plan = Plan.of(effort, seed=seed, isolation="none")
    if part == "correct":
        return list(_acquit(CORRECT[k], format, plan))
    return [attempt(part, _GROUPS[part][k], format, plan)]


def attempt(part: str, defect: Defect, format: str, plan: Plan, progress: Progress | None = None) -> Trialled:
    """Hold the suite against one defect in one format."""
    whole = part == "variants"
    result = certify_one(defect.implementation(format), plan, progress, until_failed=not whole)
    named = None
    if whole:
        diagnose(result)
        named = next((result.diagnoses[f.id].family for f in result.found if f.id in result.diagnoses), None)
    first = result.found[0] if result.found else None
    seconds = result.seconds_to_first_finding
    return Trialled(
        part, defect.name, defect.family, defect.operation, format, defect.debated, result.verdict == "not certified",
        seconds, f"{first.property}: {first.summary}" if first else "", named,
    )  # fmt: skip


def _acquit(correct: Correct, format: str, plan: Plan) -> Iterator[Acquitted]:
    result = certify_one(correct.implementation(format), plan)
    for (operation, _), ledger in result.ledgers.items():
        held = ledger.held()
        deserved = correct.deserves(operation, format)
        broken = [v for v in ledger.violations.values() if LEVELS.index(v.level) <= LEVELS.index(deserved)]
        text = f"{broken[0].property} ({broken[0].cause}) on {broken[0].candidates[0][0]}" if broken else ""
        yield Acquitted(correct.name, operation, format, deserved, held, text)


def table(measured: Measured) -> str:
    """The outcome as text: kill rate by family, survivors, false alarms, times, diagnoses."""
    lines = [f"softcert power, effort {measured.effort}, seed {measured.seed}", ""]
    for family, trials in _by_family(measured.defects).items():
        killed = sum(t.killed for t in trials)
        lines.append(f"  {killed:3} of {len(trials):3} killed  {family}")
    undebated = [t for t in measured.defects if not t.debated]
    lines += ["", f"undebated defects killed: {sum(t.killed for t in undebated)} of {len(undebated)}"]
    lines += [f"  SURVIVED {t.name} ({t.family}, {t.operation}, {t.format})" for t in measured.survivors]
    lines += [f"correct implementations accused: {len(measured.false_alarms)} of {len(measured.correct)}"]
    lines += [
        f"  ACCUSED {a.name} ({a.operation}, {a.format}): deserves {a.deserved}, held {a.held}; {a.finding}"
        for a in measured.false_alarms
    ]
    if times := sorted(t.seconds for t in measured.defects if t.seconds is not None):
        lines.append(f"time to the first finding: median {statistics.median(times):.2f} s, worst {times[-1]:.2f} s")
    variants = [t for t in measured.defects if t.part == "variants" and t.killed]
    if variants:
        right = sum(t.diagnosed == t.family for t in variants)
        lines.append(f"top diagnosis names the family: {right} of {len(variants)} variants")
        lines += [
            f"  {t.name} ({t.format}): {t.family}, diagnosed as {t.diagnosed or 'nothing known'}"
            for t in variants
            if t.diagnosed != t.family
        ]
    return "\n".join(lines)


def _by_family(trials: Iterable[Trialled]) -> dict[str, list[Trialled]]:
    found: dict[str, list[Trialled]] = {}
    for trial in trials:
        found.setdefault(trial.family, []).append(trial)
    return dict(sorted(found.items()))


def to_json(measured: Measured) -> dict[str, Any]:
    """The figures as plain data."""
    return {
        "kind": "softcert-power", "effort": measured.effort, "seed": measured.seed,
        "defects": [asdict(t) for t in measured.defects], "correct": [asdict(a) for a in measured.correct],
        "passed": measured.passed,
    }  # fmt: skip


def save(measured: Measured, path: Path) -> None:
    """Write the figures whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(to_json(measured), indent=1, sort_keys=True) + "\n")


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
    """The figures; whatever plain data do not have their form, an exception that `load` puts into words."""
    if data["kind"] != "softcert-power":
        raise ValueError(f"kind is {data['kind']!r}")
    tried = [Trialled(**t) for t in data["defects"]]
    correct = [Acquitted(**a) for a in data["correct"]]
    passed = Measured(data["effort"], data["seed"], tuple(tried), tuple(correct)).passed
    if any(t.killed not in (True, False) for t in tried) or data["passed"] is not passed:
        raise ValueError("its parts contradict one another")
    families = tuple(
        doc.Killed(f, len(ts), sum(t.killed for t in ts), tuple(f"{t.name} ({t.format})" for t in ts if not t.killed))
        for f, ts in _by_family(tried).items()
    )
    alarms = tuple(f"{a.name} ({a.operation}, {a.format})" for a in correct if a.accused)
    return doc.Power(families, len(correct), alarms, effort=data["effort"], command="softcert power")
