"""What a run tells while it goes on: a stream of steps, which a terminal shows as a bar and a log as lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

State = Literal["started", "cases", "finding", "done"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a run.

    Attributes
    ----------
    subject, operation, format
        The unit.
    state
        "started"; "cases": so many of its cases are done; "finding": the first one of the unit; "done".
    done, total
        Its cases that were called, and all of them; 0 where that is not known.
    text
        The finding, or how the unit came out.
    """

    subject: str
    operation: str
    format: str
    state: State
    done: int = 0
    total: int = 0
    text: str = ""


class Listener(Protocol):
    """What is told of a run."""

    def step(self, step: Step) -> None:
        """Take a step; may raise KeyboardInterrupt to end the run."""

    def tick(self) -> None:
        """Take note that the run goes on; called about every second, from another thread where that is safe."""


class Silent:
    """A listener that tells nobody."""

    def step(self, step: Step) -> None:
        """Do nothing."""

    def tick(self) -> None:
        """Do nothing."""


_EVERY = 1.0  # seconds between two ticks


@contextmanager
def ticking(listener: Listener, on: bool) -> Iterator[None]:
    """Call a listener's ``tick`` from a thread, if it is on: while one unit runs in this process, nobody else can."""
    if not on:
        yield
        return
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(_EVERY):
            listener.tick()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
