"""Every output tells the same story of a run: certified, refused, as the baseline expects, inconclusive, harness error.

A line of the table is a situation, a column what one output says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.reports import small

from softcert.pytest_plugin import COMPLETE, Check, InconclusiveError, PropertyFailedError
from softcert.results import outputs
from softcert.results.certificate import Certificate
from softcert_reports import document as d
from softcert_reports.exports.github import job_summary

CAUSE = d.Diagnosis(
    defect="sum", text="Returns the sum.", family="normalisation", confidence="certain: seen", remedy="Divide by m."
)
WITNESS = d.Witness(shape=(1, 2), x_decimal=(("0", "1.5"),), got=d.Number("2.0"), exact=d.Number("1.0"))


@cache
def document(situation: str) -> d.Document:
    """One subject in a situation."""
    base = small.green() if situation in ("certified", "inconclusive", "harness error") else small.red()
    name = base.subjects[-1].name
    subject = replace(base.subjects[-1], file="kernels.py", lines={"softmax": 4})
    cells = tuple(c for c in base.cells if c.subject == name)
    findings = tuple(replace(f, diagnosis=CAUSE, witness=WITNESS) for f in base.findings if f.subject == name)
    domains = tuple(replace(x, classes=(1, 4), rows=(1, 2)) for x in base.domains if x.subject == name)
    only = replace(base, subjects=(subject,), cells=cells, findings=findings, domains=domains, special_values=())
    return d.derive(CHANGES[situation](only))


def _undecided(base: d.Document) -> d.Document:
    part = d.AtLevel(level=d.Level.STABLE, checks=50, undecided=2)
    cells = (replace(c, by_level=(part,)) if c.property == "accuracy" else c for c in base.cells)
    return replace(base, subjects=(replace(base.subjects[0], reason="2 stayed open"),), cells=tuple(cells))


def _failed(base: d.Document) -> d.Document:
    subject = replace(base.subjects[0], ending="harness error", reason="a fault of ours")
    return replace(base, subjects=(subject,))


def _expected(base: d.Document) -> d.Document:
    entry = d.BaselineEntry(subject="wrong", **small.WHERE, property="accuracy", reason="known to be", holds="sound")
    return replace(base, baseline=d.Baseline(path="baseline.toml", entries=(entry,)))


CHANGES: dict[str, Callable[[d.Document], d.Document]] = {
    "certified": lambda base: base,
    "refused": lambda base: base,
    "expected": _expected,
    "inconclusive": _undecided,
    "harness error": _failed,
}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What each output says in one situation."""

    exit_code: int
    outcome: str
    headline: str
    mark: str
    colour: str
    junit: str | None
    ctrf: str
    sarif: tuple[str, bool, bool]  # level of the result, suppressed, the run succeeded
    pytest: type[Exception] | None


STORIES = {
    "certified": Story(
        exit_code=0,
        outcome="certified at stable",
        headline="The implementation is certified at level “stable”.",
        mark="✅",
        colour="brightgreen",
        junit=None,
        ctrf="passed",
        sarif=("", False, True),
        pytest=None,
    ),
    "refused": Story(
        exit_code=1,
        outcome="not certified at stable",
        headline="The implementation is not certified at level “stable”.",
        mark="❌",
        colour="red",
        junit="failure",
        ctrf="failed",
        sarif=("error", False, True),
        pytest=PropertyFailedError,
    ),
    "expected": Story(
        exit_code=0,
        outcome="as expected by the baseline: not certified at stable",
        headline="As expected by the baseline: not certified at stable.",
        mark="⚑",
        colour="blue",
        junit="skipped",
        ctrf="skipped",
        sarif=("error", True, True),
        pytest=PropertyFailedError,  # which pytest shows as xfailed where a test expects it
    ),
    "inconclusive": Story(
        exit_code=3,
        outcome="inconclusive",
        headline="The implementation is inconclusive at level “stable”.",
        mark="⚠️",
        colour="lightgrey",
        junit="error",
        ctrf="other",
        sarif=("", False, False),
        pytest=InconclusiveError,
    ),
    "harness error": Story(
        exit_code=3,
        outcome="harness error",
        headline="The implementation is not judged: the harness failed at level “stable”.",
        mark="⚠️",
        colour="lightgrey",
        junit="error",
        ctrf="other",
        sarif=("", False, False),
        pytest=InconclusiveError,
    ),
}

