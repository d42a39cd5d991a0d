"""Numbers, words, number lines and sifted markup: the parts that pages and logs are made of."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.formatting import numbers, ranking, sanitise, wording
from softcert_reports.page import anchors, matrix, plots, view
from softcert_reports.page.numberline import number_line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1.0, "1"), (0.5, "0.5"), (3.14159, "3.14"), (1234.5, "1,230"), (99999.0, "100,000"),
        (0.000123, "0.000123"),
        (1.5e-9, "1.5 × 10⁻⁹"), (-2.5e12, "−2.5 × 10¹²"), (-0.25, "−0.25"), (math.nan, "NaN"), (math.inf, "∞"),
        (-math.inf, "−∞"),
        (None, "–"), (100.0, "100"), (5e-324, "4.94 × 10⁻³²⁴"), (999999.0, "1 × 10⁶"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_readers(value: float | None, text: str) -> None:
    assert numbers.significant(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 10**6, "< 0.1 %"),
        (10**6 - 1, 10**6, "> 99.9 %"),
        (1, 8, "12.5 %"),
    ],
)
def test_a_share_says_all_only_of_all_and_none_only_of_none(part: int, whole: int, text: str) -> None:
    assert numbers.share(part, whole) == text


def test_words_join_as_a_person_would() -> None:
    assert [numbers.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert numbers.several(1, "entry", "entries") == "1 entry"
    assert numbers.several(2000, "check") == "2,000 checks"
    assert numbers.span([65537, 1, 7]) == "1 to 65,537"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9999, "9999"), (10_000, "10.0k"), (99_999, "99.9k"), (737_881, "737k"), (999_999, "999k"),
     (1_000_000, "1.0M"), (28_494_966, "28.4M"), (999_999_999, "999M"), (5 * 10**9, "5.0G")],
)  # fmt: skip
def test_a_compact_count_is_never_rounded_up(value: int, text: str) -> None:
    assert numbers.compact(value) == text
    assert len(text) <= 5


def test_a_thinned_curve_keeps_its_worst_points_and_invents_none() -> None:
    points = tuple(d.Point(x=float(x), median=1.0, worst=float(x % 17), limit=20.0) for x in range(1, 400))
    points = (*points[:200], d.Point(x=200.5, median=1.0, worst=math.nan, limit=20.0), *points[200:])
    curve = d.Series(subject="s", operation="softmax", format="float32", axis="classes", points=points)
    kept = plots.thinned(curve, 10)
    assert len(kept) <= 10
    assert set(kept) <= set(points)
    assert any(p.worst is not None and math.isnan(p.worst) for p in kept)
    assert max(p.worst or 0 for p in kept if p.worst == p.worst) == 16
    assert plots.thinned(curve, 1000) == list(points)
    at_zero = d.Series(
        subject="s",
        operation="softmax",
        format="float32",
        axis="magnitude",
        points=(d.Point(x=0.0, median=0.0, worst=0.0, limit=1.0),) * 9,
    )
    assert len(plots.thinned(at_zero, 4)) == 1


def test_the_limit_passes_through_the_limit_of_every_error_that_is_drawn() -> None:
    data = plots.data(sample.many(20))
    bounds = {(o, f, axis, i): dict(curve) for o, f, axis, subjects, curve in data["limits"] for i in subjects}
    assert len(bounds) == len(data["series"])
    for subject, operation, format, axis, points in data["series"]:
        for x, _, _, limit in points:
            assert bounds[operation, format, axis, subject][x] == limit
    assert len(data["limits"]) < len(data["series"]) / 4  # shared ones are drawn once


def test_details_stand_in_the_order_of_the_cells_of_the_page() -> None:
    document = sample.sample()
    tables = matrix.tables(document)
    found = matrix.details(document, tables)
    anchors_shown = [e.anchor for t in tables for r in t.rows for e in r.entries if e]
    assert len(found["cells"]) == len(anchors_shown) == len(document.cells)
    by_anchor = dict(zip(anchors_shown, found["cells"], strict=True))
    for cell in document.cells:
        row = by_anchor[anchors.of_cell(cell)]
        assert (row[0] if row else 0) == cell.checks
        assert found["texts"][row[5] if len(row) > 5 else 0] == cell.reason


def test_limits_alike_for_several_implementations_are_told_once() -> None:
    entry = sample.sample().limits[0]
    limits = (*tuple(replace(entry, subject=s) for s in ("a", "b")), replace(entry, subject="c", parameters={"u": 1.0}))
    shown = view.context(replace(sample.sample(), limits=limits))["limits"]
    assert [e["subjects"] for e in shown] == [["a", "b"], ["c"]]


def test_long_text_is_cut_in_its_middle_and_short_text_is_left() -> None:
    assert sanitise.short("x" * 48) == "x" * 48
    cut = sanitise.short("a" * 5000 + "z" * 5000)
    assert len(cut) <= 48
    assert cut.startswith("aaa")
    assert cut.endswith("zzz")


@pytest.mark.parametrize(
    "markup",
    [
        "<math><script>alert(1)</script></math>",
        "<math><mi onclick='x'>a</mi><foreignObject/></math>",
        "<svg><math/></svg>",
        "<!DOCTYPE m [<!ENTITY a 'b'>]><math><mi>&a;</mi></math>",
        "<math><mi>unclosed</math>",
        "not markup", "", None, 7,
    ],
)  # fmt: skip
def test_markup_that_is_not_presentation_mathml_is_dropped(markup: object) -> None:
    assert sanitise.mathml(markup) == ""


def test_mathml_keeps_its_elements_and_loses_foreign_attributes() -> None:
    markup = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" onclick="x()"><mi href="//e" mathvariant="bold">a&lt;b</mi></math>'  # noqa: E501
    assert sanitise.mathml(markup) == '<math displaystyle="true"><mi mathvariant="bold">a&lt;b</mi></math>'


def test_json_in_a_script_cannot_end_it() -> None:
    text = sanitise.script_json({"</script>": "<!--\u2028&"})
    assert not set("<>&\u2028") & set(text)


# Words


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


def test_findings_come_worst_first_unexpected_before_expected() -> None:
    order = [f.property for f in ranking.worst_first(sample.sample())]
    assert order == ["sums_to_one", "finite", "finite"]
    assert [f.property for f in ranking.gating(sample.sample())] == ["sums_to_one"]


# Number line


def _near() -> d.Finding:
    return next(f for f in sample.sample().findings if f.property == "sums_to_one")


def test_a_number_line_counts_in_gaps_between_floats() -> None:
    line = number_line(_near())
    assert line is not None
    assert (line["got"], line["exact"], line["limit"]) == (3.0, 0.0, 1.42)
    ticks = line["ticks"]
    assert isinstance(ticks, list)
    assert [t for t, _ in ticks] == [-1, 0, 1, 2, 3, 4]


def _with(finding: d.Finding, **change: object) -> d.Finding:
    assert finding.witness
    return replace(finding, witness=replace(finding.witness, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"got": d.Number("nan", "nan")},
        {"got": d.Number("1e30", float.hex(1e30))},
        {"got": None},
        {"exact": d.Number("rubbish")},
        {"exact": d.Number("1e999999999")},
        {"neighbours": ()},
        {"neighbours": (d.Number("1", float.hex(1.0)),) * 2},
    ],
)
def test_no_number_line_where_it_would_not_help(change: dict[str, object]) -> None:
    assert number_line(_with(_near(), **change)) is None


def test_an_exact_value_lies_strictly_between_its_neighbours() -> None:
    third = d.Number("0." + "3" * 40)
    below, above = 0.3333333134651184, 0.3333333432674408  # float32 on either side of 1/3
    changed = _with(
        _near(), exact=third, got=d.Number(repr(above), float.hex(above)),
        neighbours=(d.Number(repr(below), float.hex(below)), d.Number(repr(above), float.hex(above))),
    )  # fmt: skip
    line = number_line(changed)
    assert line is not None
    assert line["exact"] == pytest.approx(2 / 3, abs=1e-6)  # 1/3 = 0x1.5555554aaa..p-2 lies two thirds up its gap
    assert line["got"] == 1.0
