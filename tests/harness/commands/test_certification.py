"""The certification of several subjects: the document is the same for any number of jobs."""

from __future__ import annotations

import os
import signal

import pytest

from softcert.certification.plan import Plan
from softcert.commands import jobs, units
from softcert.commands.certify import Run
from softcert_reports import document as doc

pytestmark = pytest.mark.skipif(bool(jobs.cannot_fork()), reason="jobs are forks of this process")

SUBJECTS = """
import os
import numpy as np
from softcert import Implementation

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def unshifted(x):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)

def dying(x):
    os._exit(7)

def declining(x):
    raise NotImplementedError("not for this one")

CALLS = []

def third_call_is_wrong(x):
    CALLS.append(1)
    return softmax(x) * (2 if len(CALLS) == 3 else 1)

def lse(x):
    top = x.max(axis=-1)
    return top + np.log(np.exp(x - top[:, None]).sum(axis=-1))

SMALL = {"max_classes": 4, "max_rows": 2, "max_abs_logit": 100}

def subject(name, **ops):
    return Implementation(name, ops, ("float32",), batched=True, **SMALL)

mixed = subject("mixed", softmax=softmax, log_softmax=unshifted, logsumexp=declining)
lost = subject("lost", softmax=dying, log_softmax=dying, logsumexp=lse)
stateful = subject("stateful", softmax=softmax, log_softmax=third_call_is_wrong, logsumexp=third_call_is_wrong)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("subjects") / "subjects.py"
    path.write_text(SUBJECTS)
    return path


@pytest.fixture(autouse=True)
def forked(monkeypatch):
    """Jobs are forked even where another test left a thread: none runs in the process of the tests."""
    monkeypatch.setattr(jobs, "cannot_fork", lambda: "")


def run(file, *names, jobs, listener=None, **plan):
    made = Run(Plan.of("quick", **plan), jobs=jobs)
    for name in names:
        made.add(f"{file}:{name}")
    made.certify(listener)
    return made


def digest(made):
    """What a document says, but for its times."""
    return doc.digest(made.document("c"))


def test_a_subject_that_keeps_ending_its_process_is_given_up_in_the_order_of_its_units(file):
    """The unit behind them is not reached, also where another job has run it meanwhile."""
    alone, shared = (run(file, "lost", jobs=count) for count in (1, 3))
    assert digest(alone) == digest(shared)
    (result,) = shared.results
    assert result.why() == "given up: the subject ended its process again and again"
    assert [bool(u.tally.tallies) for u in result.units] == [True, True, False]
    assert (result.finished, result.verdict) == (True, "not certified")


@pytest.mark.slow
def test_the_document_is_the_same_for_any_number_of_jobs(file):
    """Whole certifications with their diagnoses, three times over: right, wrong, dying, declining and stateful."""
    names = ("mixed", "lost", "stateful")
    assert len({digest(run(file, *names, jobs=count)) for count in (1, 2, 4)}) == 1


def test_a_job_that_is_killed_costs_its_unit_and_no_other_subject(file, monkeypatch):
    """As the system does when memory runs out."""
    certified, tests = units._diagnosed, os.getpid()

    def killed(run, pair, report):
        if run.implementation.name == "mixed" and os.getpid() != tests:
            os.kill(os.getpid(), signal.SIGKILL)
        return certified(run, pair, report)

    monkeypatch.setattr(units, "_diagnosed", killed)
    made = run(file, "mixed", "lost", jobs=2)
    first, second = made.results
    assert (first.verdict, first.broken) == ("harness error", True)
    assert first.reason == "the harness failed: the process that ran it was ended by SIGKILL"
    assert second.verdict == "not certified"
    assert made.document("c").exit_code == 1


@pytest.mark.parametrize("count", [1, 2])
def test_a_failure_of_the_harness_in_a_job_is_that_of_its_subject(file, monkeypatch, count):
    def broken(run, pair, report):
        raise MemoryError("ours")

    monkeypatch.setattr(units, "_diagnosed", broken)
    (result,) = run(file, "mixed", jobs=count, ops=["softmax", "logsumexp"]).results
    assert (result.verdict, result.reason) == ("harness error", "the harness failed: MemoryError: ours")


@pytest.mark.parametrize("count", [1, 2])
def test_fail_fast_ends_the_run_at_the_first_finding_and_no_result_is_read_as_whole(file, count):
    """What comes after it in the order of subjects and units is left out, whoever has run it meanwhile."""
    made = run(file, "lost", "mixed", jobs=count, fail_fast=True)
    document = made.document("c")
    assert (document.complete, document.exit_code) == (False, 1)
    assert "first finding" in document.incomplete_reason
    assert [s.name for s in document.subjects] == ["lost"]
    assert {f.operation for f in document.findings} == {"softmax"}


class Recorder:
    """A listener that keeps the steps."""

    def __init__(self):
        self.steps = []

    def step(self, step):
        self.steps.append((step.state, step.operation))

    def tick(self):
        pass


@pytest.mark.parametrize("count", [1, 2])
def test_a_listener_hears_of_findings_and_of_each_unit(file, count):
    heard = Recorder()
    run(file, "lost", jobs=count, listener=heard)
    assert [step for step in heard.steps if step[0] != "cases"].count(("done", "softmax")) == 1
    assert ("finding", "softmax") in heard.steps
    assert heard.steps.index(("finding", "softmax")) < heard.steps.index(("done", "softmax"))


def test_without_isolation_one_job_does_all_and_says_so(file):
    made = run(file, "lost", jobs=2, isolation="none", ops=["logsumexp"])
    assert made.notes == []
    made = Run(Plan.of("quick", isolation="none", ops=["softmax", "logsumexp"]), jobs=2)
    made.add(f"{file}:mixed")
    made.certify()
    (note,) = made.notes
    assert note.startswith("jobs=2: one job does all, since isolation 'none'")
