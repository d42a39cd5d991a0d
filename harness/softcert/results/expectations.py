"""A baseline in a results document, and how a run updates its baseline."""

from __future__ import annotations

from dataclasses import replace

from softcert.results.baseline import Baseline, Expected, Key, in_order
from softcert_reports import document as doc
from softcert_reports.document.verdicts.baseline import failures


def recorded(baseline: Baseline) -> doc.Baseline:
    """A baseline as documents hold it; `softcert_reports.document.verdicts.baseline.compare` holds a run against it."""
    entries = tuple(
        doc.BaselineEntry(
            subject=e.subject,
            operation=e.operation,
            format=e.format,
            property=e.property_name,
            reason=e.reason,
            largest_error=e.largest_error,
            holds=e.holds,
        )
        for e in baseline.entries
    )
    return doc.Baseline(path=baseline.path, entries=entries)


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