SITUATIONS = pytest.mark.parametrize("situation", list(STORIES))


@SITUATIONS
def test_the_terminal_and_the_job_summary_say_it_in_their_first_line(situation: str) -> None:
    story, run = STORIES[situation], document(situation)
    assert run.exit_code == story.exit_code
    assert outputs.summary(run).splitlines()[0] == story.headline
    assert job_summary(run).splitlines()[0] == f"## {story.mark} {story.headline}"


@SITUATIONS
def test_the_badge_has_its_colour_and_is_green_for_a_certificate_alone(situation: str) -> None:
    story = STORIES[situation]
    badge = json.loads(outputs.EXPORTS["badge"](document(situation)))
    assert badge["color"] == story.colour
    said = badge["message"]
    assert said == "stable" if situation == "certified" else said in story.outcome


@SITUATIONS
def test_junit_and_ctrf_have_the_verdict_as_a_case(situation: str) -> None:
    story = STORIES[situation]
    root = ElementTree.fromstring(outputs.EXPORTS["junit"](document(situation)))
    (verdict,) = (case for case in root.iter("testcase") if case.get("name") == "verdict")
    assert [child.tag for child in verdict] == ([story.junit] if story.junit else [])
    (told,) = (p.get("value") for p in root.iter("property") if p.get("name") == "outcome")
    report = json.loads(outputs.EXPORTS["ctrf"](document(situation)))["results"]
    (test,) = (t for t in report["tests"] if t["name"].endswith(": verdict"))
    assert test["status"] == story.ctrf
    assert told == report["extra"]["outcome"] == story.outcome
    for message in [*(child.get("message") for child in verdict), test.get("message")]:
        assert message is None or story.outcome in message


@SITUATIONS
def test_sarif_has_the_file_and_the_line_and_suppresses_what_is_expected(situation: str) -> None:
    level, suppressed, succeeded = STORIES[situation].sarif
    (run,) = json.loads(outputs.EXPORTS["sarif"](document(situation)))["runs"]
    assert run["properties"]["outcome"] == STORIES[situation].outcome
    assert run["invocations"][0]["executionSuccessful"] == succeeded
    notified = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert bool(notified) != succeeded
    assert [(r["level"], "suppressions" in r) for r in run["results"]] == ([(level, suppressed)] if level else [])
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("kernels.py", 4)


def _checked(run: d.Document, name: str) -> None:
    """Call one check of pytest's on a finished run."""
    subject: Any = SimpleNamespace(
        certificate=Certificate.of(run),
        shown=frozenset(("softmax", "float32", c.property) for c in run.cells),
    )
    where = ("", "") if name == COMPLETE else ("softmax", "float32")
    Check(subject, *where, name)()


@SITUATIONS
def test_pytest_fails_with_cause_remedy_and_witness(situation: str) -> None:
    expected = STORIES[situation].pytest
    if expected is None:
        _checked(document(situation), "accuracy")
        _checked(document(situation), COMPLETE)
        return
    with pytest.raises(expected) as raised:
        _checked(document(situation), "accuracy")
    if expected is PropertyFailedError:
        for words in ("Returns the sum.", "certain: seen", "Divide by m.", "[0, 1.5]", "got     2.0", "exact   1.0"):
            assert words in str(raised.value)
    assert ("known to be" in str(raised.value)) == (situation == "expected")


@SITUATIONS
def test_what_is_wrong_stands_in_every_output_for_people(situation: str) -> None:
    wrong = situation == "refused"
    for text in (outputs.summary(document(situation)), job_summary(document(situation))):
        assert ("Divide by m." in text, "Returns the sum." in text) == (wrong, wrong)
