"""What holds for every form of the results: equal bytes, nothing that hides, findings without numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document
from softcert_reports.document import Document, Finding
from softcert_reports.exports import certificate, text
from softcert_reports.exports.badge import badge
from softcert_reports.exports.ctrf import ctrf
from softcert_reports.exports.github import annotations, job_summary
from softcert_reports.exports.gitlab import code_quality
from softcert_reports.exports.junit import junit
from softcert_reports.exports.sarif import sarif

OUTPUTS: dict[str, Callable[[Document], str]] = {
    "text": text.summary,
    "junit": junit,
    "ctrf": ctrf,
    "sarif": sarif,
    "job summary": job_summary,
    "annotations": annotations,
    "code quality": code_quality,
    "badge": badge,
    "certificate": certificate.certificate,
    "test result": certificate.test_result,
}


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_equal_documents_give_equal_bytes(name: str, results: Document) -> None:
    assert OUTPUTS[name](results) == OUTPUTS[name](document.canonical(results))


@pytest.mark.parametrize("name", list(OUTPUTS))
def test_no_control_character_and_no_mark_of_direction_leaves_unseen(name: str) -> None:
    output = OUTPUTS[name](sample.hostile())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", output)
    if name not in ("certificate", "test result"):  # read by machines, which compare names
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", output)


def test_findings_without_numbers_are_told_too() -> None:
    bare = Finding(
        id="id", subject="naive", operation="softmax", format="float32", property="finite", summary="it crashed"
    )
    results = replace(
        sample.sample(), findings=(bare, replace(bare, id="b", ratio=math.nan, measured=math.nan, limit=0.0))
    )
    for make in OUTPUTS.values():
        assert make(results)
