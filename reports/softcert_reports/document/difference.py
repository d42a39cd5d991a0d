"""The difference of two documents: what became better, worse, new or gone from an old run to a new one.

A cell is worse when it held and no longer does (or can no longer be decided), a subject when its verdict or a level
fell. A run that proves less is worse too: fewer units, a narrower domain, a looser contract, less effort, a lower
level, no isolation. Errors that moved inside their limits are listed and decide nothing.

Subjects are matched by their names, which no document has twice (a run calls the second of two "name (2)"). One that is
gone and one that came are the same if their sources are: then it was renamed, which is no difference in itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from softcert_reports.document.differences.contracts import loosened
from softcert_reports.document.differences.domains import narrowed
from softcert_reports.document.differences.renamed import renamed, with_names
from softcert_reports.document.document import Document
from softcert_reports.document.levels import Level
from softcert_reports.document.records import Cell, Held, Subject
from softcert_reports.document.verdicts.baseline import key_of

_OUTCOMES = ("pass", "expected fail", "vacuous", "not run", "undecided", "fail")
"""From best to worst; what was judged and is now vacuous or not run has lost ground too."""

_VERDICTS = ("certified", "inconclusive", "not run", "harness error", "not certified")
"""From best to worst."""

_EFFORTS = ("quick", "standard", "thorough")
"""From least to most."""

Kind = Literal["better", "worse", "new", "gone", "moved", "notes"]

MOVED = 1.5
"""An error that grew or shrank by this factor is listed: less is within what another machine's exp would change."""


