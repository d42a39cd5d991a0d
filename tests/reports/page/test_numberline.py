"""Where a result lies among the floats next to the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.reports import sample

from softcert_reports import document as d
from softcert_reports.page.numberline import number_line


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
        _near(),
        exact=third,
        got=d.Number(repr(above), float.hex(above)),
        neighbours=(d.Number(repr(below), float.hex(below)), d.Number(repr(above), float.hex(above))),
    )
    line = number_line(changed)
    assert line is not None
    assert line["exact"] == pytest.approx(2 / 3, abs=1e-6)  # 1/3 = 0x1.5555554aaa..p-2 lies two thirds up its gap
    assert line["got"] == 1.0
