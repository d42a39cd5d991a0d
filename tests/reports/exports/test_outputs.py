"""Every other form of the results, held against a consumer that is not ours."""

from __future__ import annotations

import io
import json
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
from tests.reports import sample

from softcert_reports import document
from softcert_reports.document import Document, Finding
from softcert_reports.exports import certificate, text
from softcert_reports.exports.badge import badge
from softcert_reports.exports.github import SUMMARY_LIMIT, annotations, job_summary
from softcert_reports.exports.gitlab import code_quality
from softcert_reports.exports.junit import junit
from softcert_reports.exports.sarif import sarif, source_path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # protobuf's generated code warns about its own deprecated calls
    from google.protobuf import json_format
    from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

DOCUMENTS = {"sample": sample.sample, "hostile": sample.hostile, "empty": sample.empty}
OUTPUTS: dict[str, Callable[[Document], str]] = {
    "text": text.summary,
    "junit": junit,
    "sarif": sarif,
    "job summary": job_summary,
    "annotations": annotations,
    "code quality": code_quality,
    "badge": badge,
    "certificate": certificate.certificate,
    "test result": certificate.test_result,
}


@pytest.fixture(scope="module", params=list(DOCUMENTS))
def results(request: pytest.FixtureRequest) -> Document:
    return DOCUMENTS[request.param]()


def _failing(count: int) -> Document:
    """The sample with so many unexpected findings."""
    base = sample.sample().findings[0]
    findings = tuple(replace(base, id=f"finding {i}", expected_reason="", ratio=float(i + 2)) for i in range(count))
    return replace(sample.sample(), findings=findings)


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_equal_documents_give_equal_bytes(name: str, results: Document) -> None:
    assert OUTPUTS[name](results) == OUTPUTS[name](document.canonical(results))


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_no_control_character_and_no_mark_of_direction_leaves_unseen(name: str) -> None:
    output = OUTPUTS[name](sample.hostile())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", output)
    if name in ("text", "job summary", "annotations", "code quality"):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", output)


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


# GitHub


def test_nine_annotations_and_a_count() -> None:
    lines = annotations(_failing(30)).splitlines()
    assert len(lines) == 10
    assert "21 more findings" in lines[-1]
    assert len(annotations(_failing(9)).splitlines()) == 9


def _unescaped(line: str) -> tuple[dict[str, str], str]:
    """A workflow command as actions/runner reads it: properties up to the second ``::``, then the message."""
    match = re.fullmatch(r"::error (.*?)::(.*)", line)
    assert match
    properties = dict(pair.split("=", 1) for pair in match[1].split(","))
    for escaped, plain in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        properties = {k: v.replace(escaped, plain) for k, v in properties.items()}
    message = match[2].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    return properties, message


def test_annotations_survive_hostile_text_on_one_line_each() -> None:
    output = annotations(sample.hostile())
    for line in output.splitlines():
        properties, message = _unescaped(line)
        assert set(properties) <= {"file", "line", "title"}
        assert properties["title"].startswith("softcert")
        assert message
    assert "::error::c%250A```" in _unescaped(output.splitlines()[0])[1].replace("%0A", "%250A")


def test_the_job_summary_stays_below_its_limit_and_says_what_it_left_out() -> None:
    big = replace(_failing(1).findings[0], summary="x" * 3000, diagnosis=None)
    findings = tuple(replace(big, id=f"{i} " + "y" * 190) for i in range(4000))
    summary = job_summary(replace(sample.sample(), findings=findings))
    assert len(summary.encode()) <= SUMMARY_LIMIT
    assert re.search(r"and [\d,]+ more findings", summary)


def test_the_job_summary_lets_no_name_become_markup() -> None:
    summary = job_summary(sample.hostile())
    outside = re.sub(r"(`{3,})text\n.*?\n\1", "", summary, flags=re.S)
    assert "<script" not in outside
    assert "<img" not in outside
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {8}
    assert len(rows) == 2 + len(sample.hostile().subjects)


# GitLab, badge, text


def test_code_quality_has_what_gitlab_requires(results: Document) -> None:
    entries = json.loads(code_quality(results))
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert isinstance(entry["location"]["lines"]["begin"], int)
        assert not entry["location"]["path"].startswith(("/", "./"))
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    assert len(entries) == sum(not f.expected_reason for f in results.findings)


@pytest.mark.parametrize(
    ("change", "message", "color"),
    [
        ({}, "3 of 5 stable", "red"),
        ({"exit_code": 0}, "3 of 5 stable", "brightgreen"),
        ({"exit_code": 3}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "complete": False}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "subjects": ()}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "subjects": sample.sample().subjects[1:2]}, "stable", "brightgreen"),
        ({"exit_code": 1, "subjects": sample.sample().subjects[:1]}, "not certified", "red"),
    ],
)
def test_the_badge_is_green_for_exit_code_zero_alone(change: dict[str, Any], message: str, color: str) -> None:
    data = json.loads(badge(replace(sample.sample(), **change)))
    assert (data["message"], data["color"], data["schemaVersion"]) == (message, color, 1)


