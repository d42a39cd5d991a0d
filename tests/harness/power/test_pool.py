"""The pool: what differs is judged, what is the same is not, and what the original fails tells nothing."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from softcert.cases.case import Case
from softcert.certification.plan import Plan
from softcert.executors import open_executor
from softcert.expected.reference import ReferenceCache
from softcert.power import pool
from softcert.power.pool import Pool
from softcert_implementations.bundled.numpy_shifted import softmax
from softcert_implementations.implementation import Implementation

CASES = tuple(Case.of("ordinary", m, C, "float32") for m, C in ((2, 3), (4, 10), (3, 911), (1, 0)))


def wrong_at_911(x):
    p = softmax(x)
    return p * np.float32(1.01) if x.shape[1] == 911 else p


def rounded_otherwise(x):
    w = x.astype(np.float64)
    return softmax(w).astype(x.dtype)


def subject(function) -> Implementation:
    return Implementation("subject", {"softmax": function}, "float32", batched=True)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch):
    """A pool of a few cases for a function."""
    monkeypatch.setattr(pool, "cases", lambda *given: CASES)
    monkeypatch.setattr(pool, "open_executor", partial(open_executor, isolation="none"))
    return lambda function: Pool(subject(function), "softmax", "float32", 0, ReferenceCache())


def test_a_change_is_a_defect_where_it_leaves_the_limit(small) -> None:
    """The case and the failing check are named."""
    departure = small(softmax).departure(subject(wrong_at_911))
    assert departure.case == CASES[2]
    assert departure.words.startswith("accuracy: value")


def test_other_roundings_and_the_same_bits_are_no_departure(small) -> None:
    """What differs within the limit is right; what is the same is not judged."""
    made = small(softmax)
    assert made.departure(subject(rounded_otherwise)) is None
    made.references = None  # the same bits need no reference
    assert made.departure(subject(softmax)) is None


def test_a_case_on_which_the_original_fails_tells_nothing(small) -> None:
    """It is told, and is neither a departure nor forgotten; it says nothing of the next mutant."""
    made = small(wrong_at_911)
    made.results = [None] * len(made.results)
    assert made.departure(subject(wrong_at_911)) is None
    assert made.both_fail.case == CASES[2]
    assert made.departure(subject(softmax)) is None
    assert made.both_fail is None


def test_what_is_only_late_is_no_departure_but_is_told(small, monkeypatch) -> None:
    """A change that makes a large case slow is not wrong there; what is wrong elsewhere is still found."""
    monkeypatch.setattr(pool, "_failing", lambda judgement: "completes: hang, no result within 10 s")
    made = small(softmax)
    assert made.departure(subject(wrong_at_911)) is None
    assert made.late.case == CASES[2]
    monkeypatch.undo()
    assert made.both_fail is None


def test_the_pool_is_far_larger_than_the_battery() -> None:
    """Dense sizes come first, the same for the same seed, in every layout."""
    terms = subject(softmax).contract.terms("softmax", "float32")
    cases = pool.cases("softmax", "float32", terms, 0)
    assert cases == pool.cases("softmax", "float32", terms, 0)
    quick = pool.battery("softmax", "float32", Plan.of("quick").effort, terms, 0)
    assert len(cases) > 4 * len(quick)
    drawn = cases[: pool.RANDOM_CASES]
    assert len({c.classes for c in drawn}) > pool.RANDOM_CASES / 3
    assert max(c.classes for c in drawn) > 100_000
    assert {c.layout for c in drawn} == set(pool.LAYOUTS)
