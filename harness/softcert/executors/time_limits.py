"""How long a call may take: by the machine, by the size of its input, and by what smaller calls took.

A hang is a call that does not end. No clock can tell it from a slow one, but a slow subject was slow before: from the
largest call that came back, a time that grows with the square of the size is expected, and several times that is
allowed. So a kernel that is quadratic in the number of classes is slow, and an endless loop is a hang.
"""

from __future__ import annotations

import math
import time
from functools import cache
from typing import Any

TIMEOUT = 10.0
"""Seconds that a call may take on a machine that does a unit in `_UNIT` seconds."""
START_TIMEOUT = 120.0
"""Likewise for loading, and for the first call of a shape with a compiler loaded."""
LONGEST = 600.0
"""Seconds that no call may take."""

_UNIT = 0.5  # seconds for ten million steps of an empty Python loop, as benchmarks count them
_STEPS = 100_000
_SLOWEST = 20  # a machine that seems slower than that is busy or stopped
_SLACK = 4.0
_GROWTH = 2.0  # the order of the slowest algorithm that people write: each class against each other one


@cache
def slowness() -> int:
    """How many times slower than the reference this machine is, as a whole number of at least 1."""
    best = min(_loop() for _ in range(3)) * (10_000_000 / _STEPS)
    return max(1, min(_SLOWEST, round(best / _UNIT)))


def _loop() -> float:
    start, n = time.perf_counter(), 0
    for i in range(_STEPS):
        n += i
    return time.perf_counter() - start


class TimeLimits:
    """The limits of one subject's calls.

    Parameters
    ----------
    timeout, start_timeout
        Seconds for a call, and for one that may compile or load something. None: the defaults, by the machine.

    Examples
    --------
    >>> limits = TimeLimits(1.0, 5.0)
    >>> limits.of(((2, 3),), compiles=False), limits.of(((2, 3),), compiles=False)
    (5.0, 5.0)
    >>> limits.took(((2, 3),), 0.5)
    >>> limits.of(((2, 3),), compiles=False), limits.of(((4, 6),), compiles=False)
    (3.0, 33.0)
    """

    def __init__(self, timeout: float | None, start_timeout: float | None) -> None:
        self.timeout = TIMEOUT * slowness() if timeout is None else timeout
        start = START_TIMEOUT * slowness() if start_timeout is None else start_timeout
        self.start_timeout = max(start, self.timeout)
        self._called: set[tuple[Any, ...]] = set()
        self._size, self._seconds = 0, 0.0

    def of(self, shapes: tuple[Any, ...], *, compiles: bool) -> float:
        """Seconds that a call with arguments of these shapes may take; whole ones are added, so that texts repeat."""
        first = shapes not in self._called and (compiles or not self._called)
        own = self.start_timeout if first else self.timeout
        return min(max(own, LONGEST), own + math.floor(self._expected(_size_of(shapes))))

    def took(self, shapes: tuple[Any, ...], seconds: float) -> None:
        """A call came back."""
        self._called.add(shapes)  # the time of a warm-up is given once
        size = _size_of(shapes)
        if size > self._size or (size == self._size and seconds > self._seconds):
            self._size, self._seconds = size, seconds

    def forget(self) -> None:
        """A new process has compiled nothing."""
        self._called.clear()

    def _expected(self, size: int) -> float:
        return _SLACK * self._seconds * (size / self._size) ** _GROWTH if size >= self._size > 0 else 0.0


def _size_of(shapes: tuple[Any, ...]) -> int:
    """The number of elements of the largest argument."""
    return max((math.prod(part) for part in shapes if isinstance(part, tuple)), default=0)
