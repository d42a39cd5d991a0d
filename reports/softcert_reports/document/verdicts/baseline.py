"""A run held against its baseline: what is unexpected, what is stale, and which failures are expected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from softcert_reports.document.document import Document
from softcert_reports.document.records import Baseline, BaselineEntry, Cell, Finding

Key = tuple[str, str, str, str]
"""Subject, operation, format and property."""

WORSE = 1 + 1e-6  # a baseline holds errors to six digits


def failures(document: Document) -> dict[Key, float | None]:
    """What fails at the asked level, with the largest error in ulp of each."""
    worst_by_key: dict[Key, float | None] = {}
    for cell in document.cells:
        if cell.outcome in ("fail", "expected fail") and cell.level <= document.asked_level:
            key = (cell.subject, cell.operation, cell.format, cell.property)
            worst = [e for e in (worst_by_key.get(key), cell.worst_ulp) if e is not None]
            worst_by_key[key] = max(worst) if worst else None
    return worst_by_key


def key_of(entry: BaselineEntry) -> Key:
    """What an entry speaks of; a property "*" stands for every property of an operation and format."""
    return entry.subject, entry.operation, entry.format, entry.property


def compare(document: Document, baseline: Baseline) -> Document:
    """The document with expected failures marked, and with what is unexpected and what is stale.

    Parameters
    ----------
    document
        A document whose levels and outcomes are filled in, without marks.
    baseline
        The path and the entries; those of subjects that the document lacks are dropped.
    """
    run = {s.name for s in document.subjects}
    entries = tuple(e for e in baseline.entries if e.subject in run)
    expected = {key_of(e): e for e in entries}
    failing = failures(document)
    return replace(
        document,
        cells=tuple(_marked(cell, expected, document) for cell in document.cells),
        findings=tuple(_explained(finding, expected) for finding in document.findings),
        baseline=Baseline(
            path=baseline.path,
            entries=entries,
            unexpected=tuple(_unexpected(document, failing, expected)),
            stale=tuple(_stale(failing, expected)),
        ),
    )


def _entry_of(key: Key, expected: Mapping[Key, BaselineEntry]) -> BaselineEntry | None:
    return expected.get(key) or expected.get((*key[:3], "*"))


def _unexpected(
    document: Document, failing: Mapping[Key, float | None], expected: Mapping[Key, BaselineEntry]
) -> Iterator[str]:
    for key in failing:
        if _entry_of(key, expected) is None:
            yield f"{' / '.join(key)} fails and is not in the baseline."
    for entry in expected.values():
        yield from _other_level(document, entry)
    for key, worst in failing.items():
        known = expected[key].largest_error if key in expected else None
        if worst is not None and known is not None and (worst > known * WORSE or math.isnan(known)):
            yield f"{' / '.join(key)} got worse: {worst:.6g} ulp, the baseline has {known:.6g}."


def _other_level(document: Document, entry: BaselineEntry) -> Iterator[str]:
    """What is wrong where an entry names the level that is held, and another one is."""
    for subject in document.subjects:
        held = subject.levels.get(entry.operation, {}).get(entry.format)
        if entry.holds and subject.name == entry.subject and held is not None and (held.level or "none") != entry.holds:
            place = " / ".join(key_of(entry)[:3])
            yield f"{place} holds level {held.level or 'none'}, the baseline says {entry.holds}."


def _stale(failing: Mapping[Key, float | None], expected: Mapping[Key, BaselineEntry]) -> Iterator[str]:
    for key in expected:
        if not any(k == key or (key[3] == "*" and k[:3] == key[:3]) for k in failing):
            yield f"{' / '.join(key)} is expected to fail but passes: remove it from the baseline (--update-baseline)."


def _marked(cell: Cell, expected: Mapping[Key, BaselineEntry], document: Document) -> Cell:
    entry = _entry_of((cell.subject, cell.operation, cell.format, cell.property), expected)
    hit = entry is not None and cell.level <= document.asked_level and cell.outcome == "fail"
    return replace(cell, outcome="expected fail") if hit else cell


def _explained(finding: Finding, expected: Mapping[Key, BaselineEntry]) -> Finding:
    entry = _entry_of((finding.subject, finding.operation, finding.format, finding.property), expected)
    return replace(finding, expected_reason=entry.reason) if entry else finding
