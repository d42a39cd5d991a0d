"""Certifying one subject: units in order, Ctrl-C at the call that is being made, failures of ours kept apart."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import softmax
from tests.harness.subjects import OPS

from softcert import Implementation
from softcert.certification import certify as module
from softcert.certification.certify import certify_one, certify_until_failed, failed_to_load
from softcert.certification.plan import Plan
from softcert.engine import hypothesis_search
from softcert.executors.protocol import Fault, FaultKind
from softcert_oracle.errors import UsageError

PLAN = Plan.of("quick", isolation="none")
SMALL = {"max_classes": 8, "max_rows": 4}


def subject(ops, **fields):
    return Implementation("mine", ops, ("float32",), **{**SMALL, **fields})


def interrupted_at(number, function):
    calls = []

    def interrupting(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return function(*arguments)

    return interrupting, calls


def unshifted(x):
    with np.errstate(all="ignore"):
        e = np.exp(x)
        return e / e.sum(axis=-1, keepdims=True)


def test_ctrl_c_ends_the_calls_and_keeps_what_was_found():
    function, calls = interrupted_at(60, unshifted)
    result = certify_one(subject({"softmax": function, "log_softmax": OPS["log_softmax"]}), PLAN)
    assert len(calls) == 60, "the subject is not called after Ctrl-C"
    assert (result.interrupted, result.finished, result.reason) == (True, False, "interrupted by the user")
    assert result.verdict == "not certified"
    finding = next(f for f in result.findings if f.property_name == "finite")
    assert finding.output is not None
    assert result.unit("softmax", "float32").repeatability is None
    assert not result.unit("log_softmax", "float32").tally.tallies


def test_ctrl_c_while_witnesses_are_shrunk_keeps_the_findings():
    whole = certify_one(subject({"softmax": unshifted}), PLAN)
    function, calls = interrupted_at(whole.calls - 3, unshifted)
    result = certify_one(subject({"softmax": function}), PLAN)
    assert len(calls) == whole.calls - 3
    assert result.interrupted
    assert {f.id for f in result.findings} == {f.id for f in whole.findings}


def test_a_right_subject_that_is_interrupted_is_inconclusive():
    function, _ = interrupted_at(20, softmax)
    result = certify_one(subject({"softmax": function}), PLAN)
    assert (result.verdict, result.why()) == ("inconclusive", "interrupted by the user")


def test_a_failure_of_ours_is_said_and_costs_no_finding(monkeypatch):
    def broken(*arguments, **keywords):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(hypothesis_search, "explore", broken)
    result = certify_one(subject({"softmax": softmax}), PLAN)
    assert (result.broken, result.verdict) == (True, "harness error")
    assert result.reason == "the harness failed: ZeroDivisionError: ours"
    assert result.unit("softmax", "float32").tally.tallies


def test_until_failed_stops_at_the_first_failing_case():
    calls = []

    def counted(x):
        calls.append(1)
        return 2 * softmax(x)

    result = certify_until_failed(subject({"softmax": counted}), PLAN)
    assert (len(calls), result.calls) == (1, 1)
    assert result.verdict == "not certified"
    assert result.findings


def test_units_come_in_the_order_of_the_tables_and_as_the_plan_asks():
    implementation = subject(dict(reversed(OPS.items())))
    assert [o for o, _ in module.claimed(implementation, PLAN)] == list(OPS)
    only = Plan.of("quick", isolation="none", ops=["logsumexp"])
    assert [u.key for u in certify_one(implementation, only).units] == [("logsumexp", "float32")]
    with pytest.raises(UsageError, match="none of the operations asked for"):
        certify_one(subject({"softmax": softmax}), only)


def test_a_certified_subject_has_speed_level_and_no_finding():
    result = certify_one(subject({"softmax": softmax}), PLAN)
    (unit,) = result.units
    assert (result.verdict, result.findings, unit.repeatability) == ("certified", (), None)
    assert unit.elements_per_second > 0
    assert result.seconds_to_first_finding is None


def test_what_cannot_be_loaded_is_not_certified_with_the_reason():
    result = failed_to_load("nowhere.py:f", "softmax,lse", PLAN, Fault(FaultKind.CRASH, "SIGSEGV"))
    assert result.verdict == "not certified"
    assert [u.operation for u in result.units] == ["softmax", "logsumexp"]
    assert result.why() == "crash SIGSEGV"
