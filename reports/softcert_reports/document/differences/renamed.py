"""Subjects that have another name in the new run: known by their source, where nothing else has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from softcert_reports.document.document import Document
from softcert_reports.document.records import Baseline, Subject


def renamed(old: Document, new: Document) -> dict[str, str]:
    """From old names that are gone to new ones that came: the same source and the same operations, and no other such.

    Parameters
    ----------
    old, new
        The documents of the two runs.

    Returns
    -------
    dict[str, str]
        Empty where no subject was renamed, or where it is not certain which one.
    """
    before, after = {s.name for s in old.subjects}, {s.name for s in new.subjects}
    gone = _by_source([s for s in old.subjects if s.name not in after])
    came = _by_source([s for s in new.subjects if s.name not in before])
    return {gone[key]: came[key] for key in gone if key in came}


def with_names(document: Document, names: Mapping[str, str]) -> Document:
    """The document with subjects under other names, wherever a difference looks at them."""
    if not names:
        return document
    kept = document.baseline
    entries = () if kept is None else tuple(replace(e, subject=names.get(e.subject, e.subject)) for e in kept.entries)
    baseline: Baseline | None = None if kept is None else replace(kept, entries=entries)
    return replace(
        document,
        subjects=tuple(replace(s, name=names.get(s.name, s.name)) for s in document.subjects),
        cells=tuple(replace(c, subject=names.get(c.subject, c.subject)) for c in document.cells),
        domains=tuple(replace(d, subject=names.get(d.subject, d.subject)) for d in document.domains),
        baseline=baseline,
    )


def _by_source(subjects: Sequence[Subject]) -> dict[tuple[str, tuple[str, ...]], str]:
    """The names of subjects by their source and operations, of those that no other one equals."""
    keys = [(s.source_digest, tuple(sorted(s.levels))) for s in subjects]
    counts = Counter(keys)
    return {key: s.name for key, s in zip(keys, subjects, strict=True) if key[0] and counts[key] == 1}
