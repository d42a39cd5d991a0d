"""Stable addresses of a page's parts: the same cell or finding has the same address in every report."""

from __future__ import annotations

from softcert_reports.document import Cell, Finding, Subject
from softcert_reports.formatting.causes import Cause
from softcert_reports.formatting.sanitise import slug


def of_cell(cell: Cell) -> str:
    """``cell-`` and ten digits from subject, operation, format and property."""
    return "cell-" + slug(cell.subject, cell.operation, cell.format, cell.property)


def of_finding(finding: Finding | str) -> str:
    """``finding-`` and ten digits from the finding's id."""
    return "finding-" + slug(finding if isinstance(finding, str) else finding.id)


def of_subject(subject: Subject | str) -> str:
    """``subject-`` and ten digits from the name."""
    return "subject-" + slug(subject if isinstance(subject, str) else subject.name)


def of_cause(cause: Cause) -> str:
    """``cause-`` and ten digits from the subject and what is wrong with it."""
    return "cause-" + slug(cause.subject, cause.name, cause.first.id)
