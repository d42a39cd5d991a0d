"""Mutants: what becomes of one, what is drawn, and how a run goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from softcert.cases.case import Case
from softcert.power import mutants, pool
from softcert.power.mutations import mutations
from softcert.power.originals import Candidate, Original, text
from softcert.power.pool import Departure
from softcert_oracle.errors import UsageError

SOURCE = """
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
"""


@pytest.fixture
def candidates(tmp_path: Path) -> list[Candidate]:
    """All mutants of a small file."""
    file = tmp_path / "file_of_mutants.py"
    file.write_text(SOURCE)
    keywords = {"arrays": "numpy", "batched": True}
    original = Original(file=str(file), module="file_of_mutants", attribute="softmax", keywords=keywords)
    return [
        Candidate(original=original, name="softmax", mutation=m.number, operation="softmax", format="float32")
        for m in mutations(SOURCE)
    ]


@pytest.fixture
def pretended(candidates, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """`measure` over those mutants, whose outcomes are pretended; the numbers of the mutants that were run."""
    run: list[int] = []

    def outcome(candidate, mutation, effort, seed):
        run.append(mutation.number)
        return (mutants.OUTCOMES[mutation.number % 3], "shown", "")

    monkeypatch.setattr(mutants, "gallery", lambda: (candidates, 4))
    monkeypatch.setattr(mutants, "_outcome", outcome)
    return run


def test_a_mutant_that_is_wrong_is_caught_in_a_process_of_its_own(candidates) -> None:
    """Its first finding is kept; here the sum runs over the rows."""
    number = next(m.number for m in mutations(SOURCE) if (m.kind, m.after, m.line) == ("axis", "0", 7))
    result = mutants._attempt(candidates[number], "quick", 0)
    assert (result.outcome, result.line, result.function) == ("caught", 7, "softmax")
    assert ": " in result.shown


def test_a_mutant_that_cannot_be_loaded_is_caught(candidates, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it does to the process that loads it."""
    monkeypatch.setattr(mutants, "mutated", lambda text, mutation: "raise SystemExit(3)")
    assert mutants._attempt(candidates[0], "quick", 0).outcome == "caught"


@pytest.mark.parametrize(
    ("verdict", "departs", "outcome"),
    [
        ("not certified", False, "caught"),
        ("certified", True, "escaped"),
        ("certified", False, "equivalent"),
        ("inconclusive", True, "undecided"),
        ("harness error", False, "undecided"),
    ],
)
def test_the_pool_tells_an_escape_from_a_change_that_changes_nothing(
    candidates, monkeypatch: pytest.MonkeyPatch, verdict: str, departs: bool, outcome: str
) -> None:
    """What is not decided is neither caught nor equivalent."""

    class Given:
        findings = ()
        reason = "told"
        interrupted = False

        def __init__(self) -> None:
            self.verdict = verdict

    class Pretended:
        both_fail = late = None

        def departure(self, subject):
            return Departure(case=None, words="accuracy") if departs else None

    monkeypatch.setattr(mutants, "_described", lambda *given: None)
    monkeypatch.setattr(mutants, "certify_until_failed", lambda *given: Given())
    monkeypatch.setattr(mutants, "_pool", lambda *given: Pretended())
    assert mutants._attempt(candidates[0], "quick", 0).outcome == outcome


