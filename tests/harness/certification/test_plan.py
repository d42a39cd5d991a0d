"""A plan is made from words; what is not in the tables is refused with what is."""

from __future__ import annotations

import pytest

from softcert.certification.plan import Plan
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level


def test_words_become_the_entries_of_the_tables():
    plan = Plan.of("quick", "accurate", 7, isolation="none", ops=["lse", "softmax"])
    assert (plan.effort.name, plan.level, plan.seed, plan.isolation) == ("quick", Level.ACCURATE, 7, "none")
    assert plan.ops == ("logsumexp", "softmax")
    assert Plan.of(ops="softmax").ops == ("softmax",)
    assert Plan.of().ops is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"effort": "quik"}, "quick"),
        ({"level": "stabel"}, "stable"),
        ({"isolation": "proces"}, "process"),
        ({"seed": -1}, "at least 0"),
        ({"seed": True}, "whole number"),
        ({"seed": 1.5}, "whole number"),
        ({"ops": ["sofmax"]}, "softmax"),
    ],
)
def test_an_impossible_plan_is_refused(arguments, said):
    with pytest.raises(UsageError, match=said):
        Plan.of(**arguments)
