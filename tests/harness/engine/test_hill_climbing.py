"""The search for the largest error starts from the worst row, stays in the format, and keeps what errs more."""

from __future__ import annotations

import numpy as np
from tests.harness.building import session_of, softmax

from softcert.cases.case import Case
from softcert.engine import hill_climbing


def climbed(function, steps=60, seed=0, cases=()):
    session = session_of(function)
    list(session.run_battery(list(cases), lambda done, total: None))
    before = len(session.caller.executor.requests)
    hill_climbing.climb(session, steps=steps, seed=seed)
    return session, before


def inputs_of(session):
    return [bytes(r.arrays[0].data) for r in session.caller.executor.requests]


def test_each_step_is_one_recorded_call_of_one_row():
    session, before = climbed(softmax, steps=25)
    requests = session.caller.executor.requests[before:]
    assert len(requests) == 25
    assert {r.arrays[0].shape[0] for r in requests} == {1}
    assert session.tally.tallies.by_property["accuracy", "stable"].cases == 25


def test_the_same_seed_climbs_the_same_way():
    assert inputs_of(climbed(softmax)[0]) == inputs_of(climbed(softmax)[0])
    assert inputs_of(climbed(softmax, seed=1)[0]) != inputs_of(climbed(softmax)[0])


def test_an_error_that_grows_with_the_logits_is_climbed():
    def drifting(x):
        return softmax(x) * np.float32(1 + 2**-20 * min(float(np.abs(x).max()), 50.0))

    session, _ = climbed(drifting, steps=200)
    first = session.tally.curves.points[0].ulp
    assert max(p.ulp for p in session.tally.curves.points) > 2 * first


def test_it_starts_from_a_row_of_the_worst_case():
    def wrong_at_four(x):
        return softmax(x) * np.float32(1.5 if x.shape[1] == 4 else 1)

    cases = [Case.of("ordinary", 2, n, "float32") for n in (3, 4, 5)]
    session, before = climbed(wrong_at_four, steps=3, cases=cases)
    assert {r.arrays[0].shape for r in session.caller.executor.requests[before:]} == {(1, 4)}
