"""A run as small HTML for notebooks: the verdict, the levels, each cause once. No script, no style, nothing loaded."""

from __future__ import annotations

from softcert_reports.document import Document, Held, Subject
from softcert_reports.document.notebook import table, text
from softcert_reports.formatting import causes, wording
from softcert_reports.formatting.causes import Cause
from softcert_reports.formatting.numbers import several

CAUSES = 5
"""Causes that are shown; how many more there are is said."""


def summary(document: Document) -> str:
    """The HTML of a run.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        Headline, counts, levels by operation and format, and each cause that decides, folded, with its plainest
        witness. Every text is escaped.
    """
    found = causes.gating(document)
    counts = wording.denominators(wording.totals(document), wording.violations_above(document))
    parts = [f"<p><b>{text(wording.headline(document))}</b></p>", f"<p>{text(counts)}</p>"]
    if not document.complete:
        parts.append(f"<p>Incomplete: {text(document.incomplete_reason or 'the run was ended early')}</p>")
    parts += [_levels(subject) for subject in document.subjects[:20]]
    parts += [_cause(c) for c in found[:CAUSES]]
    if len(found) > CAUSES:
        parts.append(f"<p>and {several(len(found) - CAUSES, 'more cause')}</p>")
    return f"<div>{''.join(parts)}</div>"


def _levels(subject: Subject) -> str:
    rows = [(operation, _formats(by)) for operation, by in wording.levels(subject)]
    return table([("", f"<b>{text(subject.name, 80)}</b>"), *rows]) if rows else ""


def _formats(held: list[tuple[str, Held]]) -> str:
    return ", ".join(f"{text(format)}: {text(h.level or 'no level')}" for format, h in held)


def _cause(c: Cause) -> str:
    head = f"{text(wording.behaviour(c.text) if c.known else c.name)} <small>({text(c.touches())})</small>"
    return f"<details><summary>{head}</summary>{c.first._repr_html_()}</details>"
