"""Which findings decide, and in which order they are shown."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.formatting import ranking


def test_findings_come_worst_first_unexpected_before_expected() -> None:
    order = [f.property for f in ranking.worst_first(sample.sample())]
    assert order == ["sums_to_one", *["shift"] * 10, "finite", "finite"]
    assert [f.property for f in ranking.gating(sample.sample())] == ["sums_to_one", *["shift"] * 10]


@pytest.mark.parametrize(
    ("level", "rank"), [(None, 0), ("", 0), ("no level", 0), ("sound", 1), (d.Level.STABLE, 2), ("faithful", 4)]
)
def test_a_level_has_a_rank_and_what_is_none_has_the_lowest(level: str | None, rank: int) -> None:
    assert ranking.rank(level) == rank


@pytest.mark.parametrize(("level", "asked"), [("sound", True), ("stable", True), ("accurate", False), (None, True)])
def test_a_level_is_asked_for_up_to_the_one_of_the_run(level: str | None, asked: bool) -> None:
    assert ranking.is_asked(level, sample.sample()) is asked


BASE = next(f for f in sample.sample().findings if f.property == "sums_to_one")
DEFECT = d.Diagnosis(defect="no max shift", text="behaves like it")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"level": "stable"}, {"level": "accurate", "diagnosis": DEFECT, "ratio": math.inf}),
        ({"ratio": 2.0}, {"ratio": math.inf, "expected_reason": "known"}),
        ({"diagnosis": DEFECT, "level": "stable"}, {"level": "sound"}),
        ({"diagnosis": DEFECT}, {"diagnosis": d.Diagnosis(defect="", text="no model behaves like this")}),
        ({"level": "sound", "ratio": 1.5}, {"level": "stable", "ratio": 3.0}),
        ({"level": "stable", "ratio": 20.0}, {"level": "sound", "ratio": 1.5}),
        ({"ratio": 20.0}, {"ratio": math.inf, "cause": "hang"}),
        ({"ratio": 1.5}, {"ratio": math.inf, "witness": d.Witness(x_hex=(("-inf", "0x0p+0"),))}),
        ({"ratio": 1.5}, {"ratio": math.inf, "witness": d.Witness(shape=(1, 32000))}),
        ({"ratio": math.nan}, {"ratio": 1e300}),
        ({"ratio": math.inf}, {"ratio": 1e300}),
        ({"ratio": 3.0}, {"ratio": 2.0}),
        ({"ratio": 2.0}, {"ratio": None}),
        ({"operation": "softmax"}, {"operation": "logsumexp"}),
        ({"id": "a"}, {"id": "b"}),
    ],
)
def test_the_worse_of_two_findings_comes_first(first: dict[str, Any], second: dict[str, Any]) -> None:
    worse, better = (replace(BASE, **change) for change in (first, second))
    for findings in ((worse, better), (better, worse)):
        assert ranking.worst_first(replace(sample.sample(), findings=findings)) == [worse, better]


def test_what_the_baseline_expects_or_nobody_asked_for_gates_nothing() -> None:
    above, expected = replace(BASE, level=d.Level.ACCURATE), replace(BASE, expected_reason="known")
    assert ranking.gating(replace(sample.sample(), findings=(above, BASE, expected))) == [BASE]
