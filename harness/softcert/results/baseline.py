"""Known failures, declared with a reason: the baseline. Strict in both directions.

A TOML file, one table an expected failure::

    [[expected]]
    implementation = "naive"
    operation = "softmax"
    format = "float32"
    property = "finite"
    reason = "the maximum is not subtracted"
    largest_error = "inf"

What fails and is not in it is unexpected; what is in it and passes, or was not run, is stale. Both fail the gate.
``property = "*"`` stands for every property of an operation and format, and ``holds`` for the level that is held there
all the same: exactly that one ("none" for none).
"""

from __future__ import annotations

import builtins
import json
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from softcert.properties.table import LEVELS
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc
from softcert_reports.document.atomic import write_whole

Key = tuple[str, str, str, str]
_FIELDS = ("implementation", "operation", "format", "property", "reason")
BUNDLED = Path(__file__).parent / "data" / "baseline.toml"


@dataclass(frozen=True)
class Expected:
    """One expected failure: where, why, and the largest error in ulp when it was written (inf for NaN)."""

    subject: str
    operation: str
    format: str
    property: str
    reason: str
    largest_error: float | None = None
    holds: str = ""

    @builtins.property
    def key(self) -> Key:
        """What it is looked up by."""
        return self.subject, self.operation, self.format, self.property


@dataclass(frozen=True)
class Baseline:
    """The expected failures of a file."""

    path: str
    entries: tuple[Expected, ...]


def load(path: str | Path) -> Baseline:
    """The baseline in a file ("bundled" is the one of the bundled implementations); `UsageError` if it is broken."""
    file = BUNDLED if str(path) == "bundled" else Path(path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"baseline={str(path)!r} cannot be read: {error.strerror}. Write one with --update-baseline."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"baseline={str(path)!r} is not whole TOML: {error}.") from None
    entries = data.get("expected", [])
    if set(data) - {"expected", "version"} or not isinstance(entries, list):
        raise UsageError(f"baseline={str(path)!r}: only [[expected]] tables are accepted, found {sorted(data)}.")
    found = tuple(_entry(e, str(path)) for e in entries)
    keys = [e.key for e in found]
    if repeated := {k for k in keys if keys.count(k) > 1}:
        raise UsageError(f"baseline={str(path)!r} names {' / '.join(min(repeated))} more than once.")
    return Baseline(str(path), found)


def _entry(data: Any, path: str) -> Expected:
    if not isinstance(data, dict) or any(not isinstance(data.get(k), str) or not data[k] for k in _FIELDS):
        raise UsageError(f"baseline={path!r}: each [[expected]] needs {', '.join(_FIELDS)}; found {data!r}.")
    if data.get("holds", "none") not in (*LEVELS, "none"):
        raise UsageError(f"baseline={path!r}: holds={data['holds']!r}; accepted: {', '.join(LEVELS)}, none.")
    if extra := set(data) - {*_FIELDS, "largest_error", "holds"}:
        raise UsageError(f"baseline={path!r}: unknown keys {sorted(extra)} in an [[expected]] table.")
    try:
        error = float(data["largest_error"]) if "largest_error" in data else None
    except (TypeError, ValueError):
        raise UsageError(f"baseline={path!r}: largest_error={data['largest_error']!r} is no number.") from None
    subject, operation, format, property, reason = (str(data[k]) for k in _FIELDS)
    return Expected(subject, operation, format, property, reason, error, data.get("holds", ""))


def failures(document: doc.Document) -> dict[Key, float | None]:
    """What fails at the asked level, with the largest error in ulp of each."""
    asked = LEVELS[: LEVELS.index(document.asked_level) + 1]
    found: dict[Key, float | None] = {}
    for cell in document.cells:
        if cell.outcome in ("fail", "expected fail") and cell.level in asked:
            key = (cell.subject, cell.operation, cell.format, cell.property)
            worst = [e for e in (found.get(key), cell.worst_ulp) if e is not None]
            found[key] = max(worst) if worst else None
    return found


