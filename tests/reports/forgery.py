"""Documents forged with a digest that fits, and what of a document is its verdict."""

from __future__ import annotations

import json
from typing import Any

from softcert_reports import document as d
from softcert_reports.document.codec import decode


def plain(document: d.Document) -> dict[str, Any]:
    """A document as JSON data, without sharing anything with it."""
    data: dict[str, Any] = json.loads(d.dumps(document))
    return data


def forged(data: dict[str, Any]) -> str:
    """The text of a document with changed data and a digest made new, as a forger would write it."""
    try:
        return d.dumps(decode(data, d.Document))
    except (d.DocumentError, AttributeError, TypeError):
        return json.dumps(data)  # no document at all: the reader must say so


def _levels(subject: d.Subject) -> list[tuple[str, str, str | None, bool]]:
    return [(o, f, h.level, h.correctly_rounded) for o, by in subject.levels.items() for f, h in by.items()]


def verdict(document: d.Document) -> object:
    """Everything that a document concludes: what no change of one place may alter unseen."""
    base = document.baseline
    return (
        document.exit_code,
        [(s.name, s.verdict, s.level, _levels(s), s.counts.checks, s.counts.failed) for s in document.subjects],
        None if base is None else (base.unexpected, base.stale),
    )
