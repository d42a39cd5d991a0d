"""Failing calls are repeated, which separates functions of the input from randomness, state and races."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import session_of, softmax

from softcert.cases.case import Case
from softcert.engine.repeatability import Repeatability, classify_nondeterminism

CASES = [Case.of("ordinary", 2, n, "float32", seed=k) for k, n in enumerate((3, 4, 5, 6, 7, 8))]


def classified(function):
    session = session_of(function)
    list(session.run_battery(CASES, lambda done, total: None))
    recorded = session.tally.tallies.by_property["accuracy", "stable"].cases
    outcome = classify_nondeterminism(session)
    assert session.tally.tallies.by_property["accuracy", "stable"].cases == recorded, "nothing is recorded"
    return outcome


def random():
    rng = np.random.default_rng(0)
    return lambda x: softmax(x + rng.normal(size=x.shape).astype(x.dtype))


def adding_up():
    calls = []

    def function(x):
        calls.append(1)
        return softmax(x) + np.float32(0.01 * len(calls))

    return function


def test_a_function_of_its_input_gives_the_same_again():
    outcome = classified(lambda x: 2 * softmax(x))
    assert outcome.repeated == outcome.same == 6
    assert outcome.differing == 0


@pytest.mark.parametrize(("make", "kind"), [(random, "random"), (adding_up, "state")])
def test_what_differs_is_told_by_how_it_differs(make, kind):
    outcome = classified(make())
    assert outcome.differing == outcome.repeated > 0
    assert outcome.share(kind) == 1


def test_a_right_subject_is_not_called_again():
    assert classified(softmax) == Repeatability()


def test_a_share_of_nothing_is_nothing():
    assert Repeatability(repeated=3, same=3).share("race") == 0
