"""What a document says in words: headline, counts, expectations, levels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.formatting import wording


def test_one_implementation_is_spoken_of_in_the_singular() -> None:
    one = replace(sample.sample(), subjects=sample.sample().subjects[1:2])
    assert wording.headline(one) == "The implementation is certified at level “stable”."
    bad = replace(one, subjects=sample.sample().subjects[:1])
    assert wording.headline(bad) == "The implementation is not certified at level “stable”."


def test_no_certified_implementation_is_none_and_all_are_all() -> None:
    subjects = sample.sample().subjects
    assert wording.headline(replace(sample.sample(), subjects=(subjects[0], subjects[2]))).startswith("None of 2 ")
    assert wording.headline(replace(sample.sample(), subjects=subjects[3:])).startswith("All 2 implementations")


def test_violations_above_the_asked_level_are_told_apart() -> None:
    text = wording.denominators(d.Counts(checks=100, passed=90, failed=10, calls=7), above=4)
    assert text == "100 checks in 7 calls: 90 held (90 %), 6 did not and 4 did not at a level above the one asked for."


def test_a_baseline_that_is_not_met_is_counted() -> None:
    base = d.Baseline(path="b.toml", entries=(), unexpected=("a",), stale=("b", "c"))
    text = wording.expectation(replace(sample.sample(), baseline=base))
    assert text == "1 result differs from the baseline and 2 entries of the baseline no longer hold."


def test_levels_are_grouped_in_the_subjects_own_order() -> None:
    assert wording.holds(sample.sample().subjects[4]) == (
        "faithful, and correctly rounded for softmax in float32 and float64; "
        "faithful for log_softmax, logsumexp, cross_entropy and cross_entropy_grad in float32 and float64"
    )


@pytest.mark.parametrize(
    ("outcome", "level", "shown"),
    [
        ("pass", "faithful", "pass"),
        ("fail", "stable", "fail"),
        ("fail", "accurate", "above asked level"),
        ("expected fail", "accurate", "expected fail"),
        ("undecided", "faithful", "undecided"),
    ],
)
def test_a_failure_above_the_asked_level_is_shown_as_one(outcome: d.Outcome, level: str, shown: str) -> None:
    cell = replace(sample.sample().cells[0], outcome=outcome, level=d.Level(level))
    assert wording.shown_outcome(cell, sample.sample()) == shown


def test_violations_above_the_asked_level_are_counted_by_subject() -> None:
    document = sample.sample()
    above = [c for c in document.cells if c.outcome == "fail" and c.level in ("accurate", "faithful")]
    assert wording.violations_above(document) == sum(c.violations for c in above) > 0
    mine = sum(c.violations for c in above if c.subject == "numpy_shifted")
    assert wording.violations_above(document, "numpy_shifted") == mine < wording.violations_above(document)


def test_a_run_without_checks_certified_nothing() -> None:
    idle = tuple(replace(s, counts=d.Counts()) for s in sample.sample().subjects)
    assert wording.headline(replace(sample.sample(), subjects=idle)) == "Nothing was certified: no check was made."
    assert wording.denominators(d.Counts()) == "No check was made."


def test_every_denominator_is_named() -> None:
    counts = d.Counts(checks=1000, passed=990, failed=1, undecided=2, vacuous=7, not_run=1, calls=1)
    assert wording.denominators(counts) == (
        "1,000 checks in 1 call: 990 held (99 %), 1 did not, 2 could not be decided and 7 had a limit too wide to mean "
        "anything and count for nothing. 1 entry of the matrix could not be run."
    )


def test_totals_are_the_sums_of_every_count() -> None:
    counts = d.Counts(checks=1, passed=2, failed=3, undecided=4, not_run=5, vacuous=6, calls=7)
    subjects = tuple(replace(s, counts=counts) for s in sample.sample().subjects[:3])
    expected = d.Counts(checks=3, passed=6, failed=9, undecided=12, not_run=15, vacuous=18, calls=21)
    assert wording.totals(replace(sample.sample(), subjects=subjects)) == expected


def test_subjects_that_are_not_certified_are_grouped_by_verdict() -> None:
    first, second, third, *_ = sample.sample().subjects
    subjects = (replace(first, verdict="not run"), second, replace(third, verdict="inconclusive"))
    groups = wording.exceptions(replace(sample.sample(), subjects=subjects))
    assert [(verdict, [s.name for s in group]) for verdict, group in groups] == [
        ("inconclusive", ["logsumexp"]),
        ("not run", ["naive"]),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [0.5, True]}, "a: 0.5, yes, b: 1"),
        (2.0**-24, "2^-24"),
        (3 * 2.0**-24, "1.78814e-07"),
        (None, "–"),
        (False, "no"),
    ],
)
def test_plain_data_have_no_brackets(value: object, text: str) -> None:
    assert wording.plain_data(value) == text


def test_a_recipe_begins_with_its_regime() -> None:
    case = {"recipe": 1, "seed": 7, "classes": 3, "regime": "ties", "rows_count": 2, "rows": ((1,),), "gap": 0.5}
    assert wording.recipe(case) == "ties, rows count 2, classes 3, seed 7, gap 0.5"
    assert wording.recipe(None) == ""
