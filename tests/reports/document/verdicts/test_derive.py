"""What follows from the counts is filled in whatever the document said before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports import sample, small

from softcert_reports import document as d


@pytest.mark.parametrize("make", [small.green, small.red, small.expected, sample.sample, sample.empty])
def test_it_changes_nothing_that_it_made(make: object) -> None:
    document = make()  # type: ignore[operator]
    assert d.derive(document) == document


def test_it_believes_nothing_that_follows_from_the_counts() -> None:
    base = small.red()
    lies = replace(
        base,
        exit_code=0,
        subjects=tuple(replace(s, verdict="certified", level=d.Level.FAITHFUL) for s in base.subjects),
        cells=tuple(replace(c, outcome="pass", violations=0, checks=10**9) for c in base.cells),
    )
    assert d.derive(lies) == base


def test_a_cell_has_the_lowest_level_that_is_violated_else_its_propertys_own() -> None:
    """A failure counts at the level that it denies."""
    base = small.green()
    both = tuple(d.AtLevel(level=level, checks=5, violations=1) for level in (d.Level.ACCURATE, d.Level.STABLE))
    cells = tuple(replace(c, by_level=both) if c.property == "special_values" else c for c in base.cells)
    levels = {c.property: c.level for c in d.derive(replace(base, cells=cells)).cells}
    assert levels["special_values"] == "stable"
    assert {c.property: c.level for c in base.cells}["special_values"] == "sound"


@pytest.mark.parametrize(("rounded", "not_nearest", "expected"), [(5, 0, True), (5, 1, False), (0, 0, False)])
def test_correctly_rounded_is_faithful_and_always_the_nearest(rounded: int, not_nearest: int, expected: bool) -> None:
    base = sample.sample()
    levels = {"softmax": {"float32": d.Held(level=None, rounded=rounded, not_nearest=not_nearest)}}
    subjects = tuple(replace(s, levels=levels) for s in base.subjects if s.name == "faithful")
    (subject,) = d.derive(replace(base, subjects=subjects)).subjects
    assert subject.levels["softmax"]["float32"].correctly_rounded is expected