def compare(document: doc.Document, baseline: Baseline) -> doc.Document:
    """The document with the baseline's entries, what is unexpected and what is stale, and expected cells marked."""
    found = failures(document)
    expected = {e.key: e for e in baseline.entries}
    run = {s.name for s in document.subjects}

    def entry_of(key: Key) -> Expected | None:
        return expected.get(key) or expected.get((*key[:3], "*"))

    unexpected = [f"{' / '.join(k)} fails and is not in the baseline." for k in found if entry_of(k) is None]
    unexpected += [text for e in baseline.entries if (text := _other_level(document, e))]
    for key, worst in found.items():
        known = expected[key].largest_error if key in expected else None
        if worst is not None and known is not None and worst > known * (1 + 1e-6):
            unexpected.append(f"{' / '.join(key)} got worse: {worst:.6g} ulp, the baseline has {known:.6g}.")
    stale = [
        f"{' / '.join(e.key)} is expected to fail but passes: remove it from the baseline (--update-baseline)."
        for e in baseline.entries
        if e.subject in run and not any(k == e.key or (e.property == "*" and k[:3] == e.key[:3]) for k in found)
    ]
    asked = LEVELS[: LEVELS.index(document.asked_level) + 1]

    def marked(cell: doc.Cell) -> doc.Cell:
        entry = entry_of((cell.subject, cell.operation, cell.format, cell.property))
        hit = entry is not None and cell.level in asked
        return replace(cell, outcome="expected fail") if hit and cell.outcome == "fail" else cell

    def explained(finding: doc.Finding) -> doc.Finding:
        entry = entry_of((finding.subject, finding.operation, finding.format, finding.property))
        return replace(finding, expected_reason=entry.reason) if entry else finding

    entries = tuple(
        doc.BaselineEntry(e.subject, e.operation, e.format, e.property, e.reason, e.largest_error)
        for e in baseline.entries
        if e.subject in run
    )
    return replace(
        document,
        cells=tuple(marked(c) for c in document.cells),
        findings=tuple(explained(f) for f in document.findings),
        baseline=doc.Baseline(baseline.path, entries, tuple(unexpected), tuple(stale)),
    )


def _other_level(document: doc.Document, entry: Expected) -> str:
    """What is wrong where an entry names the level that is held, and another one is."""
    for subject in document.subjects:
        held = subject.levels.get(entry.operation, {}).get(entry.format)
        if entry.holds and subject.name == entry.subject and held is not None and (held.level or "none") != entry.holds:
            place = " / ".join(entry.key[:3])
            return f"{place} holds level {held.level or 'none'}, the baseline says {entry.holds}."
    return ""


def updated(document: doc.Document, old: Baseline | None, reason: str = "") -> tuple[Expected, ...]:
    """The baseline after this run: entries that pass are dropped, errors are lowered, never raised.

    New failures are added only where there is no baseline yet (``old`` None): then each gets ``reason``.
    """
    found = failures(document)
    if old is None:
        because = reason or "known when the baseline was written: say why here"
        return _sorted(Expected(*key, because, worst) for key, worst in found.items())
    run = {s.name for s in document.subjects}
    kept = []
    for entry in old.entries:
        if entry.subject not in run or (entry.property == "*" and any(k[:3] == entry.key[:3] for k in found)):
            kept.append(entry)
        elif entry.key in found:
            worst, known = found[entry.key], entry.largest_error
            lower = worst if known is None or (worst is not None and worst < known) else known
            kept.append(replace(entry, largest_error=lower))
    return _sorted(kept)


def _sorted(entries: Iterable[Expected]) -> tuple[Expected, ...]:
    return tuple(sorted(entries, key=lambda e: e.key))


def save(entries: Iterable[Expected], path: str | Path) -> None:
    """Write a baseline whole or not at all, sorted."""
    lines = ["# Expected failures of implementations, each with its reason. Strict: see docs/ci.md.", ""]
    for e in _sorted(entries):
        pairs = zip(_FIELDS, (e.subject, e.operation, e.format, e.property, e.reason), strict=True)
        lines += ["[[expected]]", *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in pairs)]
        if e.largest_error is not None:
            shown = "inf" if math.isinf(e.largest_error) else f"{e.largest_error:.6g}"
            lines.append(f'largest_error = "{shown}"')
        if e.holds:
            lines.append(f'holds = "{e.holds}"')
        lines.append("")
    write_whole(Path(path), "\n".join(lines))
