"""A document as test cases: one for each cell of the matrix, one for each verdict, and some about the run itself.

JUnit and CTRF are written from these. What holds is a pass; violated at the level asked for is a failure; undecided is
an error, since it is never green; what was expected, not asked for, vacuous or not run is skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from softcert_reports.document import Cell, Document, Finding, Subject
from softcert_reports.exports import text
from softcert_reports.formatting import causes, ranking, wording
from softcert_reports.formatting.contracts import contract_line

Status = Literal["passed", "failure", "error", "skipped"]
RUN = "softcert"
"""The suite of the cases about the run itself."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One test case.

    Attributes
    ----------
    suite
        The implementation's name, or `RUN`.
    classname, name
        Where, and what: the property, or "verdict".
    status
        How it came out.
    message, detail
        Why, in one line, and the findings in full; empty for a pass.
    """

    suite: str
    classname: str
    name: str
    status: Status = "passed"
    message: str = ""
    detail: str = ""


def entries(document: Document) -> list[Entry]:
    """All cases of a document: those of each subject, its verdict last, then those of the run."""
    findings = {f.id: f for f in document.findings}
    of_subjects = (entry for subject in document.subjects for entry in _of_subject(document, subject, findings))
    return [*of_subjects, *_of_run(document)]


def _of_subject(document: Document, subject: Subject, findings: dict[str, Finding]) -> Iterator[Entry]:
    for cell in (c for c in document.cells if c.subject == subject.name):
        where = ".".join((subject.name, cell.operation, cell.format))
        mine = [findings[i] for i in cell.findings if i in findings]
        status, message, detail = _outcome(document, cell, mine)
        yield Entry(
            suite=subject.name,
            classname=where,
            name=cell.property,
            status=status,
            message=message,
            detail=detail,
        )
    status, message, detail = _verdict(document, subject)
    yield Entry(
        suite=subject.name, classname=subject.name, name="verdict", status=status, message=message, detail=detail
    )


def _outcome(document: Document, cell: Cell, findings: list[Finding]) -> tuple[Status, str, str]:
    shown = wording.shown_outcome(cell, document)
    detail = "\n\n".join(text.finding(f) for f in findings[:3]) or wording.recipe(cell.worst_case)
    counted = f"{cell.violations} of {cell.checks} checks were violated"
    if shown == "pass":
        return "passed", "", ""
    if shown == "fail":
        return "failure", findings[0].summary if findings else counted, detail
    if shown == "undecided":
        return "error", f"{cell.undecided} of {cell.checks} checks could not be decided", detail
    if shown == wording.ABOVE:
        return "skipped", f"not held; belongs to level {cell.level}, above the one asked for ({counted})", ""
    if shown == "expected fail":
        reason = next((f.expected_reason for f in findings if f.expected_reason), cell.reason)
        return "skipped", f"expected by the baseline: {reason} ({counted})", ""
    return "skipped", f"{shown}: {cell.reason}".rstrip(": "), ""


def _verdict(document: Document, subject: Subject) -> tuple[Status, str, str]:
    if subject.verdict == "certified":
        return "passed", "", ""
    level, why = document.asked_level, f": {subject.reason}" if subject.reason else ""
    if subject.verdict != "not certified":
        return "error", f"{subject.verdict}{why}", ""
    if wording.accepted(document):
        return "skipped", f"as expected by the baseline: not certified at {level}{why}", ""
    mine = [f for f in ranking.gating(document) if f.subject == subject.name]
    return "failure", f"not certified at {level}{why}", "\n\n".join(map(text.cause, causes.grouped(mine)[:5]))


def _of_run(document: Document) -> Iterator[Entry]:
    """That the run is complete, checked something, and met its baseline."""

    def case(name: str, status: Status = "passed", message: str = "", detail: str = "") -> Entry:
        return Entry(suite=RUN, classname="softcert.run", name=name, status=status, message=message, detail=detail)

    incomplete = document.incomplete_reason or "the run is incomplete"
    yield case("complete") if document.complete else case("complete", "error", incomplete)
    checked = any(s.counts.checks for s in document.subjects)
    yield case("something was checked", *(() if checked else ("error", "no check was made")))
    if caution := wording.unisolated(document):
        yield case("isolation", "skipped", caution)
    if document.baseline:
        problems = [*document.baseline.unexpected, *document.baseline.stale]
        failed: tuple[Status, str, str] | tuple[()] = ("failure", problems[0], "\n".join(problems)) if problems else ()
        yield case("baseline", *failed)


def contract_of(document: Document, suite: str) -> str:
    """What the contract of a suite's subject leaves of the default; "" where it leaves everything."""
    return next((contract_line(s, document) for s in document.subjects if s.name == suite), "")
