"""Whether the parts of a document fit together: nothing twice, nothing out of place, no count above its whole.

These are the facts that `softcert_reports.document.verdicts.derive` rests on and cannot compute itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from softcert_reports.document.document import Document
from softcert_reports.document.levels import Level
from softcert_reports.document.records import Cell, Domain, Finding, Subject
from softcert_reports.document.verdicts.units import ACCURACY

_DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?")
_LEVEL_OF = {name: level for level, name in ACCURACY.items()}

_KEYS: Mapping[str, Callable[[Any], Hashable]] = {
    "subjects": lambda r: r.name,
    "properties": lambda r: r.name,
    "cells": lambda r: (r.subject, r.operation, r.format, r.property),
    "findings": lambda r: r.id,
    "domains": lambda r: (r.subject, r.operation, r.format),
    "series": lambda r: (r.subject, r.operation, r.format, r.axis),
    "histograms": lambda r: (r.subject, r.operation, r.format),
    "special_values": lambda r: (r.subject, r.operation, r.format, r.row),
}
"""By part of a document: what tells its records apart."""

_OF_UNITS = ("cells", "findings", "observations", "domains", "series", "histograms", "growth", "special_values")
"""The parts whose records each belong to one unit."""


def problems(document: Document) -> Iterator[str]:
    """One sentence for everything that does not fit together."""
    yield from _twice(document)
    for subject in document.subjects:
        yield from _of_subject(document, subject)
    yield from _out_of_place(document)
    for cell in document.cells:
        yield from _of_cell(cell)
    yield from _of_findings(document)
    if document.complete and any(s.ending == "interrupted" for s in document.subjects):
        yield "the run says that it is complete, but a subject's run was interrupted"


def shown(*parts: str) -> str:
    """A place in a document for a message, whatever its names hold."""
    return repr(" / ".join(part if len(part) <= 80 else f"{part[:80]}…" for part in parts))


def _twice(document: Document) -> Iterator[str]:
    for name, key in _KEYS.items():
        counted = Counter(key(record) for record in getattr(document, name))
        for repeated in [k for k, n in counted.items() if n > 1][:1]:
            parts = repeated if isinstance(repeated, tuple) else (repeated,)
            yield f"{name} has {shown(*map(str, parts))} twice"
    if document.baseline is not None:
        keys = Counter((e.subject, e.operation, e.format, e.property) for e in document.baseline.entries)
        yield from (f"its baseline has {shown(*key)} twice" for key, n in keys.items() if n > 1)


def _of_subject(document: Document, subject: Subject) -> Iterator[str]:
    name = shown(subject.name)
    asked = document.asked_operations
    operations = [o for o in subject.operations if asked is None or o in asked]
    claimed = {(o, f) for o in operations for f in subject.formats}
    planned = {(o, f) for o, by_format in subject.levels.items() for f in by_format}
    if claimed != planned:
        operation, format = min(claimed ^ planned)
        which = "lacks" if (operation, format) in claimed else "has, without claiming it,"
        yield f"{name} {which} the level of {shown(operation, format)}"
    for effect in subject.contract_effects:
        where = shown(subject.name, effect.operation, effect.format)
        if (effect.operation, effect.format) not in planned:
            yield f"the contract's effect speaks of {where}, which no subject has"
        if effect.admitted > effect.cases:
            yield f"the contract of {where} admits more cases than there are"
    for part, records in (("cells", document.cells), ("domains", document.domains)):
        there = {(r.operation, r.format) for r in records if r.subject == subject.name}
        if missing := planned - there:
            yield f"{part} has nothing of {shown(subject.name, *min(missing))}"
    for operation, by_format in subject.levels.items():
        for format, held in by_format.items():
            if held.not_nearest > held.rounded:
                yield f"{shown(subject.name, operation, format)} has more results that are not nearest than results"
    if not _DIGEST.fullmatch(subject.source_digest):
        yield f"the source digest of {name} is none: give sha256: and 64 hexadecimal digits"


def _out_of_place(document: Document) -> Iterator[str]:
    planned = {(s.name, o, f) for s in document.subjects for o, by_format in s.levels.items() for f in by_format}
    for name in _OF_UNITS:
        for record in getattr(document, name):
            place = (record.subject, record.operation, record.format)
            if place not in planned:
                yield f"{name} speaks of {shown(*place)}, which no subject has"
                break
    for domain in document.domains:
        for span in (domain.classes, domain.rows):
            if span and (len(span) != 2 or span[0] > span[1]):
                yield f"the domain of {shown(domain.subject, domain.operation, domain.format)} has the span {span}"
        yield from _beyond(domain)


def _beyond(domain: Domain) -> Iterator[str]:
    """What a domain says of sizes and crossings that cannot be so."""
    place = shown(domain.subject, domain.operation, domain.format)
    corners = domain.hull
    if any(a.rows >= b.rows or a.classes <= b.classes for a, b in pairwise(corners)):
        yield f"the hull of {place} is none: more rows go with fewer classes"
    if corners and (corners[0].classes, corners[-1].rows) != (
        max(domain.classes, default=0),
        max(domain.rows, default=0),
    ):
        yield f"the hull of {place} does not end where its spans end"
    for crossing in domain.crossings:
        if crossing.met > crossing.possible:
            yield f"{place} has more combinations than are possible"


def _of_cell(cell: Cell) -> Iterator[str]:
    place = shown(cell.subject, cell.operation, cell.format, cell.property)
    levels = [part.level for part in cell.by_level]
    if len(set(levels)) < len(levels):
        yield f"the cell {place} counts a level twice"
    if cell.property in _LEVEL_OF and set(levels) - {_LEVEL_OF[cell.property]}:
        yield f"the cell {place} counts another level than its own"
    if any(part.violations + part.undecided > part.checks for part in cell.by_level):
        yield f"the cell {place} has more violations than checks"


def _of_findings(document: Document) -> Iterator[str]:
    cells = {(c.subject, c.operation, c.format, c.property): c for c in document.cells}
    listed = {(id, c.subject, c.operation, c.format) for c in document.cells for id in c.findings}
    there = {(f.id, f.subject, f.operation, f.format) for f in document.findings}
    yield from (
        f"a cell of {shown(*place)} lists the finding {shown(id)}, which is not there" for id, *place in listed - there
    )
    for finding in document.findings:
        yield from _of_finding(finding, cells)
    found = {(f.subject, f.operation, f.format) for f in document.findings if f.level <= document.asked_level}
    called = {s.name for s in document.subjects if s.counts.calls}
    yield from (
        f"{shown(*place)} fails at the asked level, but no finding shows it"
        for place in _failing(document)
        if place[0] in called and place not in found
    )


def _of_finding(finding: Finding, cells: Mapping[tuple[str, str, str, str], Cell]) -> Iterator[str]:
    """A finding belongs to a cell that lists it and counts a violation at the finding's level."""
    level = Level(finding.level)
    property = ACCURACY[level] if finding.property == "accuracy" else finding.property
    cell = cells.get((finding.subject, finding.operation, finding.format, property))
    if cell is None or finding.id not in cell.findings:
        yield f"the finding {shown(finding.id)} belongs to no cell"
    elif not any(part.violations for part in cell.by_level if part.level == level):
        yield f"the finding {shown(finding.id)} says that {level} is violated, its cell does not"


def _failing(document: Document) -> Iterable[tuple[str, str, str]]:
    """The units that have a violation at the asked level."""
    return dict.fromkeys(
        (c.subject, c.operation, c.format)
        for c in document.cells
        for part in c.by_level
        if part.violations and part.level <= document.asked_level
    )
