"""What lasts after a call or after loading: threads that run on, handlers of signals, and timers."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
from importlib import import_module
from typing import Any

from softcert.executors.transport.captured_text import safe_text


class Lasting:
    """What lasts already when this is made."""

    def __init__(self) -> None:
        self._threads, self._signals = set(threading.enumerate()), _signals()

    def observations(self) -> list[tuple[str, str]]:
        """What lasts now and did not then."""
        seen = [("thread", _thread_name(t)) for t in threading.enumerate() if t not in self._threads]
        return [*seen, *_changes(self._signals, _signals())]


def _thread_name(thread: threading.Thread) -> str:
    with contextlib.suppress(Exception):  # a subject may give it a name that raises
        return safe_text(f"{thread.name} left running")
    return "a thread left running"


def unknown_threads() -> int:
    """The number of threads that run Python code and are not known to the threading module."""
    count = _thread._count()
    return count and max(0, count - sum(t is not threading.main_thread() for t in threading.enumerate()))


def _signals() -> tuple[Any, ...]:
    """The handler of each signal, and whether each timer runs."""
    running = (signal.getitimer(timer)[0] > 0 for _, timer in _TIMERS)
    return (*map(_handler, _HANDLED), *running)


def _changes(before: tuple[Any, ...], now: tuple[Any, ...]) -> list[tuple[str, str]]:
    """What another handler or timer is told as."""
    if before == now:
        return []
    names = [*(s.name for s in _HANDLED), *(name for name, _ in _TIMERS)]
    changed = [(name, value) for name, old, value in zip(names, before, now, strict=True) if old != value]
    texts = [f"{name} is handled by {_name(value)}" for name, value in changed if callable(value)]
    return [("signal handler", text) for text in texts + [f"{name} is running" for name, v in changed if v is True]]


def _name(handler: Any) -> str:
    return safe_text(getattr(handler, "__qualname__", type(handler).__qualname__))


def _present(names: str) -> tuple[Any, ...]:
    """The constants of the signal module that this system has."""
    return tuple(getattr(signal, name) for name in names.split() if hasattr(signal, name))


_HANDLED = _present("SIGALRM SIGVTALRM SIGPROF SIGUSR1 SIGUSR2 SIGTERM SIGINT SIGCHLD SIGIO")
_TIMERS = tuple(zip(("ITIMER_REAL", "ITIMER_VIRTUAL"), _present("ITIMER_REAL ITIMER_VIRTUAL"), strict=False))
_handler: Any = import_module("_signal").getsignal  # without the conversion to enumerations, which costs a small call
