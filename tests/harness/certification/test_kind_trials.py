"""Kinds that nobody claims, tried: refused, right, or an observation."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.certification.lying_subjects import like_the_input, softmax

from softcert import Implementation
from softcert.certification import kind_trials
from softcert.certification.certify import SubjectRun, certify_one
from softcert.certification.plan import Plan
from softcert.engine.caller import Caller

SMALL = {"max_classes": 8, "max_rows": 4}


def observed(function, format="float32", isolation="none", **claims):
    subject = Implementation("mine", {"softmax": function}, (format,), **claims)
    with SubjectRun(subject, Plan.of("quick", isolation=isolation)) as run:
        session = run._session(Caller(run._executor), run.pairs[0])
        kind_trials.try_unclaimed(session)
        assert not session.tally.tallies, "no verdict depends on a trial"
        return [text for kind, text in session.tally.observations if kind == kind_trials.OBSERVED]


def converting(x):
    return softmax(np.asarray(x, np.float32))


@pytest.mark.parametrize("isolation", ["none", "process"])
def test_zeros_of_the_inputs_own_type_are_observed_with_their_input(isolation):
    (text,) = observed(like_the_input, isolation=isolation)
    assert text == (
        "softmax of [[3.0, 1.0, 0.0]] given as int8 or int16 or int32 or int64 or uint8, which the contract does not "
        "claim, gives [0, 0, 0] of that type"
    )


def test_what_is_answered_rightly_says_nothing():
    assert observed(converting) == []


def test_what_is_refused_says_nothing():
    def strict(x):
        if not isinstance(x, np.ndarray) or x.dtype != np.float32:
            raise TypeError("float32 arrays only")
        return softmax(x)

    assert observed(strict) == []


def test_a_wrong_number_is_observed_beside_the_exact_one():
    (text,) = observed(softmax)  # unsigned integers wrap around
    assert "given as uint8" in text
    assert "exact: [0.843795" in text


def test_what_is_claimed_is_not_tried():
    assert observed(softmax, input_kinds=["uint8"]) == []


def test_a_process_that_ends_ends_the_trials():
    def leaving(x):
        if isinstance(x, list):
            import os

            os._exit(3)
        return softmax(x.astype(np.float32))

    (text,) = observed(leaving, isolation="process")
    assert "given as lists" in text
    assert "exit" in text


@pytest.mark.slow  # a whole run, after which the trials come
def test_a_run_tries_them_once_it_has_found_nothing():
    subject = Implementation("mine", {"softmax": like_the_input}, ("float32",), **SMALL)
    result = certify_one(subject, Plan.of("quick", isolation="none"))
    assert result.verdict == "certified"
    kinds = {kind for kind, _ in result.units[0].tally.observations}
    assert kind_trials.OBSERVED in kinds
