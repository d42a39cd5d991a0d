"""Witnesses become small and round, and still fail in the same way."""

from __future__ import annotations

import numpy as np

from softcert.cases.call import build_call
from softcert.cases.case import Case
from softcert.cases.inputs import build, explicit
from softcert.findings import shrink as shrink_module
from softcert.findings.shrink import CALLS, Witness, shrink
from softcert.properties.check import Check
from softcert_oracle.levels import Level

BIG = Case.of("ordinary", 8, 33, "float32", (("scale", 60.0),), layout="row stride", state="twice", seed=3)


def witness(case):
    check = Check(property_name="p", level=Level.SOUND, checked=1, violated=1, cause="c", index=(0, 0))
    return Witness(build_call("softmax", build(case)), check)


def failing_where(condition):
    calls = []

    def fails(case):
        calls.append(case)
        x = build(case).exact
        return witness(case) if x.size and condition(x) else None

    return fails, calls


def shrunk(condition):
    fails, calls = failing_where(condition)
    case = shrink(witness(BIG), fails).case
    assert len(calls) <= CALLS
    assert condition(build(case).exact)
    return case


def test_a_threshold_is_approached_from_above_and_everything_else_dropped():
    x = build(shrunk(lambda x: (x > 88.7228).any())).exact
    assert x.shape == (1, 1)
    assert 88.7228 < x[0, 0] <= 88.74


def test_a_difference_keeps_two_classes():
    x = build(shrunk(lambda x: (x.max(axis=1) - x.min(axis=1) > 40).any())).exact
    assert x.shape == (1, 2)
    assert 40 < np.ptp(x) < 40.1


def test_a_count_of_classes_is_halved_down_to_its_threshold():
    case = shrunk(lambda x: x.shape[1] > 17)
    assert 17 < case.classes <= 20


def test_a_batch_that_is_written_out_is_not_written_again_when_no_call_is_left(monkeypatch):
    """A batch of a thousand logits: candidates beyond the last call cost more than all calls."""
    made = []
    replaced = shrink_module._replaced
    monkeypatch.setattr(shrink_module, "_replaced", lambda *a: made.append(a) or replaced(*a))
    x = np.random.default_rng(0).standard_normal((16, 64)).astype(np.float32).astype(np.float64)
    fails, calls = failing_where(lambda x: x.shape == (16, 64))
    found = shrink(witness(explicit(BIG, x, np.zeros(16, np.int64))), fails)
    assert len(calls) == CALLS
    assert len(made) <= CALLS + 1
    assert build(found.case).exact.shape == (16, 64)


def test_layout_and_state_become_plain_where_they_do_not_matter():
    case = shrunk(lambda x: True)
    assert (case.layout, case.state, case.rows_count, case.classes) == ("C", "once", 1, 1)


def test_two_rows_are_kept_where_two_are_needed():
    case = shrunk(lambda x: len(x) >= 2)
    assert case.rows_count == 2
