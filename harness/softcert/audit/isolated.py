"""Tasks in processes of their own, several at once: one that hangs or dies costs the others nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_START = 120.0  # seconds in which a new process must be ready: it imports array libraries
_FIRST = 20.0  # seconds that its first task has in addition: kernels may be compiled, inputs are made
_READY = "ready"
_BETWEEN = 0.25


def _serve(pipe: Any, run: Callable[[Any], Any]) -> None:
    """The loop of a process: a task in, its outcome out, None to end. It says first that it is ready."""
    pipe.send(_READY)
    while (task := pipe.recv()) is not None:
        pipe.send(run(task))


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """A process that is started meanwhile does not run the main script again: it may have no ``__main__`` guard."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    try:
        main.__spec__ = None
        if "__file__" in kept:
            del main.__file__
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)


@dataclass(eq=False)
class _Worker(Generic[T]):
    process: Any
    pipe: Any
    number: int = -1
    until: float = 0.0
    fresh: bool = True


class Pool(Generic[T, R]):
    """Processes that run one function.

    Parameters
    ----------
    run
        A function of a module; it gets a task and returns its outcome. It must not raise.
    lost
        Gives the outcome of a task whose process died ("died") or ran out of time ("late").
    jobs
        How many processes run at once.
    seconds
        The time limit of a task.
    """

    def __init__(self, run: Callable[[T], R], lost: Callable[[T, str], R], *, jobs: int, seconds: float) -> None:
        self.run, self.lost, self.jobs, self.seconds = run, lost, max(1, jobs), seconds
        self._context = get_context("spawn")

    def outcomes(self, tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
        """The outcomes with the numbers of their tasks, in the order of completion."""
        waiting = list(range(len(tasks)))[::-1]
        workers: list[_Worker[T]] = [self._start() for _ in range(min(self.jobs, len(tasks)))]
        try:
            for worker in workers:
                self._give(worker, tasks, waiting)
            while any(w.number >= 0 for w in workers):
                ready = connection.wait([w.pipe for w in workers if w.number >= 0], timeout=_BETWEEN)
                for place, worker in enumerate(workers):
                    ended = self._ended(worker, worker.pipe in ready, tasks)
                    if ended is None:
                        continue
                    number, outcome, alive = ended
                    if not alive:
                        self._stop(worker)
                        workers[place] = worker = self._start()
                    self._give(worker, tasks, waiting)
                    yield number, outcome
        finally:
            for worker in workers:
                self._stop(worker)

    def _start(self) -> _Worker[T]:
        own, other = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(other, self.run), daemon=True)
        with _main_left_alone():
            process.start()
        other.close()
        return _Worker(process=process, pipe=own)

    def _give(self, worker: _Worker[T], tasks: Sequence[T], waiting: list[int]) -> None:
        worker.number = waiting.pop() if waiting else -1
        if worker.number < 0:
            return
        worker.until = time.monotonic() + (_START if worker.fresh else self.seconds)
        try:
            worker.pipe.send(tasks[worker.number])
        except OSError:
            worker.until = 0.0  # it died while it was idle: told as lost at the next look

    def _ended(self, worker: _Worker[T], ready: bool, tasks: Sequence[T]) -> tuple[int, R, bool] | None:
        if worker.number < 0:
            return None
        task, number = tasks[worker.number], worker.number
        if ready:
            try:
                received = worker.pipe.recv()
            except (EOFError, OSError):
                return number, self.lost(task, "died"), False
            if not worker.fresh:
                return number, received, True
            worker.fresh, worker.until = False, time.monotonic() + self.seconds + _FIRST
            return None
        if time.monotonic() > worker.until:
            return number, self.lost(task, "late"), False
        return None

    def _stop(self, worker: _Worker[T]) -> None:
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join(5.0)
        worker.pipe.close()
