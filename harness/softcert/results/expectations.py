"""A run compared with its baseline: what is unexpected, what is stale, and how the baseline is updated."""

from __future__ import annotations

from dataclasses import replace

from softcert.results.baseline import Baseline, Expected, Key, in_order
from softcert_oracle.levels import Level
from softcert_reports import document as doc

_WORSE = 1 + 1e-6  # a baseline holds errors to six digits


def failures(document: doc.Document) -> dict[Key, float | None]:
    """What fails at the asked level, with the largest error in ulp of each."""
    asked = Level(document.asked_level)
    worst_by_key: dict[Key, float | None] = {}
    for cell in document.cells:
        if cell.outcome in ("fail", "expected fail") and Level(cell.level) <= asked:
            key = (cell.subject, cell.operation, cell.format, cell.property)
            worst = [e for e in (worst_by_key.get(key), cell.worst_ulp) if e is not None]
            worst_by_key[key] = max(worst) if worst else None
    return worst_by_key


def compare(document: doc.Document, baseline: Baseline) -> doc.Document:
    """The document with the baseline's entries, what is unexpected and what is stale, and expected cells marked."""
    failing = failures(document)
    expected = {e.key: e for e in baseline.entries}
    run = {s.name for s in document.subjects}

    def entry_of(key: Key) -> Expected | None:
        return expected.get(key) or expected.get((*key[:3], "*"))

    unexpected = [f"{' / '.join(k)} fails and is not in the baseline." for k in failing if entry_of(k) is None]
    unexpected += [text for e in baseline.entries if (text := _other_level(document, e))]
    for key, worst in failing.items():
        known = expected[key].largest_error if key in expected else None
        if worst is not None and known is not None and worst > known * _WORSE:
            unexpected.append(f"{' / '.join(key)} got worse: {worst:.6g} ulp, the baseline has {known:.6g}.")
    stale = [
        f"{' / '.join(e.key)} is expected to fail but passes: remove it from the baseline (--update-baseline)."
        for e in baseline.entries
        if e.subject in run and not any(k == e.key or (e.property_name == "*" and k[:3] == e.key[:3]) for k in failing)
    ]
    asked = Level(document.asked_level)

    def marked(cell: doc.Cell) -> doc.Cell:
        entry = entry_of((cell.subject, cell.operation, cell.format, cell.property))
        hit = entry is not None and Level(cell.level) <= asked
        return replace(cell, outcome="expected fail") if hit and cell.outcome == "fail" else cell

    def explained(finding: doc.Finding) -> doc.Finding:
        entry = entry_of((finding.subject, finding.operation, finding.format, finding.property))
        return replace(finding, expected_reason=entry.reason) if entry else finding

    entries = tuple(
        doc.BaselineEntry(
            subject=e.subject,
            operation=e.operation,
            format=e.format,
            property=e.property_name,
            reason=e.reason,
            largest_error=e.largest_error,
        )
        for e in baseline.entries
        if e.subject in run
    )
    return replace(
        document,
        cells=tuple(marked(c) for c in document.cells),
        findings=tuple(explained(f) for f in document.findings),
        baseline=doc.Baseline(path=baseline.path, entries=entries, unexpected=tuple(unexpected), stale=tuple(stale)),
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
    failing = failures(document)
    if old is None:
        because = reason or "known when the baseline was written: say why here"
        return in_order(_entry(key, because, worst) for key, worst in failing.items())
    run = {s.name for s in document.subjects}
    entries = []
    for entry in old.entries:
        if entry.subject not in run or (entry.property_name == "*" and any(k[:3] == entry.key[:3] for k in failing)):
            entries.append(entry)
        elif entry.key in failing:
            worst, known = failing[entry.key], entry.largest_error
            lower = worst if known is None or (worst is not None and worst < known) else known
            entries.append(replace(entry, largest_error=lower))
    return in_order(entries)


def _entry(key: Key, reason: str, largest_error: float | None) -> Expected:
    subject, operation, format, property_name = key
    return Expected(
        subject=subject,
        operation=operation,
        format=format,
        property_name=property_name,
        reason=reason,
        largest_error=largest_error,
    )
