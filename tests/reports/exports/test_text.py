"""The report as plain text: cause and remedy are in it, and no name breaks its lines."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from tests.reports import sample

from softcert_reports import document
from softcert_reports.exports import text


def test_the_text_tells_what_is_wrong_and_the_remedy() -> None:
    plain = tuple(replace(f, expected_reason="") for f in sample.sample().findings)
    output = text.summary(replace(sample.sample(), findings=plain))
    for words in (
        "naive",
        "not certified",
        "softmax(88.75, 0) is NaN",
        "0x1.6300000000000p+6",
        "remedy  Subtract the row's",
    ):
        assert words in output
    assert all(len(line) <= 420 for line in output.splitlines())


def test_the_text_of_hostile_names_keeps_its_lines() -> None:
    output = text.summary(sample.hostile())
    head = next(i for i, line in enumerate(output.splitlines()) if line.startswith("implementation"))
    table = output.splitlines()[head + 2 : head + 2 + len(sample.hostile().subjects)]
    assert all(re.search(r"certified", line) for line in table)


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    assert text.table(("name", "n"), [["a", "1"], ["bb", "1,000"]]).splitlines() == [
        "name      n",
        "-----------",
        "a         1",
        "bb    1,000",
    ]


def test_an_incomplete_run_says_so_and_an_unmet_baseline_is_listed() -> None:
    base = document.Baseline(path="b.toml", unexpected=("naive fails",), stale=("entry x",))
    output = text.summary(replace(sample.sample(), complete=False, incomplete_reason="interrupted", baseline=base))
    assert "INCOMPLETE: interrupted." in output
    assert "unexpected: naive fails" in output
    assert "stale in the baseline: entry x" in output


def test_the_table_counts_failures_up_to_the_asked_level_alone() -> None:
    line = next(line for line in text.summary(sample.sample()).splitlines() if line.startswith("numpy_shifted"))
    subject = sample.sample().subjects[1]
    assert subject.counts.failed > 0
    assert line.split()[:5] == ["numpy_shifted", "certified", "stable", str(subject.counts.checks), "0"]


def _with(*findings: document.Finding) -> document.Document:
    return replace(sample.sample(), findings=findings, baseline=None)


def _bare(id: str, **fields: object) -> document.Finding:
    base = replace(sample.sample().findings[0], expected_reason="", id=id, diagnosis=None)
    return replace(base, **fields)  # type: ignore[arg-type]


def test_only_so_many_causes_are_shown_and_the_others_are_counted() -> None:
    many = _with(*(_bare(f"finding {i}", cause=f"kind {i}") for i in range(7)))
    output = text.summary(many, shown=3, in_full="see page.html")
    assert output.count("    id      finding") == 3
    assert "and 4 more causes (4 findings): see page.html." in output


def test_a_cause_is_told_once_with_all_that_it_touches() -> None:
    base = replace(sample.sample().findings[0], expected_reason="")
    assert base.diagnosis is not None
    output = text.summary(_with(base, replace(base, id="b", operation="logsumexp", summary="logsumexp too")))
    assert output.count(base.diagnosis.remedy) == 1
    assert re.search(r"touches softmax and logsumexp in float32 \(2 findings\)", output)
    assert "    also    logsumexp too" in output


def test_rows_of_a_witness_are_named_by_their_numbers() -> None:
    rows = tuple((repr(float(r)), "0.0") for r in range(4))
    witness = document.Witness(shape=(9, 2), x_decimal=rows, element=(3, 1), got=document.Number("2.0"))
    lines = text.finding(_bare("a", witness=witness)).splitlines()
    assert [line.split()[0] for line in lines if "[" in line and "x" in line.split()[0]] == ["x[0]", "x[3]"]


def test_no_unit_of_our_own_is_shown() -> None:
    finite = text.finding(_bare("a", unit="slack", measured=3.5, limit=1.0, ratio=3.5))
    assert "    limit   3.5 times what rounding explains" in finite
    endless = text.finding(_bare("a", unit="slack", measured=math.inf, limit=1.0, ratio=math.inf))
    assert "slack" not in finite + endless
    assert "limit" not in endless


def test_levels_stand_by_operation_and_format_where_they_differ() -> None:
    held = {"softmax": {"float32": "stable", "float64": "sound"}, "logsumexp": {"float64": None}}
    levels = {o: {f: document.Held(level=at) for f, at in by.items()} for o, by in held.items()}  # type: ignore[arg-type]
    subject = replace(sample.sample().subjects[0], levels=levels)
    lines = text.summary(replace(sample.sample(), subjects=(subject,))).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("level held"))
    assert [line.split() for line in lines[at + 2 : at + 4]] == [
        [subject.name, "softmax", "stable", "sound", "!"],
        [subject.name, "logsumexp", "none", "!"],
    ]
