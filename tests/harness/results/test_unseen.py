"""What passes unseen is told at class counts that were run, at the level asked for, as the oracle has it."""

from __future__ import annotations

import pytest
from tests.harness.building import softmax

from softcert import Implementation
from softcert.certification.certify import certify_one
from softcert.certification.plan import Plan
from softcert.results.unseen import passing
from softcert_oracle.unseen import unseen


def unit(classes, **plan):
    subject = Implementation("a", {"softmax": softmax}, ("float32",), max_classes=classes, max_rows=4)
    (found,) = certify_one(subject, Plan.of("quick", isolation="none", **plan)).units
    return found


@pytest.mark.parametrize(("asked", "level"), [("stable", "stable"), ("faithful", "accurate")])
def test_the_record_is_what_the_oracle_says(asked, level):
    plan = Plan.of("quick", level=asked)
    small = unit(1100)
    found = list(passing(small, plan))
    assert [at.classes for at in found] == [10, 1000], "no class count that was not run"
    for at in found:
        exact = unseen("softmax", level, at.classes, small.terms.limit_parameters)
        assert (at.level, at.ordinary, at.missing) == (level, exact.dense, exact.missing)
        assert at.least == min(exact.sparse, exact.exact) < 1e-5


def test_a_unit_that_ran_nothing_has_none():
    nothing = unit(1100)
    nothing.tally.domain.classes = None
    assert list(passing(nothing, Plan.of("quick"))) == []
