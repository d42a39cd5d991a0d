"""JUnit XML: a suite for each implementation, a case for each cell of the matrix; what every CI shows as tests.

What holds is a pass; violated at the level asked for is a failure; undecided is an error, since it is never green;
what was expected, not asked for, vacuous or not run is skipped, with the reason.
"""

from __future__ import annotations

from xml.etree import ElementTree

from softcert_reports.document import Cell, Document, Finding, Subject
from softcert_reports.exports import text
from softcert_reports.formatting import wording
from softcert_reports.formatting.contracts import contract_line
from softcert_reports.formatting.sanitise import directed, short


def junit(document: Document) -> str:
    """The document as JUnit XML.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        XML (UTF-8) with a ``testsuite`` for each implementation, a ``testcase`` for each cell of the matrix and one for
        its verdict, and a last suite for the run: complete, something was checked, the baseline is met.
    """
    root = ElementTree.Element("testsuites", name=_attribute(document.title))
    findings = {f.id: f for f in document.findings}
    for subject in document.subjects:
        _suite(root, document, subject, findings)
    _run(root, document)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, document: Document, subject: Subject, findings: dict[str, Finding]) -> None:
    suite = ElementTree.SubElement(
        root, "testsuite", name=_attribute(subject.name), timestamp=_attribute(document.created)
    )
    if subject.seconds_in_subject is not None:
        suite.set("time", f"{subject.seconds_in_subject:.3f}")
    if line := contract_line(subject, document):
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="contract", value=_attribute(line))
    for cell in (c for c in document.cells if c.subject == subject.name):
        case = _case(suite, ".".join((subject.name, cell.operation, cell.format)), cell.property)
        _outcome(case, document, cell, [findings[i] for i in cell.findings if i in findings])
    verdict = _case(suite, subject.name, "verdict")
    if subject.verdict in ("harness error", "inconclusive", "not run"):
        _child(verdict, "error", f"{subject.verdict}: {subject.reason}")
    elif subject.verdict == "not certified" and not _expected(document, subject):
        _child(verdict, "failure", f"not certified at level {document.asked_level}: {subject.reason}")
    elif subject.verdict == "not certified":
        _child(verdict, "skipped", f"not certified, as the baseline expects: {subject.reason}")
    if line:
        ElementTree.SubElement(verdict, "system-out").text = directed(line)
    _count(suite)


def _expected(document: Document, subject: Subject) -> bool:
    """Whether a baseline knows this subject's failures and nothing about the run differs from it."""
    base = document.baseline
    return base is not None and document.exit_code == 0 and any(e.subject == subject.name for e in base.entries)


def _outcome(case: ElementTree.Element, document: Document, cell: Cell, findings: list[Finding]) -> None:
    shown = wording.shown_outcome(cell, document)
    detail = "\n\n".join(text.finding(f) for f in findings[:3]) or wording.recipe(cell.worst_case)
    counted = f"{cell.violations} of {cell.checks} checks were violated"
    if shown == "fail":
        _child(case, "failure", findings[0].summary if findings else counted, detail)
    elif shown == "undecided":
        _child(case, "error", f"{cell.undecided} of {cell.checks} checks could not be decided", detail)
    elif shown == wording.ABOVE:
        _child(case, "skipped", f"not held; belongs to level {cell.level}, above the one asked for ({counted})")
    elif shown == "expected fail":
        reason = next((f.expected_reason for f in findings if f.expected_reason), cell.reason)
        _child(case, "skipped", f"expected by the baseline: {reason} ({counted})")
    elif shown != "pass":
        _child(case, "skipped", f"{shown}: {cell.reason}".rstrip(": "))


def _run(root: ElementTree.Element, document: Document) -> None:
    """Cases about the run itself: that it is complete, checked something, and met its baseline."""
    suite = ElementTree.SubElement(root, "testsuite", name="softcert", timestamp=_attribute(document.created))
    case = _case(suite, "softcert.run", "complete")
    if not document.complete:
        _child(case, "error", document.incomplete_reason or "the run is incomplete")
    case = _case(suite, "softcert.run", "something was checked")
    if not any(s.counts.checks for s in document.subjects):
        _child(case, "error", "no check was made")
    if caution := wording.unisolated(document):
        case = _case(suite, "softcert.run", "isolation")
        _child(case, "skipped", caution)
    if document.baseline:
        case = _case(suite, "softcert.run", "baseline")
        problems = [*document.baseline.unexpected, *document.baseline.stale]
        if problems:
            _child(case, "failure", problems[0], "\n".join(problems))
    _count(suite)


def _case(suite: ElementTree.Element, classname: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=_attribute(classname), name=_attribute(name), time="0")


def _child(case: ElementTree.Element, tag: str, message: str, detail: str = "") -> None:
    child = ElementTree.SubElement(case, tag, message=_attribute(message))
    child.text = directed(detail) or None


def _attribute(value: str) -> str:
    return short(directed(value.replace("\n", " ").replace("\t", " ")), 300)


def _count(suite: ElementTree.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
