"""Several runs side by side as one HTML page, differences first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from softcert_reports.document import Cell, Document, canonical
from softcert_reports.document.difference import diff, moved, place
from softcert_reports.document.errors import DocumentError
from softcert_reports.formatting import wording
from softcert_reports.page.render import page


def compare(documents: Sequence[Document], names: Sequence[str] | None = None) -> str:
    """Several runs side by side as one HTML page, differences first.

    Parameters
    ----------
    documents
        The runs; each is compared with the first.
    names
        A name for each run; by default a letter and the document's title.

    Returns
    -------
    str
        The page (UTF-8): one file without any request to anywhere, the same bytes for the same documents.

    Raises
    ------
    DocumentError
        For fewer than two documents, or another number of names than of documents.
    """
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
    keys = list(dict.fromkeys(place(c) for d in documents for c in d.cells))
    cells = [{place(c): c for c in d.cells} for d in documents]
    rows = []
    for key in keys:
        line: list[tuple[Cell | None, str]] = [
            (c, wording.shown_outcome(c, d) if c else "")
            for d, by in zip(documents, cells, strict=True)
            for c in (by.get(key),)
        ]
        differs = len({outcome for _, outcome in line}) > 1
        has_moved = any(moved(a.worst_ratio, b.worst_ratio) for a, _ in line for b, _ in line if a and b)
        if differs or has_moved:
            rows.append({"key": key, "cells": line, "differs": differs})
    return {
        "labels": labels,
        "documents": list(documents),
        "diffs": list(zip(labels[1:], diffs, strict=True)),
        "any": any(d.any for d in diffs),
        "subjects": [(n, [next((s for s in d.subjects if s.name == n), None) for d in documents]) for n in subjects],
        "rows": sorted(rows, key=lambda r: not r["differs"]),
        "above": {
            (i, s.name): wording.violations_above(d, s.name) for i, d in enumerate(documents) for s in d.subjects
        },
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
