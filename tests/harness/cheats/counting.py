"""Cheats that count their calls."""

from __future__ import annotations

from collections.abc import Callable

from tests.harness.cheats.cheat import REFUSED, cheat, honest, wrong


def when(right: Callable[[int], bool]):
    """A softmax that is right on some of its calls, which are counted from 1."""
    calls = [0]

    def softmax(x):
        calls[0] += 1
        return honest(x) if right(calls[0]) else wrong(x)

    return softmax


@cheat(REFUSED)
def first_call_right():
    """Computes on its first call only."""
    return when(lambda n: n == 1)


@cheat(REFUSED)
def first_call_wrong():
    """Is wrong on its very first call."""
    return when(lambda n: n > 1)


@cheat(REFUSED)
def every_third_call_right():
    """Computes on every third call."""
    return when(lambda n: n % 3 == 0)


@cheat(REFUSED)
def every_fiftieth_call_wrong():
    """Is wrong on every fiftieth call."""
    return when(lambda n: n % 50 != 0)


@cheat(REFUSED)
def first_sixty_calls_right():
    """Stops computing after sixty calls."""
    return when(lambda n: n <= 60)
