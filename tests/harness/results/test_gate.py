"""Exit codes one by one, and the baseline's strictness in both directions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softcert.results import baseline as baselines
from softcert.results import expectations
from softcert.results.gate import decide, exit_code
from softcert_oracle.errors import UsageError
from softcert_reports import document as doc

WHERE = {"operation": "softmax", "format": "float32"}


def counted(verdict: str) -> dict[str, doc.AtLevel]:
    """What must have been counted at "stable" for a verdict, by property."""
    checks = 0 if verdict == "not run" else 10
    stable = doc.AtLevel(
        level="stable",
        checks=checks,
        violations=verdict == "not certified",
        undecided=verdict == "inconclusive",
    )
    return {"sound_accuracy": doc.AtLevel(level="sound", checks=checks), "accuracy": stable}


def run(*verdicts: str, complete: bool = True) -> doc.Document:
    """A document whose subjects s0, s1, ... have the verdicts; "not certified" by an accuracy 8 ulp off."""
    subjects = tuple(
        doc.Subject(
            name=f"s{k}",
            verdict="not run",
            levels={"softmax": {"float32": doc.Held(level=None)}},
            ending="harness error" if verdict == "harness error" else "complete",
        )
        for k, verdict in enumerate(verdicts)
    )
    cells = tuple(
        doc.Cell(
            subject=s.name,
            **WHERE,
            property=name,
            outcome="not run",
            by_level=() if verdict == "not run" else (part,),
            worst_ulp=8.0,
        )
        for s, verdict in zip(subjects, verdicts, strict=True)
        for name, part in counted(verdict).items()
    )
    document = doc.Document(
        title="test", created="2026-01-01T00:00:00+00:00", subjects=subjects, cells=cells, complete=complete
    )
    derived = doc.derive(document)
    assert [s.verdict for s in derived.subjects] == list(verdicts)
    return derived


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (run("certified", "certified"), 0),
        (run("certified", "not certified"), 1),
        (run("certified", "inconclusive"), 3),
        (run("certified", "harness error"), 3),
        (run("certified", "not run"), 3),
        (run("not certified", "inconclusive"), 1),
        (run("certified", complete=False), 3),
        (run(), 3),
    ],
)
def test_exit_codes(document, code):
    assert exit_code(document) == document.exit_code == code


def test_a_run_without_checks_is_never_green():
    unchecked = tuple(replace(s, counts=doc.Counts()) for s in run("certified").subjects)
    assert exit_code(replace(run("certified"), subjects=unchecked)) == 3


def entry(subject: str = "s0", **fields: object) -> baselines.Expected:
    place = {"operation": "softmax", "format": "float32", "property_name": "accuracy", "reason": "known"}
    return baselines.Expected(subject=subject, **{**place, **fields})


def expected(subject: str = "s0", error: float | None = 8.0) -> baselines.Baseline:
    return baselines.Baseline("b", (entry(subject, largest_error=error),))


def test_an_expected_failure_is_green():
    judged = decide(run("not certified"), expected())
    assert judged.exit_code == 0
    assert judged.cells[1].outcome == "expected fail"


def test_an_unexpected_failure_is_not():
    judged = decide(run("not certified", "not certified"), expected())
    assert judged.exit_code == 1
    assert "s1" in judged.baseline.unexpected[0]


def test_an_expected_failure_that_passes_is_stale():
    judged = decide(run("certified"), expected())
    assert judged.exit_code == 1
    assert "expected to fail but passes" in judged.baseline.stale[0]


def test_a_failure_that_got_worse_is_unexpected():
    judged = decide(run("not certified"), expected(error=4.0))
    assert judged.exit_code == 1
    assert "got worse" in judged.baseline.unexpected[0]


def test_a_baseline_only_ever_gets_lower():
    lowered = expectations.updated(run("not certified"), expected(error=100.0))
    assert lowered[0].largest_error == 8.0
    assert expectations.updated(run("not certified"), expected(error=1.0))[0].largest_error == 1.0
    assert expectations.updated(run("certified"), expected()) == ()
    assert expectations.updated(run("not certified", "not certified"), expected()) == expected().entries


def test_a_baseline_is_read_back_as_it_was_written(tmp_path):
    baselines.save(expected(error=float("inf")).entries, tmp_path / "b.toml")
    assert baselines.load(tmp_path / "b.toml").entries == expected(error=float("inf")).entries


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, 0x22, 0x5C, 0x85, 0x2028])
def test_a_baseline_can_be_read_whatever_characters_its_names_contain(tmp_path, code):
    entries = (entry(f"a{chr(code)}b", reason=f"because{chr(code)}of that"),)
    baselines.save(entries, tmp_path / "b.toml")
    assert baselines.load(tmp_path / "b.toml").entries == entries


@pytest.mark.parametrize(
    "text",
    [
        '[[expected]]\nimplementation = "a"',
        "[[expected]",
        "nothing = 1",
        '[[expected]]\nimplementation="a"\noperation="b"\nformat="c"\nproperty="d"\nreason="e"\nlargest_error="x"',
        '[[expected]]\nimplementation="a"\noperation="b"\nformat="c"\nproperty="d"\nreason=""',
    ],
)
def test_a_broken_baseline_is_one_clear_sentence(tmp_path, text):
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(UsageError, match="baseline="):
        baselines.load(tmp_path / "b.toml")


def test_the_bundled_baseline_gives_a_reason_for_each_entry():
    entries = baselines.load("bundled").entries
    assert {"naive", "logsumexp"} <= {e.subject for e in entries}
    assert all(len(e.reason) > 10 for e in entries)


def whole(holds: str) -> baselines.Baseline:
    whole_unit = entry(property_name="*", reason="known to be naive", holds=holds)
    return baselines.Baseline("b", (whole_unit,))


def test_a_star_stands_for_every_property_and_goes_stale_when_all_pass():
    assert decide(run("not certified"), whole("")).exit_code == 0
    assert decide(run("certified"), whole("")).exit_code == 1


def test_a_level_named_in_the_baseline_must_be_exactly_that():
    assert decide(run("not certified"), whole("sound")).exit_code == 0
    judged = decide(run("not certified"), whole("none"))
    assert judged.exit_code == 1
    assert "holds level sound" in judged.baseline.unexpected[0]


@pytest.mark.parametrize("error", ["nan", "-nan", "-1.0", '"nan"', "1" + "0" * 400])
def test_an_error_that_excuses_everything_or_nothing_is_refused(tmp_path, error):
    """No error is above NaN, so a baseline that accepts NaN would accept any."""
    place = 'implementation = "s0"\noperation = "softmax"\nformat = "float32"\nproperty = "accuracy"\nreason = "r"'
    (tmp_path / "b.toml").write_text(f"[[expected]]\n{place}\nlargest_error = {error}\n")
    with pytest.raises(UsageError, match="largest_error"):
        baselines.load(tmp_path / "b.toml")


def test_the_document_records_the_level_that_a_baseline_names():
    """What `verify` computes again must not need the file of the baseline."""
    assert [e.holds for e in decide(run("not certified"), whole("sound")).baseline.entries] == ["sound"]