@dataclass(frozen=True)
class Change:
    """One difference: the place, its old state and its new one."""

    where: str
    before: str
    after: str

    def __str__(self) -> str:
        text = f"{self.where}: {self.before} -> {self.after}"
        return " ".join(text.split())  # a name must not make a line of its own


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What changed from an old run to a new one.

    Attributes
    ----------
    better, worse, new, gone
        Changes of verdicts, levels and outcomes: these decide.
    moved
        Errors that moved inside their limits by a factor of `MOVED`, and contracts that changed without being loosened.
    notes
        How the runs themselves differ: seed, effort, versions, environment.
    """

    better: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    notes: tuple[Change, ...] = ()

    @property
    def fell(self) -> bool:
        """Whether anything is worse or gone: the new run shows less than the old one."""
        return bool(self.worse or self.gone)

    @property
    def any(self) -> bool:
        """Whether anything but times and errors inside their limits differs."""
        return bool(self.better or self.worse or self.new or self.gone)

    def text(self) -> str:
        """Plain text for a log, worse first."""
        lines = []
        for name in ("worse", "better", "new", "gone", "moved", "notes"):
            changes: tuple[Change, ...] = getattr(self, name)
            if changes:
                lines.append(f"{name} ({len(changes)}):")
                lines += [f"  {change}" for change in changes]
        return "\n".join(lines or ["no difference"]) + "\n"


def diff(old: Document, new: Document) -> Diff:
    """What became better, worse, new and gone between two runs.

    Parameters
    ----------
    old, new
        The documents of the two runs. Cells of implementations that only one of them has are not compared.

    Returns
    -------
    Diff
        ``worse`` and ``gone`` are empty where everything that was shown is still shown.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from softcert_reports.document import Document, diff
    >>> run = Document(title="a run", created="2026-01-02T03:04:05Z")
    >>> print(diff(run, replace(run, complete=False)).text(), end="")
    worse (1):
      the run: complete -> incomplete
    """
    changes: dict[Kind, list[Change]] = {}
    names = renamed(old, new)
    if names:
        changes["notes"] = [Change(was, "its name in the old run", f"renamed to {now}") for was, now in names.items()]
    old = with_names(old, names)
    for kind, change in (
        *_run(old, new),
        *_subjects(old, new),
        *_domains(old, new),
        *_cells(old, new),
        *_notes(old, new),
    ):
        changes.setdefault(kind, []).append(change)
    return Diff(**{kind: tuple(of_kind) for kind, of_kind in changes.items()})


def moved(before: float | None, after: float | None) -> bool:
    """Whether an error / limit ratio changed by a factor of `MOVED` (both below 0.01: no), or is no longer finite."""
    if before is None or after is None:
        return False
    if not (math.isfinite(before) and math.isfinite(after)):
        return math.isfinite(before) != math.isfinite(after)
    return max(before, after) > MOVED * min(before, after) and max(before, after) > 0.01


def place(cell: Cell) -> tuple[str, str, str, str]:
    """Subject, operation, format and property: what a cell is known by in another document."""
    return cell.subject, cell.operation, cell.format, cell.property


def _run(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    if old.complete and not new.complete:
        yield "worse", Change("the run", "complete", "incomplete")
    if new.complete and not old.complete:
        yield "better", Change("the run", "incomplete", "complete")
    if new.exit_code and not old.exit_code:
        yield "worse", Change("the run, exit code", str(old.exit_code), str(new.exit_code))
    if old.isolation != new.isolation:
        change = Change("the run, isolation", old.isolation, new.isolation)
        yield "worse" if new.isolation == "none" else "better", change
    if new.asked_level < old.asked_level:
        yield "worse", Change("the run, asked level", old.asked_level, new.asked_level)
    if old.effort != new.effort and not _more_effort(old.effort, new.effort):
        yield "worse", Change("the run, effort", old.effort, new.effort)
    yield from _baseline(old, new)


def _more_effort(was: str, now: str) -> bool:
    return was in _EFFORTS and now in _EFFORTS and _EFFORTS.index(now) > _EFFORTS.index(was)


def _baseline(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    """Expected failures that may be larger than they were."""
    before, after = ({key_of(e): e for e in d.baseline.entries} if d.baseline else {} for d in (old, new))
    for key in [key for key in before if key in after]:
        was, now = (math.inf if e.largest_error is None else e.largest_error for e in (before[key], after[key]))
        if now > was:
            where = f"{' / '.join(key)}, largest error that the baseline accepts"
            yield "worse", Change(where, f"{was:.6g}", f"{now:.6g}")


def _subjects(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    before, after = ({s.name: s for s in d.subjects} for d in (old, new))
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield "gone", Change(name, before[name].verdict, "not in the new run")
        elif name not in before:
            yield "new", Change(name, "not in the old run", after[name].verdict)
        else:
            yield from _subject(before[name], after[name])


def _subject(before: Subject, after: Subject) -> Iterator[tuple[Kind, Change]]:
    fall = _VERDICTS.index(after.verdict) - _VERDICTS.index(before.verdict)
    if fall:
        yield "worse" if fall > 0 else "better", Change(before.name, before.verdict, after.verdict)
    were, are = _levels(before), _levels(after)
    for operation, format in [key for key in were if key not in are]:
        where = f"{before.name} / {operation} / {format}, level"
        yield "gone", Change(where, _level(were[operation, format]), "not in the new run")
    for operation, format in [key for key in were if key in are]:
        was, now = were[operation, format], are[operation, format]
        fall = _height(was) - _height(now)
        if fall:
            change = Change(f"{before.name} / {operation} / {format}, level", _level(was), _level(now))
            yield "worse" if fall > 0 else "better", change
    was_claimed, is_claimed = before.contract_deviations, after.contract_deviations
    looser = list(loosened(was_claimed, is_claimed))
    for field, was_value, is_value in looser:
        yield "worse", Change(f"{before.name}, contract, {field}", was_value, is_value)
    if was_claimed != is_claimed and not looser:
        yield "moved", Change(f"{before.name}, contract", str(dict(was_claimed)), str(dict(is_claimed)))


def _domains(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    after = {(d.subject, d.operation, d.format): d for d in new.domains}
    for domain in old.domains:
        key = (domain.subject, domain.operation, domain.format)
        if key in after:  # a unit that is gone is told as such
            for name, was, now in narrowed(domain, after[key]):
                yield "worse", Change(f"{' / '.join(key)}, {name}", was, now)


def _levels(subject: Subject) -> dict[tuple[str, str], Held]:
    return {(o, f): held for o, by in sorted(subject.levels.items()) for f, held in sorted(by.items())}


def _height(held: Held) -> int:
    """A number that grows with the level; correctly rounded is above faithful."""
    return 0 if held.level is None else 2 * (Level(held.level).rank + 1) + held.correctly_rounded


def _level(held: Held) -> str:
    return "correctly rounded" if held.correctly_rounded else held.level or "no level"


def _cells(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    before, after = ({place(c): c for c in d.cells} for d in (old, new))
    shared = {s.name for s in old.subjects} & {s.name for s in new.subjects}
    for key in dict.fromkeys((*before, *after)):
        if key[0] not in shared:
            continue
        was, now = before.get(key), after.get(key)
        where = " / ".join(key)
        if was is None and now is not None:
            yield "new", Change(where, "absent", now.outcome)
        elif now is None and was is not None:
            yield "gone", Change(where, was.outcome, "absent")
        elif was is not None and now is not None:
            yield from _cell(where, was, now)


def _cell(where: str, was: Cell, now: Cell) -> Iterator[tuple[Kind, Change]]:
    fall = _OUTCOMES.index(now.outcome) - _OUTCOMES.index(was.outcome)
    if (was.outcome, now.outcome) == ("fail", "expected fail"):  # it fails as before: only a baseline was written
        yield "moved", Change(where, was.outcome, now.outcome)
    elif was.outcome == now.outcome == "pass" and 2 * now.checks < was.checks:
        yield "worse", Change(where, f"held in {was.checks} checks", f"held in {now.checks} checks")
    elif fall:
        yield "worse" if fall > 0 else "better", Change(where, was.outcome, now.outcome)
    elif moved(was.worst_ratio, now.worst_ratio):
        yield "moved", Change(where, f"{was.worst_ratio:.3g} of the limit", f"{now.worst_ratio:.3g} of the limit")


def _notes(old: Document, new: Document) -> Iterator[tuple[Kind, Change]]:
    for name in ("seed", "effort", "asked_level"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield "notes", Change(name.replace("_", " "), str(was), str(now))
    for title, a, b in (("version of", old.versions, new.versions), ("", old.environment, new.environment)):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                change = Change(f"{title} {key}".strip(), _fact(a.get(key, "absent")), _fact(b.get(key, "absent")))
                yield "notes", change


def _fact(value: object) -> str:
    """A version or a fact about the environment on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_fact(item)}" for key, item in sorted(value.items()))
    return str(value)
