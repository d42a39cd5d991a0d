"""A run over several subjects: described first, certified then, and no subject loses another's results."""

from __future__ import annotations

import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.outcome import UnitOutcome, not_reached
from softcert.certification.plan import Plan
from softcert.commands import units
from softcert.commands.certify import Run
from softcert_oracle.errors import UsageError

PLAN = Plan.of("quick", isolation="none")
SMALL = {"max_classes": 8, "max_rows": 4}


def subject(name, function=softmax):
    return Implementation(name, {"softmax": function}, ("float32",), **SMALL)


def interrupting(x):
    raise KeyboardInterrupt


def test_subjects_are_certified_in_order_with_one_cache(monkeypatch):
    caches = []

    def spying(run, pair, report):
        caches.append(run.references)
        return diagnosed(run, pair, report)

    diagnosed = units._diagnosed
    monkeypatch.setattr(units, "_diagnosed", spying)
    run = Run(PLAN, [subject("a"), subject("b", lambda x: 2 * softmax(x))])
    run.certify()
    assert [(r.name, r.verdict) for r in run.results] == [("a", "certified"), ("b", "not certified")]
    assert caches[0] is caches[1] is not None
    document = run.document("c")
    assert (document.exit_code, document.complete, document.title) == (1, True, "softcert: a, b")
    assert all(f.diagnosis is not None for f in document.findings)


def test_subjects_of_the_same_name_are_told_apart_by_their_order():
    """Documents, baselines and diff know a subject by its name: two of one name would hide one's fall."""
    run = Run(PLAN, [subject("a"), subject("a", lambda x: 2 * softmax(x)), subject("a (2)")])
    assert [s.name for s in run.subjects] == ["a", "a (2)", "a (2) (2)"]
    assert [s.ops["softmax"] is softmax for s in run.subjects] == [True, False, True]


def test_ctrl_c_ends_the_run_and_keeps_finished_subjects():
    run = Run(PLAN, [subject("a"), subject("b", interrupting), subject("c")])
    run.certify()
    assert [r.name for r in run.results] == ["a", "b"]
    document = run.document("c")
    assert (document.exit_code, document.complete) == (3, False)
    assert document.incomplete_reason == "interrupted by the user"
    assert document.subjects[0].verdict == "certified"


def test_ctrl_c_in_the_diagnosis_keeps_the_result(monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(units, "diagnose", interrupted)
    run = Run(PLAN, [subject("a", lambda x: 2 * softmax(x)), subject("b")])
    run.certify()
    assert [r.name for r in run.results] == ["a"]
    assert run.interrupted
    assert run.document("c").exit_code == 1


def test_a_subject_that_cannot_be_loaded_is_a_result(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("import os\nos.abort()\n")
    run = Run(Plan.of("quick"))
    run.add(f"{file}:softmax", op="softmax")
    run.certify()
    (result,) = run.results
    assert result.verdict == "not certified"
    assert "SIGABRT" in result.why()


def test_a_wrong_spec_is_refused_before_anything_runs():
    run = Run(PLAN, [subject("a")])
    with pytest.raises(UsageError, match="naive"):
        run.add("naiv")
    assert run.results == []


def failing(error):
    """A stand-in for a stage of ours that fails, or is stopped."""

    def fail(*arguments):
        raise error

    return fail


def unrun(run, pair, report):
    """A unit that nothing was called for."""
    return units.DiagnosedUnit(outcome=UnitOutcome(unit=not_reached(run.implementation, pair)))


def staged(monkeypatch, **stages):
    """Replace what certifies a unit, by the subject's name."""
    monkeypatch.setattr(units, "_diagnosed", lambda run, *rest: stages[run.implementation.name](run, *rest))


@pytest.mark.parametrize("error", [RuntimeError("ours"), MemoryError(), UsageError("late")])
def test_a_failure_of_the_harness_costs_no_other_subject(monkeypatch, error):
    """The subject is not judged, and those before and after it are."""
    staged(monkeypatch, a=unrun, b=failing(error), c=unrun)
    run = Run(PLAN, [subject("a"), subject("b"), subject("c")])
    run.certify()
    assert [(r.name, r.verdict) for r in run.results] == [("a", "not run"), ("b", "harness error"), ("c", "not run")]
    assert "the harness failed" in run.results[1].reason
    assert run.document("c").exit_code == 3


def test_a_diagnosis_that_fails_costs_no_result(monkeypatch):
    """A diagnosis decides nothing."""
    monkeypatch.setattr(units, "diagnose", failing(ZeroDivisionError("ours")))
    run = Run(PLAN, [subject("a", lambda x: 2 * softmax(x)), subject("b", lambda x: 3 * softmax(x))])
    run.certify()
    assert [r.reason for r in run.results] == ["the findings were not diagnosed: ZeroDivisionError: ours"] * 2
    assert run.document("c").exit_code == 1


def test_a_signal_between_subjects_keeps_what_is_finished_and_is_the_reason(monkeypatch):
    """Wherever the exception is raised: it ends the run and no result."""
    staged(monkeypatch, a=unrun, b=failing(KeyboardInterrupt("ended by SIGTERM")))
    run = Run(PLAN, [subject("a"), subject("b")])
    run.certify()
    document = run.document("c")
    assert [s.name for s in document.subjects] == ["a"]
    assert (document.exit_code, document.complete, document.incomplete_reason) == (3, False, "ended by SIGTERM")
