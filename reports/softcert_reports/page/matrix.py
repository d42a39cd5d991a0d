"""The matrix implementation x property x format, one table an operation, properties ordered by level.

A table's cells are those of the document; what a property does not speak of is left empty, which is not "not run".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from softcert_reports.document import Cell, Document
from softcert_reports.formatting import ranking, wording
from softcert_reports.formatting.numbers import compact, short_number
from softcert_reports.page import anchors

CODES = {
    "pass": "p",
    "fail": "f",
    wording.ABOVE: "b",
    "expected fail": "e",
    "undecided": "u",
    "vacuous": "v",
    "not run": "n",
}
"""The one-letter class of each outcome in the page (short, since a page has thousands of cells)."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One cell as the page shows it."""

    anchor: str
    code: str
    text: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One implementation in one format; ``held`` counts the cells that hold, of ``judged`` at the asked level."""

    subject: str
    format: str
    first: bool
    entries: tuple[Entry | None, ...]
    held: int
    judged: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """All rows of one operation; ``groups`` are (level, number of its properties)."""

    operation: str
    groups: tuple[tuple[str, int], ...]
    properties: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(document: Document, addresses: Mapping[str, str]) -> list[Table]:
    """The matrix, one table for each operation, in the document's order.

    ``addresses`` say where on the page a finding is told, by its id.
    """
    order = {p.name: i for i, p in enumerate(document.properties)}
    out = []
    for operation in dict.fromkeys(c.operation for c in document.cells):
        cells = [c for c in document.cells if c.operation == operation]
        levels = {c.property: c.level for c in cells}
        names = sorted(levels, key=lambda p: (ranking.rank(levels[p]), order.get(p, len(order)), p))
        groups = tuple((level, len(list(group))) for level, group in groupby(names, key=lambda p: levels[p]))
        by_row: dict[str, dict[str, dict[str, Cell]]] = {}
        for c in cells:
            by_row.setdefault(c.subject, {}).setdefault(c.format, {}).setdefault(c.property, c)
        rows = [
            _row(document, subject, format, i == 0, [have.get(p) for p in names], addresses)
            for subject, formats in by_row.items()
            for i, (format, have) in enumerate(formats.items())
        ]
        out.append(Table(operation=operation, groups=groups, properties=tuple(names), rows=tuple(rows)))
    return out


def _row(
    document: Document, subject: str, format: str, first: bool, cells: list[Cell | None], addresses: Mapping[str, str]
) -> Row:
    judged = [c for c in cells if c and ranking.is_asked(c.level, document)]
    return Row(
        subject=subject,
        format=format,
        first=first,
        entries=tuple(_entry(c, document, addresses) if c else None for c in cells),
        held=sum(c.outcome == "pass" for c in judged),
        judged=len(judged),
    )


def _entry(cell: Cell, document: Document, addresses: Mapping[str, str]) -> Entry:
    outcome = wording.shown_outcome(cell, document)
    links = [addresses[f] for f in cell.findings if f in addresses]
    return Entry(
        anchor=anchors.of_cell(cell),
        code=CODES[outcome],
        text=f"{wording.GLYPHS[outcome]} {_number(cell)}".strip(),
        href=f"#{links[0]}" if links else "",
    )


def _number(cell: Cell) -> str:
    """Violations of checks where there are some, the number of checks otherwise."""
    if cell.outcome == "not run":
        return ""
    bad = cell.undecided if cell.outcome == "undecided" else cell.violations
    return f"{compact(bad)}/{compact(cell.checks)}" if bad else compact(cell.checks)


def details(document: Document, tables: Sequence[Table]) -> dict[str, Any]:
    """For the page's script, in the order of the page's cells.

    Each row is [checks, violations, undecided, error/limit, error in ulp, reason, worst case], cut after its last
    entry that says anything; reasons and cases are indices into ``texts``, which hold each text once.
    """
    by_anchor: dict[str, Cell] = {}
    for cell in document.cells:
        by_anchor.setdefault(anchors.of_cell(cell), cell)
    shown = [by_anchor[e.anchor] for table in tables for row in table.rows for e in row.entries if e]
    texts: dict[str, int] = {"": 0}
    rows = []
    for cell in shown:
        case = wording.recipe(cell.worst_case) if cell.outcome != "pass" else ""
        row: list[object] = [
            cell.checks,
            cell.violations,
            cell.undecided,
            None if cell.worst_ratio is None else short_number(cell.worst_ratio, 3),
            None if cell.worst_ulp is None else short_number(cell.worst_ulp, 3),
            texts.setdefault(cell.reason[:400], len(texts)),
            texts.setdefault(case[:400], len(texts)),
        ]
        while row and (row[-1] is None or row[-1] == 0):
            row.pop()
        rows.append(row)
    return {"cells": rows, "texts": list(texts)}
