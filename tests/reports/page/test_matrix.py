"""The matrix: its rows, and the details behind each cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.formatting import wording
from softcert_reports.page import anchors, matrix


def test_details_stand_in_the_order_of_the_cells_of_the_page() -> None:
    document = sample.sample()
    tables = matrix.tables(document, {})
    found = matrix.details(document, tables)
    anchors_shown = [e.anchor for t in tables for r in t.rows for e in r.entries if e]
    assert len(found["cells"]) == len(anchors_shown) == len(document.cells)
    by_anchor = dict(zip(anchors_shown, found["cells"], strict=True))
    for cell in document.cells:
        row = by_anchor[anchors.of_cell(cell)]
        assert (row[0] if row else 0) == cell.checks
        assert found["texts"][row[5] if len(row) > 5 else 0] == cell.reason


def _softmax() -> matrix.Table:
    addresses = {f.id: anchors.of_finding(f) for f in sample.sample().findings}
    return next(t for t in matrix.tables(sample.sample(), addresses) if t.operation == "softmax")


def test_columns_are_ordered_by_level_and_then_as_the_document_lists_them() -> None:
    properties = sample.sample().properties[::-1]
    document = replace(sample.sample(), properties=properties, cells=sample.sample().cells[::-1])
    table = next(t for t in matrix.tables(document, {}) if t.operation == "softmax")
    order = [p.name for p in properties]
    level = {p.name: p.level for p in properties}
    assert list(table.properties) == sorted(table.properties, key=lambda p: (d.Level(level[p]).rank, order.index(p)))
    assert [word for word, _ in table.groups] == ["sound", "stable", "accurate", "faithful"]
    assert sum(number for _, number in table.groups) == len(table.properties)


def test_a_row_counts_what_holds_of_what_was_asked_for() -> None:
    document = sample.sample()
    row = next(r for r in _softmax().rows if (r.subject, r.format) == ("naive", "float32"))
    asked = [
        c
        for c in document.cells
        if (c.subject, c.operation, c.format) == ("naive", "softmax", "float32") and c.level in ("sound", "stable")
    ]
    assert row.first
    assert (row.held, row.judged) == (sum(c.outcome == "pass" for c in asked), len(asked))
    assert row.held == row.judged - 3  # finite, special_values and sums_to_one


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"outcome": "pass", "checks": 12_345}, "p", "✓ 12.3k"),
        ({"outcome": "fail", "checks": 9, "violations": 2}, "f", "✗ 2/9"),
        ({"outcome": "fail", "checks": 9, "violations": 2, "level": "faithful"}, "b", "○ 2/9"),
        ({"outcome": "undecided", "checks": 9, "undecided": 1}, "u", "? 1/9"),
        ({"outcome": "not run", "checks": 0}, "n", "–"),
    ],
)
def test_an_entry_has_the_glyph_of_its_outcome_and_its_count(change: dict[str, Any], code: str, text: str) -> None:
    cell = replace(sample.sample().cells[0], **change)
    document = replace(sample.sample(), cells=(cell,), findings=())
    (entry,) = matrix.tables(document, {})[0].rows[0].entries
    assert entry is not None
    assert (entry.code, entry.text, entry.href) == (code, text, "")


def test_a_cell_with_a_finding_leads_to_it() -> None:
    finding = sample.sample().findings[0]
    entries = [e for r in _softmax().rows for e in r.entries if e and e.href == "#" + anchors.of_finding(finding)]
    assert len(entries) == 1


def test_every_outcome_that_is_shown_has_a_class_of_its_own() -> None:
    assert set(matrix.CODES) == {*d.OUTCOMES, wording.ABOVE} == set(wording.GLYPHS) == set(wording.OUTCOME_MEANING)
    assert len(set(matrix.CODES.values())) == len(matrix.CODES)
