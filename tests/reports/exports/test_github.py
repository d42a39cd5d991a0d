"""GitHub's annotations, read back by the rules of its runner, and the job summary below its limit."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.reports import sample

from softcert_reports.document import Document
from softcert_reports.exports.github import SUMMARY_LIMIT, annotations, job_summary


def _failing(count: int) -> Document:
    """The sample with so many unexpected causes."""
    base = sample.sample().findings[0]
    findings = tuple(
        replace(base, id=f"finding {i}", subject=f"s{i}", expected_reason="", ratio=float(i + 2)) for i in range(count)
    )
    return replace(sample.sample(), findings=findings, baseline=None)


def test_nine_annotations_and_a_count() -> None:
    lines = annotations(_failing(30)).splitlines()
    assert len(lines) == 10
    assert "21 more causes" in lines[-1]
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
    findings = tuple(replace(big, id=f"{i} " + "y" * 190, cause=f"{i}") for i in range(4000))
    summary = job_summary(replace(sample.sample(), findings=findings))
    assert len(summary.encode()) <= SUMMARY_LIMIT
    assert re.search(r"and [\d,]+ more causes \([\d,]+ findings\)", summary)


def test_the_job_summary_lets_no_name_become_markup() -> None:
    summary = job_summary(sample.hostile())
    outside = re.sub(r"(`{3,})text\n.*?\n\1", "", summary, flags=re.S)
    assert "<script" not in outside
    assert "<img" not in outside
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {8}
    assert len(rows) == 2 + len(sample.hostile().subjects)