def test_a_mutant_that_a_battery_lets_through_is_found_on_the_pool(candidates, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes of their own: mutant and original are both called on the case, and the original holds there."""
    certified = SimpleNamespace(findings=(), reason="", interrupted=False, verdict="certified")
    monkeypatch.setattr(mutants, "certify_until_failed", lambda *given: certified)
    case = Case.of("ordinary", 3, 5, "float32")
    monkeypatch.setattr(pool, "cases", lambda *given: (case,))
    number = next(m.number for m in mutations(SOURCE) if (m.kind, m.after, m.line) == ("axis", "0", 7))
    result = mutants._attempt(candidates[number], "quick", 0)
    assert (result.outcome, result.witness) == ("escaped", str(case))


def test_a_mutant_that_fails_where_the_original_does_is_undecided(candidates, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not said to change nothing."""
    known = SimpleNamespace(departure=lambda subject: None, both_fail=Departure(case=None, words="accuracy"))
    certified = SimpleNamespace(findings=(), reason="", interrupted=False, verdict="certified")
    monkeypatch.setattr(mutants, "_described", lambda *given: None)
    monkeypatch.setattr(mutants, "certify_until_failed", lambda *given: certified)
    monkeypatch.setattr(mutants, "_pool", lambda *given: known)
    assert mutants._attempt(candidates[0], "quick", 0).outcome == "undecided"


def test_ctrl_c_ends_the_measurement_and_keeps_what_is_finished(
    candidates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A mutant that was stopped is not counted as anything."""
    stopped = SimpleNamespace(findings=(), reason="stopped", interrupted=True, verdict="inconclusive")
    monkeypatch.setattr(mutants, "gallery", lambda: (candidates, 0))
    monkeypatch.setattr(mutants, "_described", lambda *given: None)
    monkeypatch.setattr(mutants, "certify_until_failed", lambda *given: stopped)
    with pytest.raises(KeyboardInterrupt):
        mutants.measure(None, "quick", 0, resume=tmp_path / "new" / "finished.jsonl")
    assert not (tmp_path / "new").exists()


def test_what_is_drawn_follows_the_seed(pretended) -> None:
    """The same seed draws the same mutants; the results stand in their order."""
    first = mutants.measure(None, "quick", 0, limit=7)
    assert [r.key for r in first.results] == [r.key for r in mutants.measure(None, "quick", 0, limit=7).results]
    assert {(r.before, r.after) for r in first.results} != {
        (r.before, r.after) for r in mutants.measure(None, "quick", 1, limit=7).results
    }
    assert (len(first.results), first.possible, first.unreached) == (7, len(mutations(SOURCE)), 4)


def test_a_run_goes_on_where_it_stopped(pretended, tmp_path: Path) -> None:
    """Finished mutants are not run again, and a line that was cut off is."""
    file = tmp_path / "finished.jsonl"
    whole = mutants.measure(None, "quick", 0, resume=file)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-2], lines[-1][:20]]) + "\n")
    pretended.clear()
    again = mutants.measure(None, "quick", 0, resume=file)
    assert len(pretended) == 2
    assert again == whole


@pytest.mark.parametrize(("change", "kept"), [({"seed": 1}, 0), ({"effort": "standard"}, 0), ({}, None)])
def test_only_results_of_the_same_run_are_taken_over(pretended, tmp_path: Path, change, kept) -> None:
    """Another seed or effort is another measurement."""
    file = tmp_path / "finished.jsonl"
    mutants.measure(None, "quick", 0, resume=file)
    everything = len(pretended)
    pretended.clear()
    mutants.measure(None, change.get("effort", "quick"), change.get("seed", 0), resume=file)
    assert len(pretended) == (everything if kept == 0 else 0)


def test_a_run_goes_on_in_another_copy_of_the_sources(candidates, tmp_path: Path) -> None:
    """The text of a file stands in a mutant's key, its place does not."""
    elsewhere = tmp_path / "copy" / "file_of_mutants.py"
    elsewhere.parent.mkdir()
    elsewhere.write_text(SOURCE)
    moved = replace(candidates[3], original=replace(candidates[3].original, file=str(elsewhere)))
    assert mutants._key(moved, "quick", 0) == mutants._key(candidates[3], "quick", 0)
    elsewhere.write_text(SOURCE.replace("e /", "1.0 * e /"))
    text.cache_clear()
    assert mutants._key(moved, "quick", 0) != mutants._key(candidates[3], "quick", 0)


def test_nothing_passes_with_an_escape_or_without_a_mutant(pretended) -> None:
    """Green is for mutants that are all decided and none of which escaped."""
    power = mutants.measure(None, "quick", 0)
    assert power.counts["escaped"] > 0
    assert not power.passed
    caught = mutants.MutantPower(
        subject="", effort="quick", seed=0, possible=1, unreached=0, results=tuple(power.having("caught"))
    )
    assert caught.passed
    assert not mutants.MutantPower(subject="", effort="quick", seed=0, possible=1, unreached=0, results=()).passed


def test_a_subject_that_is_not_certified_itself_is_refused() -> None:
    """Its mutants would all be caught, and tell nothing."""
    with pytest.raises(UsageError, match="'naive' itself is not certified"):
        mutants.measure("naive", "quick", 0, op="softmax", dtypes="float32")


def test_a_limit_below_one_is_refused() -> None:
    """With the value that was given."""
    with pytest.raises(UsageError, match="limit=0"):
        mutants.measure(None, "quick", 0, limit=0)


def test_processes_get_all_mutants_of_a_pool_and_one_process_one_at_a_time(candidates) -> None:
    """So that each process makes its pools once, and a run that is stopped has kept all but the last mutant."""
    assert [len(t.candidates) for t in mutants._tasks(candidates, "quick", 0, whole=True)] == [len(candidates)]
    assert {len(t.candidates) for t in mutants._tasks(candidates, "quick", 0, whole=False)} == {1}
