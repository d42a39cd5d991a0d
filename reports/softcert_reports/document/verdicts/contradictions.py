"""What a document states against what follows from its counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from softcert_reports.document.document import Document
from softcert_reports.document.records import Baseline, Subject
from softcert_reports.document.verdicts import structure
from softcert_reports.document.verdicts.derive import derive
from softcert_reports.document.verdicts.structure import shown


def contradictions(document: Document) -> list[str]:
    """Where a document contradicts itself.

    Parameters
    ----------
    document
        A document as it was read.

    Returns
    -------
    list of str
        One sentence for each: parts that do not fit together, and each outcome, level, verdict, count, outcome of the
        baseline or exit code that does not follow from the cells. Empty for a document that a run has written.
    """
    return list(structure.problems(document)) or list(_stated(document, derive(document)))


def _stated(stated: Document, due: Document) -> Iterator[str]:
    for cell, other in zip(stated.cells, due.cells, strict=True):
        place = shown(cell.subject, cell.operation, cell.format, cell.property)
        for name in ("checks", "violations", "undecided", "level", "outcome"):
            yield from _differs(f"the cell {place}", name, getattr(cell, name), getattr(other, name))
    for subject, other_subject in zip(stated.subjects, due.subjects, strict=True):
        yield from _subject(subject, other_subject)
    for finding, other_finding in zip(stated.findings, due.findings, strict=True):
        names = (finding.expected_reason, other_finding.expected_reason)
        yield from _differs(f"the finding {shown(finding.id)}", "expected reason", *names)
    yield from _special_values(stated)
    if stated.baseline is not None and due.baseline is not None:
        yield from _baseline(stated.baseline, due.baseline)
    yield from _differs("the run", "exit code", stated.exit_code, due.exit_code)


def _subject(stated: Subject, due: Subject) -> Iterator[str]:
    place = shown(stated.name)
    for operation, by_format in stated.levels.items():
        for format, held in by_format.items():
            other = due.levels[operation][format]
            where = shown(stated.name, operation, format)
            yield from _differs(where, "level", held.level, other.level)
            yield from _differs(where, "correctly rounded", held.correctly_rounded, other.correctly_rounded)
    for name in ("verdict", "level"):
        yield from _differs(place, name, getattr(stated, name), getattr(due, name))
    for count in fields(stated.counts):
        values = (getattr(stated.counts, count.name), getattr(due.counts, count.name))
        yield from _differs(f"the counts of {place}", count.name.replace("_", " "), *values)


def _special_values(document: Document) -> Iterator[str]:
    """A row of the table that fails is a violation of the property of that name."""
    failing = {
        (c.subject, c.operation, c.format) for c in document.cells if c.property == "special_values" and c.violations
    }
    for row in document.special_values:
        if row.outcome == "fail" and (row.subject, row.operation, row.format) not in failing:
            place = shown(row.subject, row.operation, row.format, row.row)
            yield f"the special value {place} fails, but no cell counts it"


def _baseline(stated: Baseline, due: Baseline) -> Iterator[str]:
    if stated.entries != due.entries:
        yield "its baseline has entries of subjects that are not in the run"
    for name in ("unexpected", "stale"):
        values = (len(getattr(stated, name)), len(getattr(due, name)))
        if values[0] != values[1]:
            yield from _differs("its baseline", f"number of {name} results", *values)
        elif getattr(stated, name) != getattr(due, name):
            yield f"its baseline states other {name} results than follow from its entries and the cells"


def _differs(place: str, name: str, stated: object, due: object) -> Iterator[str]:
    if stated != due:
        yield f"{place} has the {name} {_word(stated)}, but {_word(due)} follows from what was counted"


def _word(value: object) -> str:
    return "none" if value is None else f"{str(value)[:80]!r}" if isinstance(value, str) else str(value)
