"""Violations become findings: one for each property and cause, named alike in every run."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import fault_reply, session_of, softmax

from softcert.cases.case import Case
from softcert.executors.protocol import FaultKind
from softcert.findings.collect import collect, collect_unshrunk, identity
from softcert_oracle.levels import Level

CASES = [
    Case.of("ordinary", 3, 7, "float32", (("scale", 60.0),), seed=1),
    Case.of("ordinary", 2, 5, "float32", (("scale", 90.0),), seed=2),
    Case.of("ordinary", 2, 4, "float32"),
]


def unshifted(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def run(function, cases=CASES, **claims):
    session = session_of(function, **claims)
    list(session.run_battery(list(cases), lambda done, total: None))
    return session


def test_a_finding_has_a_small_witness_with_its_output_at_hand():
    findings = collect(run(unshifted), "mine", Level.STABLE)
    finding = next(f for f in findings if (f.property_name, f.cause) == ("finite", "nan"))
    assert finding.witness.inputs.exact.size <= 2
    assert finding.output is finding.witness.output
    assert np.isnan(finding.output.got).any()
    assert finding.case == finding.witness.call.case
    assert finding.limit is not None
    assert "exact" in finding.summary


def test_the_most_telling_comes_first_and_nan_is_reported_under_finite_only():
    findings = collect(run(unshifted), "mine", Level.STABLE)
    assert findings[0].property_name == "finite"
    assert not [f for f in findings if (f.property_name, f.cause) == ("accuracy", "nan")]
    assert len({f.id for f in findings}) == len(findings)


def test_without_shrinking_the_subject_is_not_called():
    session = run(unshifted)
    before = len(session.caller.executor.requests)
    findings = collect_unshrunk(session, "mine", Level.STABLE)
    assert len(session.caller.executor.requests) == before
    shrunk = {f.id: f for f in collect(session, "mine", Level.STABLE)}
    assert {f.id for f in findings} == set(shrunk)
    assert all(f.witness.inputs.exact.size >= shrunk[f.id].witness.inputs.exact.size for f in findings)
    assert all(f.output is not None for f in findings if f.property_name == "finite")


def test_shrinking_records_nothing():
    session = run(unshifted)
    tally = session.tally.tallies.by_property["accuracy", Level.STABLE]
    before = tally.cases
    collect(session, "mine", Level.STABLE)
    assert tally.cases == before


def test_a_hang_is_not_called_again():
    session = run(lambda x: fault_reply(FaultKind.HANG), CASES[:1])
    before = len(session.caller.executor.requests)
    (finding,) = collect(session, "mine", Level.STABLE)
    assert (finding.property_name, finding.cause) == ("completes", "hang")
    assert len(session.caller.executor.requests) == before


def test_violations_above_the_asked_level_are_no_findings():
    session = run(lambda x: softmax(x) * np.float32(1 + 2**-22))
    assert collect(session, "mine", Level.STABLE) == []
    assert {f.level for f in collect(session, "mine", Level.FAITHFUL)} <= {Level.ACCURATE, Level.FAITHFUL}
    assert collect(session, "mine", Level.FAITHFUL)


def test_an_error_has_the_limit_of_its_level_and_faithful_has_none():
    wrong = collect(run(lambda x: 2 * softmax(x)), "mine", Level.STABLE)
    accuracy = next(f for f in wrong if f.property_name == "accuracy")
    assert accuracy.limit.name == f"softmax/{accuracy.level}"
    rough = collect(run(lambda x: softmax(x) * np.float32(1 + 2**-22)), "mine", Level.FAITHFUL)
    assert all(f.limit is None for f in rough if f.level == Level.FAITHFUL)


@pytest.mark.parametrize("changed", range(5))
def test_an_id_depends_on_each_of_its_parts(changed):
    parts = ["mine", "softmax", "float32", "finite", "nan"]
    other = [*parts]
    other[changed] = "other"
    assert identity(*parts) == identity(*parts)
    assert identity(*other) != identity(*parts)
    assert identity("My Thing/2", *parts[1:]).startswith("my-thing-2-softmax-float32-finite-")


def test_findings_that_begin_with_one_case_call_the_subject_once_for_each_smaller_one():
    """NaN, and a sum that is not 1, are seen on the same case and shrink alike."""
    session = run(unshifted, CASES[:1])
    before = len(session.caller.executor.requests)
    findings = collect(session, "mine", Level.STABLE)
    made = session.caller.executor.requests[before:]
    sent = [(r.format, *((a.shape, bytes(a.data)) for a in r.arrays)) for r in made]
    assert len(findings) > 1
    assert len(sent) <= len(set(sent)) + len(findings)  # recipes and explicit rows may give the same logits
