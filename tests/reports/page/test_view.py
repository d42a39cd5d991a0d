"""Orders, groups and sums that the templates show."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.formatting import wording
from softcert_reports.page import view


def test_limits_alike_for_several_implementations_are_told_once() -> None:
    entry = sample.sample().limits[0]
    limits = (*tuple(replace(entry, subject=s) for s in ("a", "b")), replace(entry, subject="c", parameters={"u": 1.0}))
    shown = view.context(replace(sample.sample(), limits=limits))["limits"]
    assert [e["subjects"] for e in shown] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("ulp", "shade"),
    [(0.0, 0), (0.5, 1), (1.0, 1), (1.5, 2), (9.9, 2), (10.0, 3), (1e4, 6), (1e30, 6), (math.inf, 7), (math.nan, 7)],
)
def test_a_difference_is_shaded_by_its_power_of_ten(ulp: float, shade: int) -> None:
    assert view.shade(ulp) == shade


@pytest.mark.parametrize(("exit_code", "tone"), [(0, "expected"), (1, "bad"), (2, "open"), (3, "open")])
def test_the_tone_follows_the_exit_code(exit_code: int, tone: str) -> None:
    assert view.tone(replace(sample.sample(), exit_code=exit_code)) == tone


def test_the_tone_is_good_where_everything_is_certified() -> None:
    certified = [s for s in sample.sample().subjects if s.verdict == "certified"]
    assert view.tone(replace(sample.sample(), exit_code=0, subjects=tuple(certified))) == "good"


def test_findings_above_the_asked_level_stand_apart() -> None:
    base = sample.sample()
    above = replace(base.findings[0], id="above", level=d.Level.FAITHFUL)
    shown = view.context(replace(base, findings=(*base.findings, above)))
    assert shown["findings_above"] == [above]
    assert sorted(f.id for f in shown["findings"]) == sorted(f.id for f in base.findings)


def test_an_outcome_that_does_not_occur_above_the_level_is_not_in_the_legend() -> None:
    assert wording.ABOVE in view.context(sample.sample())["outcomes"]
    faithful = replace(sample.sample(), asked_level=d.Level.FAITHFUL)
    assert wording.ABOVE not in view.context(faithful)["outcomes"]


def test_a_subject_shows_its_causes_and_the_cell_that_is_closest_to_its_limit() -> None:
    naive = view.context(sample.sample())["subjects"][0]
    assert [(c.name, [f.property for f in c.findings]) for c in naive["causes"]] == [
        ("sums to one", ["sums_to_one"]),
        ("no max shift", ["finite", "finite"]),
    ]
    ratio, cell = view.context(sample.sample())["subjects"][1]["closest"]
    judged = [
        c.worst_ratio
        for c in sample.sample().cells
        if c.subject == "numpy_shifted" and c.outcome in ("pass", "undecided") and c.worst_ratio is not None
    ]
    assert ratio == cell.worst_ratio == max(judged)


def test_each_cause_has_a_card_and_no_finding_stands_twice_or_is_lost() -> None:
    base = sample.sample()
    many = tuple(replace(f, id=f"{f.id} {i}") for f in base.findings for i in range(100))
    cards = view.context(replace(base, findings=many))["cards"]
    places = [f.id for card in cards for f in (card["cause"].first, *card["full"], *card["brief"])]
    assert len(places) == len(set(places))
    assert len(places) + sum(card["uncounted"] for card in cards) == sum(len(c["cause"].findings) for c in cards)
    assert sum(len(card["full"]) for card in cards) <= view.IN_FULL
    assert sum(len(card["brief"]) for card in cards) <= view.ROWS
    assert all(len(card["full"]) <= view.WITNESSES for card in cards)


def test_a_cell_whose_finding_has_no_place_of_its_own_leads_to_the_card() -> None:
    base = sample.sample()
    cell = next(c for c in base.cells if c.outcome == "fail" and c.findings)
    (of_cell,) = [f for f in base.findings if f.id == cell.findings[0]]
    many = tuple(replace(of_cell, id=f"{of_cell.id} {i}") for i in range(view.ROWS_OF_CARD + 20))
    last = replace(cell, findings=(many[-1].id,))
    cells = tuple(last if c is cell else c for c in base.cells)
    shown = view.context(replace(base, findings=many, cells=cells))
    (card,) = shown["cards"]
    entries = [e for t in shown["matrix"] for row in t.rows for e in row.entries if e and e.href]
    assert f"#{card['anchor']}" in [e.href for e in entries]


def test_causes_beyond_the_cards_are_listed() -> None:
    base = replace(sample.sample().findings[0], diagnosis=None)
    many = tuple(replace(base, id=str(i), cause=str(i)) for i in range(view.CARDS + 7))
    shown = view.context(replace(sample.sample(), findings=many))
    assert (len(shown["cards"]), len(shown["left"])) == (view.CARDS, 7)


def test_a_pair_stands_once_below_the_diagonal_of_its_heat_map() -> None:
    heat_map = view.context(sample.sample())["pairs"][0]
    names = heat_map["names"]
    shown = {(a, names[j]) for a, row in heat_map["grid"] for j, cell in enumerate(row) if cell is not None}
    assert len(shown) == len(names) * (len(names) - 1) // 2
    assert all(names.index(a) > names.index(b) for a, b in shown)


def test_a_claim_has_every_key_and_its_steps_as_a_list() -> None:
    truth = d.GroundTruth(claims=({"id": "a", "proof_steps": "one step"}, {"id": "b"}))
    claims = view.context(replace(sample.sample(), ground_truth=truth))["claims"]
    assert [c["proof_steps"] for c in claims] == [["one step"], []]
    assert claims[1]["remark"] is None


def test_coverage_sums_over_operations() -> None:
    row = d.Coverage(operation="softmax", format="float32", axis="layout", value="C", count=3)
    coverage = (row, replace(row, operation="logsumexp", count=4), replace(row, value="transposed", count=5))
    shown = view.context(replace(sample.sample(), coverage=coverage))["coverage"]
    assert shown == [{"axis": "layout", "values": {"C": 7, "transposed": 5}, "most": 7}]


def test_the_power_of_the_suite_is_a_sum_over_families() -> None:
    assert view.context(sample.sample())["power"] == {"defects": 21, "killed": 20}
    assert view.context(replace(sample.sample(), power=None))["power"] is None
