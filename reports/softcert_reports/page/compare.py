"""Runs held against one another: what became better, worse, new or gone, and several runs side by side.

A cell is worse when it held and no longer does (or can no longer be told), a subject when its verdict or a level
fell. Errors that moved inside their limits are told and decide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from softcert_reports.document import OUTCOMES, VERDICTS, Cell, Document, Held, Subject, canonical
from softcert_reports.document.errors import DocumentError
from softcert_reports.formatting import wording
from softcert_reports.formatting.numbers import plain
from softcert_reports.page.render import page

_STANDING = {o: i for i, o in enumerate(("pass", "expected fail", "vacuous", "not run", "undecided", "fail"))}
"""Outcomes from best to worst; what was judged and is now vacuous or not run has lost ground too."""

_VERDICTS = {v: i for i, v in enumerate(("certified", "inconclusive", "not run", "harness error", "not certified"))}
assert set(_STANDING) == set(OUTCOMES)
assert set(_VERDICTS) == set(VERDICTS)

MOVED = 1.5
"""An error that grew or shrank by this factor is told: less is within what another machine's exp would change."""


@dataclass(frozen=True)
class Change:
    """One difference: where, what was and what is."""

    where: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.where}: {self.before} -> {self.after}"


@dataclass(frozen=True)
class Diff:
    """What changed from an old run to a new one. ``notes`` say how the runs themselves differ (seed, versions)."""

    better: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()
    new: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    notes: tuple[Change, ...] = ()

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
    """What became better, worse, new and gone between two runs."""
    out: dict[str, list[Change]] = {"better": [], "worse": [], "new": [], "gone": [], "moved": []}
    _subjects(old, new, out)
    _cells(old, new, out)
    if old.complete and not new.complete:
        out["worse"].append(Change("the run", "complete", "incomplete"))
    if new.complete and not old.complete:
        out["better"].append(Change("the run", "incomplete", "complete"))
    return Diff(**{k: tuple(v) for k, v in out.items()}, notes=tuple(_notes(old, new)))


def _subjects(old: Document, new: Document, out: dict[str, list[Change]]) -> None:
    before, after = ({s.name: s for s in d.subjects} for d in (old, new))
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            out["gone"].append(Change(name, before[name].verdict, "not in the new run"))
        elif name not in before:
            out["new"].append(Change(name, "not in the old run", after[name].verdict))
        else:
            _subject(before[name], after[name], out)


def _subject(before: Subject, after: Subject, out: dict[str, list[Change]]) -> None:
    rank = _VERDICTS[after.verdict] - _VERDICTS[before.verdict]
    if rank:
        out["worse" if rank > 0 else "better"].append(Change(before.name, before.verdict, after.verdict))
    was, now = _levels(before), _levels(after)
    for key in [k for k in was if k in now]:
        fell = _height(was[key]) - _height(now[key])
        if fell:
            change = Change(f"{before.name} / {key[0]} / {key[1]}, level", _level(was[key]), _level(now[key]))
            out["worse" if fell > 0 else "better"].append(change)
    if before.contract_deviations != after.contract_deviations:
        out["moved"].append(
            Change(
                f"{before.name}, contract", str(dict(before.contract_deviations)), str(dict(after.contract_deviations))
            )
        )


def _levels(subject: Subject) -> dict[tuple[str, str], Held]:
    return {(o, f): held for o, by in sorted(subject.levels.items()) for f, held in sorted(by.items())}


def _height(held: Held) -> int:
    return 2 * wording.rank(held.level) + held.correctly_rounded


def _level(held: Held) -> str:
    return "correctly rounded" if held.correctly_rounded else held.level or "no level"


def _cells(old: Document, new: Document, out: dict[str, list[Change]]) -> None:
    before, after = ({_key(c): c for c in d.cells} for d in (old, new))
    known = {s.name for s in old.subjects} & {s.name for s in new.subjects}
    for key in dict.fromkeys((*before, *after)):
        if key[0] not in known:
            continue
        was, now = before.get(key), after.get(key)
        where = " / ".join(key)
        if was is None and now is not None:
            out["new"].append(Change(where, "absent", now.outcome))
        elif now is None and was is not None:
            out["gone"].append(Change(where, was.outcome, "absent"))
        elif was is not None and now is not None:
            _cell(where, was, now, out)


