"""The report as plain text: cause and remedy are in it, and no name breaks its lines."""

from __future__ import annotations

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


def test_only_so_many_findings_are_shown_in_full() -> None:
    base = replace(sample.sample().findings[0], expected_reason="")
    many = replace(sample.sample(), findings=tuple(replace(base, id=f"finding {i}") for i in range(7)))
    output = text.summary(many, findings=3)
    assert output.count("    id      finding") == 3
    assert "and 4 more findings." in output
