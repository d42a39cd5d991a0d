"""The verdict of one subject from its units, and the sentence that explains it."""

from __future__ import annotations

import pytest
from tests.harness.building import terms

from softcert import Implementation
from softcert.cases.case import Case
from softcert.certification.plan import Plan
from softcert.certification.result import Result, UnitResult
from softcert.engine.tally import RunTally
from softcert.properties.check import Check
from softcert_oracle.levels import Level

IMPLEMENTATION = Implementation("mine", {"softmax": len, "logsumexp": len}, ("float32",))


def unit(operation="softmax", up_to=None, failed=None, undecided=0, not_run=""):
    tally = RunTally(operation, "float32")
    levels = () if up_to is None else Level(up_to).included
    checks = [Check(property_name="accuracy", level=level, checked=4, undecided=undecided) for level in levels]
    if failed is not None:
        checks.append(Check(property_name="ties", level=Level(failed), checked=1, violated=1))
    tally.tallies.record(Case.of("ordinary", 1, 2, "float32"), checks)
    if not_run:
        tally.domain.not_run[not_run] += 1
    return UnitResult(operation=operation, format="float32", terms=terms(operation), tally=tally)


def result(*units, level="stable", **fields):
    plan = Plan.of("quick", level)
    return Result(implementation=IMPLEMENTATION, plan=plan, units=units, **{"finished": True, **fields})


@pytest.mark.parametrize(
    ("outcome", "verdict", "level"),
    [
        (result(unit(up_to="faithful")), "certified", "faithful"),
        (result(unit(up_to="faithful"), unit("logsumexp", up_to="stable")), "certified", "stable"),
        (result(unit(up_to="stable"), level="accurate"), "inconclusive", "stable"),
        (result(unit(up_to="stable", failed="stable")), "not certified", "sound"),
        (result(unit(up_to="stable", failed="sound")), "not certified", None),
        (result(unit(up_to="faithful", failed="accurate")), "certified", "stable"),
        (result(unit(up_to="stable"), unit("logsumexp")), "inconclusive", None),
        (result(unit(up_to="stable", undecided=1)), "inconclusive", None),
        (result(unit(up_to="stable"), finished=False), "inconclusive", None),
        (result(unit()), "not run", None),
        (result(), "not run", None),
        (result(unit(up_to="stable"), broken=True), "harness error", None),
        (result(unit(failed="sound"), finished=False, interrupted=True), "not certified", None),
    ],
)
def test_the_verdict_follows_from_the_units(outcome, verdict, level):
    assert outcome.verdict == verdict
    assert outcome.level() == level


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (result(unit(up_to="stable")), ""),
        (result(unit(up_to="stable"), reason="given up"), "given up"),
        (result(unit(not_run="no adapter")), "no adapter"),
        (result(), "nothing was run"),
        (result(unit(up_to="stable"), finished=False), "stopped before it was complete"),
        (result(unit(up_to="stable", undecided=2)), "4 checks of softmax in float32 stayed undecided"),
        (result(unit(up_to="stable"), unit("logsumexp")), "logsumexp in float32 was not run: no case in the domain"),
    ],
)
def test_a_verdict_that_is_not_plain_is_explained(outcome, said):
    assert said in outcome.why()
    assert bool(outcome.why()) is bool(said)


def test_units_are_found_by_operation_and_format():
    one = unit("logsumexp", up_to="sound")
    outcome = result(unit(up_to="stable"), one)
    assert outcome.unit("logsumexp", "float32") is one
    assert outcome.levels() == {"softmax": {"float32": "stable"}, "logsumexp": {"float32": "sound"}}
    with pytest.raises(KeyError):
        outcome.unit("softmax", "float64")
