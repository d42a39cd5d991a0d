"""Sharing the work out: whole rows to threads where there are many, tiles of each row where there are few.

Plain threads around a kernel that holds no lock: they need no threading layer of Numba's (the portable one of
which ends the process when two threads use it at once), nothing is left running between calls, and calls from
several threads, or after a fork, are as good as any.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from softcert_oracle.fast.entry import RESULTS, SCAN, SUM, TILE, work
from softcert_oracle.numbers.enclosure import Enclosure

Float = np.ndarray

_ALONE = 1 << 17  # elements that one thread finishes (in half a millisecond) before others have started
_CHUNK = 1 << 17  # elements in a chunk of rows: small enough to share out evenly, large beside a call


def threads() -> int:
    """How many threads work: as many as NUMBA_NUM_THREADS says, by default all cores of this process."""
    asked = os.environ.get("NUMBA_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compute(x: Float, p: Enclosure | None, c: Enclosure, logs: Enclosure, y: Enclosure, plain: Sequence[Float]) -> int:
    """Fill the arrays of the enclosures from x, float64 of shape (m, C).

    Parameters
    ----------
    x
        The logits, in C order.
    p, c, logs, y
        Enclosures to be filled: of softmax (None if it is not wanted), its complement, log-softmax (both of shape
        (m, 0) if not wanted) and log-sum-exp, (m,).
    plain
        Arrays (m,) for s, tau and log s.

    Returns
    -------
    int
        0, or more where a row has no finite maximum.
    """
    m, classes = x.shape
    tiles = -(-classes // TILE)
    rest = (_arrays(c), _arrays(logs), _arrays(y), tuple(plain))
    count = threads()

    def buffers() -> tuple[Any, ...]:
        """Scratch of one thread, and the outputs: with room for the terms of one row where softmax is not wanted."""
        own = room(1, classes) if p is None else p
        scratch = np.empty(tiles, np.int64), np.empty(tiles), np.empty((tiles, 3))
        return scratch, (p is not None, _arrays(own), *rest)

    def some_rows(chunks: Iterable[tuple[int, int]]) -> int:
        scratch, out = buffers()
        return sum(work((SCAN, RESULTS), x, rows, (0, tiles), scratch, out) for rows in chunks)

    if count == 1 or x.size <= _ALONE:
        return some_rows([(0, m)])
    if m >= 2 * count or tiles == 1:
        step = max(1, min(_CHUNK // classes, m // (4 * count)))
        chunks = iter([(i, min(i + step, m)) for i in range(0, m, step)])  # each next() is atomic under the GIL
        return sum(_run([lambda: some_rows(chunks)] * count))
    scratch, out = buffers()
    cuts = [tiles * t // count for t in range(count + 1)]
    shares = [(a, b) for a, b in pairwise(cuts) if a < b]

    def some_tiles(i: int, phase: int, share: tuple[int, int]) -> int:
        return int(work((phase, phase), x, (i, i + 1), share, scratch, out))

    rejected = 0
    for i in range(m):
        for phase in (SCAN, SUM, RESULTS):
            rejected += sum(_run([partial(some_tiles, i, phase, share) for share in shares]))
    return rejected


def room(*shape: int) -> Enclosure:
    """An enclosure to be filled. Four arrays rather than one block, which would leave the allocator's fast path."""
    return Enclosure(hi=np.empty(shape), lo=np.empty(shape), exponent=np.empty(shape, np.int64), radius=np.empty(shape))


def _arrays(e: Enclosure) -> tuple[np.ndarray, ...]:
    return e.hi, e.lo, e.exponent, e.radius


def _run(calls: Sequence[Callable[[], int]]) -> list[int]:
    """Results of the calls, the first of them in this thread, the others in threads of their own."""
    results: list[int] = []
    errors: list[BaseException] = []

    def attempt(call: Callable[[], int]) -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            errors.append(error)

    others = [threading.Thread(target=attempt, args=(call,)) for call in calls[1:]]
    for thread in others:
        thread.start()
    attempt(calls[0])
    for thread in others:
        thread.join()
    if errors:
        raise errors[0]
    return results
