"""Hypothesis's draws depend on the seed and on nothing else; the subject is called on them in blocks."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
from tests.harness.building import fault_reply, session_of, softmax

from softcert.engine import hypothesis_search
from softcert.executors.protocol import FaultKind
from softcert_oracle.levels import Level

draw = hypothesis_search.draw.__wrapped__  # without what was drawn before


def explored(function, examples=200, level=Level.STABLE):
    session = session_of(function)
    hypothesis_search.explore(session, examples=examples, seed=3, level=level)
    return session


def calls(session):
    return len(session.caller.executor.requests)


def test_the_same_seed_draws_the_same_cases_whatever_modules_are_loaded(tmp_path, monkeypatch):
    before = draw("float32", 60, 3)
    file = tmp_path / "subject_with_numbers.py"
    file.write_text("\n".join(f"C{k} = {k}.0625\nD{k} = {700 + k}" for k in range(200)))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, file.stem, module)
    spec.loader.exec_module(module)
    assert draw("float32", 60, 3) == before
    assert draw("float32", 60, 4) != before


def test_as_many_cases_are_drawn_as_asked_for():
    """Explicit rows and regimes, no case twice in a row."""
    cases = draw("float32", 100, 0)
    assert len(cases) == 100
    assert 20 < sum(case.rows is not None for case in cases) < 80
    assert len(set(cases)) > 90
    assert draw("float32", 0, 0) == ()


def test_every_drawn_case_is_called_once_and_recorded_where_none_fails():
    """The regimes of the cases are counted, as those of the battery are."""
    session = explored(softmax)
    assert calls(session) == 200
    assert session.tally.domain.regimes.total() == 200
    assert session.tally.tallies.by_property["completes", "sound"].cases == 200


def test_the_search_ends_with_the_block_in_which_a_case_fails():
    """The failing case is called once more: what passes then is not repeatable."""
    session = explored(lambda x: softmax(x) * np.float32(1.5 if x.shape[1] == 3 else 1))
    assert calls(session) == hypothesis_search.BLOCK + 1
    assert session.tally.tallies.failed(Level.STABLE)
    assert not session.tally.observations


def test_a_case_that_fails_once_and_passes_once_is_observed():
    """Told beside the finding, which counts."""
    failed = []

    def once(x):
        if x.shape[1] == 3 and not failed:
            failed.append(x)
            return softmax(x) * np.float32(1.5)
        return softmax(x)

    session = explored(once)
    assert session.tally.observations == {("not repeatable", "a drawn case failed once and passed once"): 1}
    assert session.tally.tallies.failed(Level.STABLE)


def test_a_level_above_stable_ends_the_search_where_it_is_asked_for():
    """A softmax that is stable and not faithful."""
    session = explored(lambda x: softmax(x) * np.float32(1 + 2**-21), level=Level.FAITHFUL)
    assert calls(session) == hypothesis_search.BLOCK + 1
    assert calls(explored(lambda x: softmax(x) * np.float32(1 + 2**-21))) == 200


def test_the_search_ends_where_the_subject_is_given_up():
    """Nothing is called after the third process in a row that it ended."""
    session = explored(lambda x: fault_reply(FaultKind.CRASH))
    assert session.control.exhausted
    assert calls(session) == 3
