"""GitLab's code quality list has the fields that its documentation asks for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports.document import Document, Level
from softcert_reports.exports.gitlab import code_quality


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
    ("level", "severity"), [("sound", "blocker"), ("stable", "critical"), ("accurate", "info"), ("faithful", "info")]
)
def test_the_severity_follows_the_level_up_to_the_one_asked_for(level: str, severity: str) -> None:
    finding = replace(sample.sample().findings[0], expected_reason="", level=Level(level))
    (entry,) = json.loads(code_quality(replace(sample.sample(), findings=(finding,))))
    assert entry["severity"] == severity
