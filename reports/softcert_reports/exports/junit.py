"""JUnit XML: a suite for each implementation, a case for each cell of the matrix; what every CI shows as tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from softcert_reports.document import Document
from softcert_reports.exports.entries import Entry, contract_of, entries
from softcert_reports.formatting import wording
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
    for name, group in groupby(entries(document), key=lambda e: e.suite):
        _suite(root, document, name, list(group))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, document: Document, name: str, mine: Sequence[Entry]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_attribute(name), timestamp=_attribute(document.created))
    subject = next((s for s in document.subjects if s.name == name), None)
    if subject is not None and subject.seconds_in_subject is not None:
        suite.set("time", f"{subject.seconds_in_subject:.3f}")
    line = contract_of(document, name)
    properties = {"outcome": wording.story(document)} if subject is None else {"contract": line} if line else {}
    if properties:
        parent = ElementTree.SubElement(suite, "properties")
        for key, value in properties.items():
            ElementTree.SubElement(parent, "property", name=key, value=_attribute(value))
    for entry in mine:
        case = _case(suite, entry)
        if entry.name == "verdict" and line:
            ElementTree.SubElement(case, "system-out").text = directed(line)
    _count(suite)


def _case(suite: ElementTree.Element, entry: Entry) -> ElementTree.Element:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_attribute(entry.classname), name=_attribute(entry.name), time="0"
    )
    if entry.status != "passed":
        child = ElementTree.SubElement(case, entry.status, message=_attribute(entry.message))
        child.text = directed(entry.detail) or None
    return case


def _attribute(value: str) -> str:
    return short(directed(value.replace("\n", " ").replace("\t", " ")), 300)


def _count(suite: ElementTree.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
