"""Sharing work out to threads changes no bit, and an error in a thread reaches the caller."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle.fast import enclose, schedule
from softcert_oracle.fast.entry import TILE


@pytest.mark.parametrize("shape", [(40, 4096), (2, 30 * TILE + 7), (1000, 200)])
def test_rows_or_tiles_shared_among_threads_give_the_bits_of_one(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(1).normal(size=shape) * 5
    workers = set()
    kernel = schedule.work

    def watched(*arguments: object) -> int:
        workers.add(threading.get_ident())
        return int(kernel(*arguments))

    monkeypatch.setattr(schedule, "work", watched)
    monkeypatch.setattr(schedule, "threads", lambda: 1)
    alone = enclose(x)
    assert len(workers) == 1
    monkeypatch.setattr(schedule, "threads", lambda: 3)
    shared = enclose(x)
    assert len(workers) > 1
    for part in ("softmax", "complement", "log_softmax", "logsumexp"):
        a, b = getattr(alone, part), getattr(shared, part)
        assert all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("hi", "lo", "exponent", "radius"))
    assert np.array_equal(alone.s, shared.s)


@pytest.mark.parametrize("shape", [(1000, 200), (2, 30 * TILE)])
def test_bad_rows_are_counted_by_whichever_thread_meets_them(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.zeros(shape)
    x[-1, -1] = np.nan
    monkeypatch.setattr(schedule, "threads", lambda: 3)
    enclosures = (schedule.room(*shape), schedule.room(*shape), schedule.room(*shape), schedule.room(shape[0]))
    plain = np.empty(shape[0]), np.empty(shape[0]), np.empty(shape[0])
    assert schedule.compute(x, *enclosures, plain) > 0
    x[-1, -1] = 0
    assert schedule.compute(x, *enclosures, plain) == 0


def test_an_error_in_any_thread_is_raised_in_the_callers() -> None:
    def fails() -> int:
        raise OverflowError("in a thread")

    with pytest.raises(OverflowError, match="in a thread"):
        schedule._run([lambda: 1, fails, lambda: 2])
    assert sorted(schedule._run([lambda: 1, lambda: 2, lambda: 3])) == [1, 2, 3]


def test_room_has_the_shape_asked_for() -> None:
    e = schedule.room(3, 0)
    assert e.shape == (3, 0)
    assert e.exponent.dtype == np.int64
