"""CTRF: what its JSON schema requires, and the same cases as JUnit has."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports.document import Document
from softcert_reports.exports.ctrf import ctrf
from softcert_reports.exports.entries import entries

STATUSES = {"passed", "failed", "skipped", "pending", "other"}


def test_ctrf_has_what_its_schema_requires(results: Document) -> None:
    report = json.loads(ctrf(results))
    assert (report["reportFormat"], set(report)) == ("CTRF", {"reportFormat", "specVersion", "results"})
    body = report["results"]
    assert set(body) == {"tool", "summary", "tests", "extra"}
    assert all(isinstance(body["summary"][k], int) for k in (*STATUSES, "tests", "start", "stop"))
    for test in body["tests"]:
        assert (
            {"name", "status", "duration"}
            <= set(test)
            <= {"name", "status", "duration", "rawStatus", "suite", "message", "trace"}
        )
        assert test["status"] in STATUSES
        assert test["name"]
        assert all(isinstance(s, str) for s in test["suite"])


def test_ctrf_counts_its_tests(results: Document) -> None:
    body = json.loads(ctrf(results))["results"]
    counts = Counter(test["status"] for test in body["tests"])
    assert {k: body["summary"][k] for k in STATUSES} == {k: counts[k] for k in STATUSES}
    assert body["summary"]["tests"] == len(body["tests"]) == len(entries(results))


@pytest.mark.parametrize(("created", "stop"), [("1970-01-01T00:01:00Z", 60_000), ("no time", 0)])
def test_a_time_that_cannot_be_read_is_the_beginning_of_time(created: str, stop: int) -> None:
    report = json.loads(ctrf(replace(sample.sample(), created=created, timings={"seconds": 2.5})))
    summary = report["results"]["summary"]
    assert (summary["stop"], summary["stop"] - summary["start"]) == (stop, 2500)


def test_what_is_undecided_is_neither_green_nor_a_failure() -> None:
    tests = json.loads(ctrf(sample.sample()))["results"]["tests"]
    undecided = [t for t in tests if "could not be decided" in t.get("message", "")]
    assert undecided
    assert {t["status"] for t in undecided} == {"other"}
