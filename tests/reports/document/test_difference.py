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
    levels["softmax"]["float32"] = d.Held(level="faithful", correctly_rounded=False)
    result = d.diff(OLD, _subject(4, levels=levels))
    assert [str(c) for c in result.worse] == ["faithful / softmax / float32, level: correctly rounded -> faithful"]


def test_an_implementation_that_went_is_gone_and_one_that_came_is_new() -> None:
    fewer = replace(OLD, subjects=OLD.subjects[1:], cells=tuple(c for c in OLD.cells if c.subject != "naive"))
    assert [c.where for c in d.diff(OLD, fewer).gone] == ["naive"]
    assert [c.where for c in d.diff(fewer, OLD).new] == ["naive"]
    assert d.diff(OLD, fewer).fell
    assert not d.diff(fewer, OLD).fell


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


def test_a_loosened_contract_is_worse_and_a_tightened_one_is_told() -> None:
    loose = _subject(1, contract_deviations={"exp_ulp": 64.0})
    result = d.diff(OLD, loose)
    assert [str(c) for c in result.worse] == ["numpy_shifted, contract, exp_ulp: 4.0 -> 64.0"]
    back = d.diff(loose, OLD)
    assert [c.where for c in back.moved] == ["numpy_shifted, contract"]
    assert not back.fell


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"isolation": "none"}, "the run, isolation"),
        ({"asked_level": d.Level.SOUND}, "the run, asked level"),
        ({"effort": "quick"}, "the run, effort"),
        ({"effort": "my own"}, "the run, effort"),
    ],
)
def test_a_run_that_asks_for_less_is_worse(change: dict[str, Any], where: str) -> None:
    """Green at a lower level, at less effort or without isolation shows less than green did."""
    assert where in [c.where for c in d.diff(OLD, replace(OLD, **change)).worse]


def test_an_exit_code_that_is_no_longer_0_is_worse() -> None:
    assert [str(c) for c in d.diff(replace(OLD, exit_code=0), OLD).worse] == ["the run, exit code: 0 -> 1"]


def test_more_effort_and_a_higher_level_are_not_worse() -> None:
    assert not d.diff(OLD, replace(OLD, effort="thorough", asked_level=d.Level.ACCURATE)).fell


def test_what_the_new_run_no_longer_has_is_gone() -> None:
    """Half of the cells gone, a whole unit gone: nothing failed, and less is shown."""
    half = d.diff(OLD, replace(OLD, cells=OLD.cells[: len(OLD.cells) // 2]))
    assert half.fell
    assert len(half.gone) == len(OLD.cells) - len(OLD.cells) // 2
    levels = {o: by for o, by in OLD.subjects[1].levels.items() if o != "softmax"}
    assert "numpy_shifted / softmax / float32, level" in [c.where for c in d.diff(OLD, _subject(1, levels=levels)).gone]


def test_a_cell_that_held_in_far_fewer_checks_is_worse() -> None:
    assert [c.after for c in d.diff(OLD, _cell(checks=3)).worse] == ["held in 3 checks"]


def test_a_domain_that_was_narrowed_is_worse() -> None:
    domains = (replace(OLD.domains[0], classes=(1, 8)), *OLD.domains[1:])
    result = d.diff(OLD, replace(OLD, domains=domains))
    assert [str(c) for c in result.worse] == ["naive / softmax / float32, classes: 1 to 65537 -> 1 to 8"]
    assert not d.diff(replace(OLD, domains=domains), OLD).fell


def test_a_baseline_that_accepts_more_is_worse() -> None:
    assert OLD.baseline is not None
    small = tuple(replace(e, largest_error=8.0) for e in OLD.baseline.entries)
    before = replace(OLD, baseline=replace(OLD.baseline, entries=small))
    assert [c.after for c in d.diff(before, OLD).worse] == ["inf", "inf"]


def test_the_one_of_two_of_the_same_name_that_fell_is_worse() -> None:
    """A run calls the second one "name (2)", so that each is matched with its own earlier self."""
    second = replace(OLD.subjects[1], name="numpy_shifted (2)")
    two = replace(OLD, subjects=(*OLD.subjects, second))
    fell = replace(OLD, subjects=(*OLD.subjects, replace(second, verdict="not certified")))
    assert [c.where for c in d.diff(two, fell).worse] == ["numpy_shifted (2)"]
