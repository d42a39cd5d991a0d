"""What became better, worse, new or gone between two runs, and which of it decides."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports import document as d

OLD = sample.sample()


def _cell(**change: Any) -> d.Document:
    """The sample with its first passing cell changed."""
    i = next(i for i, c in enumerate(OLD.cells) if c.outcome == "pass")
    return replace(OLD, cells=(*OLD.cells[:i], replace(OLD.cells[i], **change), *OLD.cells[i + 1 :]))


def _subject(index: int, **change: Any) -> d.Document:
    subjects = list(OLD.subjects)
    subjects[index] = replace(subjects[index], **change)
    return replace(OLD, subjects=tuple(subjects))


def test_equal_runs_do_not_differ() -> None:
    result = d.diff(OLD, replace(OLD, created="later", timings={}, speed=()))
    assert not result.any
    assert result.text() == "no difference\n"


@pytest.mark.parametrize("outcome", [o for o in d.OUTCOMES if o != "pass"])
def test_a_cell_that_no_longer_holds_is_worse_and_the_way_back_is_better(outcome: d.Outcome) -> None:
    new = _cell(outcome=outcome)
    assert [(c.before, c.after) for c in d.diff(OLD, new).worse] == [("pass", outcome)]
    assert [(c.before, c.after) for c in d.diff(new, OLD).better] == [(outcome, "pass")]


@pytest.mark.parametrize("verdict", [v for v in d.VERDICTS if v != "certified"])
def test_a_certified_subject_that_loses_its_verdict_is_worse(verdict: d.Verdict) -> None:
    assert OLD.subjects[1].verdict == "certified"
    assert [c.after for c in d.diff(OLD, _subject(1, verdict=verdict)).worse] == [verdict]


def test_a_level_that_falls_in_one_format_is_worse_though_the_verdict_stays() -> None:
    levels = {o: dict(by) for o, by in OLD.subjects[4].levels.items()}
    levels["softmax"]["float32"] = d.Held("faithful", correctly_rounded=False)
    result = d.diff(OLD, _subject(4, levels=levels))
    assert [str(c) for c in result.worse] == ["faithful / softmax / float32, level: correctly rounded -> faithful"]


def test_an_implementation_that_came_or_went_is_new_or_gone_and_not_worse() -> None:
    fewer = replace(OLD, subjects=OLD.subjects[1:], cells=tuple(c for c in OLD.cells if c.subject != "naive"))
    assert [c.where for c in d.diff(OLD, fewer).gone] == ["naive"]
    assert [c.where for c in d.diff(fewer, OLD).new] == ["naive"]
    assert not d.diff(OLD, fewer).worse
    assert not d.diff(fewer, OLD).worse


def test_an_error_that_moves_inside_its_limit_decides_nothing() -> None:
    i = next(i for i, c in enumerate(OLD.cells) if c.outcome == "pass")
    ratio = OLD.cells[i].worst_ratio or 0.0
    result = d.diff(OLD, _cell(worst_ratio=ratio * 3))
    assert len(result.moved) == 1
    assert not result.any
    assert not d.diff(OLD, _cell(worst_ratio=ratio * 1.4)).moved
    assert d.diff(OLD, _cell(worst_ratio=math.nan)).moved


def test_a_run_that_did_not_finish_is_worse() -> None:
    assert d.diff(OLD, replace(OLD, complete=False)).worse


def test_the_runs_own_differences_are_notes() -> None:
    result = d.diff(OLD, replace(OLD, seed=3, versions={**OLD.versions, "numpy": "2.4.0"}))
    assert [str(c) for c in result.notes] == ["seed: 0 -> 3", "version of numpy: 2.3.0 -> 2.4.0"]
    assert not result.any


def test_a_loosened_contract_is_told() -> None:
    result = d.diff(OLD, _subject(1, contract_deviations={"exp_ulp": 64.0}))
    assert [c.where for c in result.moved] == ["numpy_shifted, contract"]
