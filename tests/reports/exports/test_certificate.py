"""Certificates, read by in-toto's own library, and verified against the results that they speak of."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports import document
from softcert_reports.document import Document
from softcert_reports.exports import certificate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # protobuf's generated code warns about its own deprecated calls
    from google.protobuf import json_format
    from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement


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
    due = [] if results.subjects else ["its results hold no implementation: nothing is certified."]
    for make in (certificate.certificate, certificate.test_result):
        assert certificate.verify(make(results), results) == due


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"verdict": "not certified"', '"verdict": "certified"', "'implementations'"),
        ('"verdict": "failed"', '"verdict": "passed"', "'verdict' does not follow from the results (passed instead"),
        ('"unsigned": true', '"unsigned": false', "'unsigned'"),
        ('"sha256": "abab', '"sha256": "cdab', "its subjects are not those"),
        ('"seed": 0', '"seed": 0, "extra": 1', "unknown field 'extra'"),
        ('"seed": 0,', "", "lacks the field 'seed'"),
        ('"unsigned": true', '"unsigned": 1', "'unsigned'"),
        ('"exitCode": 1', '"exitCode": true', "'exitCode'"),
        ('"exitCode": 1', '"exitCode": 1.0', "'exitCode'"),
        ('"isolation": "process"', '"isolation": "none"', "'isolation'"),
        ('"_type":', '"signed_by": "me", "_type":', "unknown field 'signed_by'"),
    ],
)
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


def _twice(text: str) -> str:
    return text.replace('"exitCode": 1', '"exitCode": 0, "exitCode": 1', 1)


def _not_a_number(text: str) -> str:
    return text.replace('"seed": 0', '"seed": NaN', 1)


def _half_a_character(text: str) -> str:
    return text.replace('"seed": 0', '"seed": "\\ud800"', 1)


@pytest.mark.parametrize("spoil", [_twice, _not_a_number, _half_a_character])
def test_a_certificate_with_a_key_twice_nan_or_half_a_character_is_none(spoil: Callable[[str], str]) -> None:
    """A key that stands twice would hide one value from one reader and the other from another."""
    good = certificate.certificate(sample.sample())
    assert spoil(good) != good
    with pytest.raises(document.DocumentError):
        certificate.verify(spoil(good), sample.sample())


@pytest.mark.parametrize(("isolation", "said"), [("process", False), ("none", True)])
@pytest.mark.parametrize("make", [certificate.certificate, certificate.test_result])
def test_a_certificate_says_what_no_isolation_leaves_open(
    make: Callable[[Document], str], isolation: document.Isolation, said: bool
) -> None:
    """In the harness's own process a subject can patch what judges it."""
    text = make(replace(sample.sample(), isolation=isolation))
    assert f'"isolation": "{isolation}"' in text
    assert ("proves nothing against a hostile implementation" in text) is said


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
