"""A run over several subjects: described first, certified then, and no subject loses another's results."""

from __future__ import annotations

import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.plan import Plan
from softcert.commands import certify as module
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

    def spying(implementation, plan, progress=None, references=None):
        caches.append(references)
        return certify_one(implementation, plan, progress, references)

    certify_one = module.certify_one
    monkeypatch.setattr(module, "certify_one", spying)
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

    monkeypatch.setattr(module, "diagnose", interrupted)
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
