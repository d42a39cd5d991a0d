"""Tasks over processes, their outcomes in order: one process for one job, a pool for more."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


def outcomes(run: Callable[[Task], Outcome], tasks: Sequence[Task], jobs: int = 1) -> Iterator[Outcome]:
    """The outcome of each task, in the order of the tasks.

    Parameters
    ----------
    run
        A function of a module, so that it can be sent to a process.
    tasks
        What it is called with; plain data.
    jobs
        How many processes run tasks; 1 runs them here.
    """
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(run, tasks)
        return
    with _one_thread_each(), ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run, tasks)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that are started meanwhile compute with one thread each."""
    names = [name for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS") if name not in os.environ]
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