def _cell(where: str, was: Cell, now: Cell, out: dict[str, list[Change]]) -> None:
    rank = _STANDING[now.outcome] - _STANDING[was.outcome]
    if rank:
        out["worse" if rank > 0 else "better"].append(Change(where, was.outcome, now.outcome))
    elif _moved(was.worst_ratio, now.worst_ratio):
        out["moved"].append(
            Change(where, f"{plain(was.worst_ratio)} of the limit", f"{plain(now.worst_ratio)} of the limit")
        )


def _moved(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return False
    if not (math.isfinite(was) and math.isfinite(now)):
        return math.isfinite(was) != math.isfinite(now)
    return max(was, now) > MOVED * min(was, now) and max(was, now) > 0.01


def _key(cell: Cell) -> tuple[str, str, str, str]:
    return cell.subject, cell.operation, cell.format, cell.property


def _notes(old: Document, new: Document) -> list[Change]:
    out = []
    for name in ("seed", "effort", "asked_level"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            out.append(Change(name.replace("_", " "), str(was), str(now)))
    for title, a, b in (("version of", old.versions, new.versions), ("", old.environment, new.environment)):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                out.append(
                    Change(
                        f"{title} {key}".strip(),
                        wording.plain_data(a.get(key, "absent")),
                        wording.plain_data(b.get(key, "absent")),
                    )
                )
    return out


def compare(documents: Sequence[Document], names: Sequence[str] | None = None) -> str:
    """Several runs side by side as one HTML page, differences first; `DocumentError` for fewer than two."""
    if len(documents) < 2:
        raise DocumentError(f"{len(documents)} document given; a comparison needs at least two.")
    if names is not None and len(names) != len(documents):
        raise DocumentError(f"{len(names)} names given for {len(documents)} documents; give one for each.")
    documents = [canonical(d) for d in documents]
    labels = list(names or [f"{chr(65 + i % 26)}: {d.title}" for i, d in enumerate(documents)])
    return page("compare.html", "softcert: " + " | ".join(labels), _side_by_side(documents, labels), None, [])


def _side_by_side(documents: Sequence[Document], labels: list[str]) -> dict[str, Any]:
    diffs = [diff(documents[0], other) for other in documents[1:]]
    subjects = list(dict.fromkeys(s.name for d in documents for s in d.subjects))
    keys = list(dict.fromkeys(_key(c) for d in documents for c in d.cells))
    cells = [{_key(c): c for c in d.cells} for d in documents]
    rows = []
    for key in keys:
        line: list[tuple[Cell | None, str]] = [
            (c, wording.shown_outcome(c, d) if c else "")
            for d, by in zip(documents, cells, strict=True)
            for c in (by.get(key),)
        ]
        differs = len({outcome for _, outcome in line}) > 1
        moved = any(_moved(a.worst_ratio, b.worst_ratio) for a, _ in line for b, _ in line if a and b)
        if differs or moved:
            rows.append({"key": key, "cells": line, "differs": differs})
    return {
        "labels": labels,
        "documents": list(documents),
        "diffs": list(zip(labels[1:], diffs, strict=True)),
        "any": any(d.any for d in diffs),
        "subjects": [(n, [next((s for s in d.subjects if s.name == n), None) for d in documents]) for n in subjects],
        "rows": sorted(rows, key=lambda r: not r["differs"]),
        "above": {(i, s.name): wording.beyond(d, s.name) for i, d in enumerate(documents) for s in d.subjects},
        "total": len(keys),
        "facts": _facts(documents),
    }


def _facts(documents: Sequence[Document]) -> list[tuple[str, list[str], bool]]:
    """Seed, versions and environment of each run; True where they differ."""
    tables = [
        {
            "seed": str(d.seed),
            "effort": d.effort,
            "level asked for": d.asked_level,
            "made": d.created,
            **{f"version of {k}": v for k, v in d.versions.items()},
            **{k: wording.plain_data(v) for k, v in d.environment.items()},
        }
        for d in documents
    ]
    keys = list(dict.fromkeys(k for t in tables for k in t))
    rows = [(k, [t.get(k, "–") for t in tables]) for k in keys]
    return sorted(((k, v, len(set(v)) > 1) for k, v in rows), key=lambda r: not r[2])