def test_the_text_tells_what_is_wrong_and_the_remedy() -> None:
    plain = tuple(replace(f, expected_reason="") for f in sample.sample().findings)
    output = text.summary(replace(sample.sample(), findings=plain))
    for words in (
        "naive",
        "not certified",
        "softmax(88.75, 0) is NaN",
        "0x1.6300000000000p+6",
        "remedy  Subtract the row's",
    ):
        assert words in output
    assert all(len(line) <= 420 for line in output.splitlines())


def test_the_text_of_hostile_names_keeps_its_lines() -> None:
    output = text.summary(sample.hostile())
    head = next(i for i, line in enumerate(output.splitlines()) if line.startswith("implementation"))
    table = output.splitlines()[head + 2 : head + 2 + len(sample.hostile().subjects)]
    assert all(re.search(r"certified", line) for line in table)


# Certificates


def _statement(output: str) -> Any:
    pb = json_format.Parse(output, statement_pb2.Statement())
    Statement.copy_from_pb(pb).validate()
    return pb


@pytest.mark.parametrize("make", [certificate.certificate, certificate.test_result])
def test_in_totos_own_library_accepts_the_statement(make: Callable[[Document], str], results: Document) -> None:
    pb = _statement(make(results))
    for subject in pb.subject:
        assert re.fullmatch("[0-9a-f]{64}", subject.digest["sha256"])


def test_in_totos_own_library_reads_the_test_result(results: Document) -> None:
    pb = _statement(certificate.test_result(results))
    assert pb.predicate_type == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = json_format.ParseDict(json_format.MessageToDict(pb.predicate), test_result_pb2.TestResult())
    assert predicate.result == "FAILED"
    tests = [*predicate.passed_tests, *predicate.warned_tests, *predicate.failed_tests]
    assert len(tests) == sum(len(by) for s in results.subjects for by in s.levels.values())


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"exit_code": 0}, "WARNED"),
        ({"exit_code": 0, "subjects": sample.sample().subjects[1:2]}, "PASSED"),
        ({"exit_code": 0, "complete": False}, "FAILED"),
        ({"exit_code": 0, "subjects": ()}, "FAILED"),
        ({"exit_code": 1}, "FAILED"),
    ],
)
def test_a_test_result_passes_only_for_a_whole_green_run(change: dict[str, Any], result: str) -> None:
    assert json.loads(certificate.test_result(replace(sample.sample(), **change)))["predicate"]["result"] == result


def test_a_certificate_says_what_it_must(results: Document) -> None:
    predicate = json.loads(certificate.certificate(results))["predicate"]
    assert predicate["unsigned"] is True
    assert predicate["digests"]["results"] == document.digest(results)
    assert [i["verdict"] for i in predicate["implementations"]] == [s.verdict for s in results.subjects]
    for mine, subject in zip(predicate["implementations"], results.subjects, strict=True):
        assert mine["counts"]["checks"] == subject.counts.checks
        assert len(mine["domains"]) == sum(d.subject == subject.name for d in results.domains)
        assert all(e["witness"] is not None for e in mine["largestErrors"])


def test_a_certificate_is_verified_against_its_results(results: Document) -> None:
    for make in (certificate.certificate, certificate.test_result):
        assert certificate.verify(make(results), results) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"verdict": "not certified"', '"verdict": "certified"', "'implementations'"),
        ('"verdict": "failed"', '"verdict": "passed"', "'verdict' does not follow from the results (passed instead"),
        ('"unsigned": true', '"unsigned": false', "'unsigned'"),
        ('"sha256": "abab', '"sha256": "cdab', "its subjects are not those"),
        ('"seed": 0', '"seed": 0, "extra": 1', "unknown field 'extra'"),
        ('"seed": 0,', "", "lacks the field 'seed'"),
    ],
)  # fmt: skip
def test_a_tampered_certificate_is_told_from_its_results(old: str, new: str, words: str) -> None:
    good = certificate.certificate(sample.sample())
    bad = good.replace(old, new, 1)
    assert bad != good
    problems = certificate.verify(bad, sample.sample())
    assert any(words in p for p in problems), problems


def test_a_certificate_of_other_results_is_refused() -> None:
    other = replace(sample.sample(), seed=7)
    problems = certificate.verify(certificate.certificate(sample.sample()), other)
    assert any("'digests'" in p for p in problems)


@pytest.mark.parametrize("bad", ["", "{", "[]", "{}", '{"_type": "x"}', "[" * 100_000])
def test_what_is_no_certificate_gives_one_sentence(bad: str) -> None:
    with pytest.raises(document.DocumentError) as caught:
        certificate.verify(bad, sample.sample())
    assert "\n" not in str(caught.value)


def test_the_digest_of_the_limits_knows_the_limits_and_not_their_order() -> None:
    base = sample.sample()
    turned = replace(base, limits=base.limits[::-1])
    other = replace(base, limits=(replace(base.limits[0], formula="0"), *base.limits[1:]))
    assert certificate.limits_digest(turned) == certificate.limits_digest(base) != certificate.limits_digest(other)


def test_findings_without_numbers_are_told_too() -> None:
    bare = Finding(
        id="id", subject="naive", operation="softmax", format="float32", property="finite", summary="it crashed"
    )
    results = replace(
        sample.sample(), findings=(bare, replace(bare, id="b", ratio=math.nan, measured=math.nan, limit=0.0))
    )
    for make in OUTPUTS.values():
        assert make(results)
