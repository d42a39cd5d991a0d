"""Addresses do not change from one report to the next, and tell cells apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.page import anchors

CELL = d.Cell(subject="naive", operation="softmax", format="float32", property="finite", outcome="pass")


def test_the_address_of_a_cell_is_the_same_in_every_report() -> None:
    assert anchors.of_cell(CELL) == "cell-834d83f4eb"
    assert anchors.of_cell(replace(CELL, outcome="fail", checks=9)) == "cell-834d83f4eb"


@pytest.mark.parametrize("field", ["subject", "operation", "format", "property"])
def test_every_part_of_a_cells_place_counts(field: str) -> None:
    assert anchors.of_cell(replace(CELL, **{field: "another"})) != anchors.of_cell(CELL)  # type: ignore[arg-type]


def test_the_parts_of_a_place_do_not_run_together() -> None:
    one, other = replace(CELL, subject="ab", operation="c"), replace(CELL, subject="a", operation="bc")
    assert anchors.of_cell(one) != anchors.of_cell(other)


def test_findings_and_subjects_are_addressed_by_record_or_by_name() -> None:
    finding, subject = sample.sample().findings[0], sample.sample().subjects[0]
    assert anchors.of_finding(finding) == anchors.of_finding(finding.id) != anchors.of_subject(finding.id)
    assert anchors.of_subject(subject) == anchors.of_subject("naive") == "subject-" + anchors.of_finding("naive")[8:]
