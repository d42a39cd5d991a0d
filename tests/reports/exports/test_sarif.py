"""SARIF, held against OASIS's own schema: fingerprints, suppressions and the files that are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.reports import sample

from softcert_reports.document import Document, Level
from softcert_reports.exports.places import place, source_path
from softcert_reports.exports.sarif import sarif


def test_sarif_is_valid_by_its_schema(results: Document) -> None:
    schema = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = json.loads(sarif(results))
    assert [e.message for e in validator.iter_errors(log)] == []
    log["runs"][0]["tool"] = {}
    assert list(validator.iter_errors(log))  # the schema does refuse


def test_sarif_fingerprints_are_stable_and_tell_findings_apart() -> None:
    log = json.loads(sarif(sample.sample()))
    prints = [r["partialFingerprints"]["softcertFinding/v1"] for r in log["runs"][0]["results"]]
    assert len(set(prints)) == len(prints) == len(sample.sample().findings)
    moved = tuple(replace(f, summary="said otherwise", ratio=3.0) for f in reversed(sample.sample().findings))
    again = json.loads(sarif(replace(sample.sample(), findings=moved)))
    assert {r["partialFingerprints"]["softcertFinding/v1"] for r in again["runs"][0]["results"]} == set(prints)


def test_sarif_marks_what_a_baseline_expects_as_suppressed() -> None:
    log = json.loads(sarif(sample.sample()))
    marked = [bool(r.get("suppressions")) for r in log["runs"][0]["results"]]
    assert sorted(marked) == sorted(bool(f.expected_reason) for f in sample.sample().findings)


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("kernels/mine.py:softmax", "kernels/mine.py"),
        ("./kernels/mine.py:softmax", "kernels/mine.py"),
        ("package.module:softmax", "package/module.py"),
        ("kernels.py", "kernels.py"),
        (r"C:\lib\mine.py:softmax", ""),
        ("exec:./program --flag", "program"),
        ("/etc/passwd.py:x", ""),
        ("../up.py:x", ""),
        ("naive", ""),
        ("", ""),
        ("exec:", ""),
    ],
)
def test_a_spec_names_its_file_and_never_one_outside(spec: str, path: str) -> None:
    assert source_path(spec) == path


@pytest.mark.parametrize(("level", "shown"), [("sound", "error"), ("stable", "error"), ("accurate", "note")])
def test_sarif_shows_a_finding_above_the_asked_level_as_a_note(level: str, shown: str) -> None:
    finding = replace(sample.sample().findings[0], level=Level(level))
    (result,) = json.loads(sarif(replace(sample.sample(), findings=(finding,))))["runs"][0]["results"]
    assert result["level"] == shown


def test_sarif_notifies_of_a_run_that_ended_early() -> None:
    log = json.loads(
        sarif(replace(sample.sample(), complete=False, incomplete_reason="interrupted", exit_code=3, baseline=None))
    )
    (invocation,) = log["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
    assert [n["message"]["text"] for n in invocation["toolExecutionNotifications"]] == ["interrupted"]


def test_a_result_stands_at_the_line_of_its_function() -> None:
    subject = replace(sample.sample().subjects[0], file="src/kernels.py", lines={"softmax": 12})
    assert place(subject, "softmax") == ("src/kernels.py", 12)
    assert place(subject, "logsumexp") == ("src/kernels.py", 1)
    assert place(None, "softmax") == ("", 1)
    log = json.loads(sarif(replace(sample.sample(), subjects=(subject,))))
    places = [r["locations"][0].get("physicalLocation") for r in log["runs"][0]["results"]]
    assert {
        "artifactLocation": {"uri": "src/kernels.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12},
    } in places
