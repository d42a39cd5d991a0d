"""JUnit XML, read back by junitparser: what fails, what is skipped, and what is never green."""

from __future__ import annotations

import io
from dataclasses import replace
from xml.etree import ElementTree

import junitparser
from tests.reports import sample

from softcert_reports import document
from softcert_reports.document import Document
from softcert_reports.exports.junit import junit


def test_junit_is_read_by_a_parser_and_counts_what_the_document_counts(results: Document) -> None:
    suites = junitparser.JUnitXml.fromfile(io.BytesIO(junit(results).encode()))
    assert len(list(suites)) == len(results.subjects) + 1
    cells = [c for suite in suites for c in suite if c.name not in ("verdict",)]
    assert len(cells) == len(results.cells) + (3 if results.baseline else 2)
    kinds = [type(r) for suite in suites for case in suite for r in case.result]
    assert suites.failures == kinds.count(junitparser.Failure)
    assert suites.errors == kinds.count(junitparser.Error)
    assert suites.skipped == kinds.count(junitparser.Skipped)


def _junit(results: Document) -> dict[str, list[str]]:
    root = ElementTree.fromstring(junit(results))
    out: dict[str, list[str]] = {"failure": [], "error": [], "skipped": []}
    for case in root.iter("testcase"):
        for child in case:
            out[child.tag].append(f"{case.get('classname')}.{case.get('name')}: {child.get('message')}")
    return out


def test_junit_fails_for_findings_and_skips_what_is_expected_or_above_the_level() -> None:
    kinds = _junit(sample.sample())
    assert any("naive.softmax.float32.sums_to_one" in f for f in kinds["failure"])
    assert any("naive.softmax.float32.finite: expected by the baseline: the textbook" in s for s in kinds["skipped"])
    assert any("numpy_shifted.softmax.float32.faithful_rounding: not held; belongs to" in s for s in kinds["skipped"])
    assert any("undecided" in e or "could not be decided" in e for e in kinds["error"])
    assert not any("numpy_shifted" in f for f in kinds["failure"])


def test_junit_of_a_run_that_checked_nothing_is_not_green() -> None:
    assert any("no check was made" in e for e in _junit(sample.empty())["error"])


def test_junit_of_an_incomplete_run_is_not_green() -> None:
    kinds = _junit(replace(sample.sample(), complete=False, incomplete_reason="interrupted"))
    assert any("interrupted" in e for e in kinds["error"])


def test_junit_reports_a_baseline_that_is_not_met() -> None:
    base = document.Baseline(
        path="b.toml", entries=(), unexpected=("naive now passes finite",), stale=("entry x is stale",)
    )
    kinds = _junit(replace(sample.sample(), baseline=base))
    assert any("naive now passes finite" in f for f in kinds["failure"])
