"""Leaves on an engine: any `concurrent.futures.Executor`, by default processes on this machine, or Dask.

The work is a list of independent leaves; which process runs one changes nothing in it. A leaf counts when its part
comes back, once: what a lost process had begun is run again.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from softcert.executors import open_executor
from softcert.proofs.leaves import ProofStoppedError, run_leaf
from softcert.proofs.plan import Subject, subject_of
from softcert_oracle.errors import UsageError
from softcert_reports.proofs.files import digest_of
from softcert_reports.proofs.record import ProofPart, ProofPlan

LOSSES = 5
"""How often an engine may break before the proof is given up."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a process needs to run leaves: plain data that any engine can send.

    Parameters
    ----------
    plan
        The plan.
    spec
        The SPEC of the subject.
    how
        ``arrays`` and ``contract``, as for `softcert.certify`.
    """

    plan: ProofPlan
    spec: str
    how: tuple[tuple[str, Any], ...] = ()

    def subject(self) -> Subject:
        """The subject, described in a process of its own."""
        plan = self.plan
        return subject_of(self.spec, plan.operation, plan.format, plan.classes, shape=plan.shape, **dict(self.how))


def run_task(task: Task, number: int) -> ProofPart:
    """Run a leaf in this process, whose subject is kept for the next one.

    Raises
    ------
    ProofStoppedError
        As `softcert.proofs.leaves.run_leaf`, and where the subject is not that of the plan.
    """
    key = digest_of([task.spec, repr(task.how), task.plan.operation, task.plan.format, task.plan.classes])
    if key not in _OPEN:
        for _, executor in _OPEN.values():
            executor.close()
        _OPEN.clear()
        subject = task.subject()
        _OPEN[key] = subject, open_executor(subject.implementation)
    subject, executor = _OPEN[key]
    return run_leaf(task.plan, number, subject, executor)


_OPEN: dict[str, tuple[Subject, Any]] = {}
"""The subject of this process and its executor: a process runs many leaves of one proof."""


@atexit.register
def _close() -> None:
    for _, executor in _OPEN.values():
        executor.close()
    _OPEN.clear()


def spread(
    task: Task, numbers: Sequence[int], engine: Callable[[], Any], *, lost: Callable[[str], None] = lambda _: None
) -> Iterator[ProofPart]:
    """Run leaves on an engine, and yield the part of each as it comes.

    Parameters
    ----------
    task, numbers
        What to run.
    engine
        Gives a context manager of a `concurrent.futures.Executor`. It is asked again where the executor broke.
    lost
        Told one sentence whenever a process was lost.

    Raises
    ------
    ProofStoppedError
        From a leaf, and where the engine broke too often.
    """
    pending = list(dict.fromkeys(numbers))
    for attempt in range(LOSSES + 1):
        with engine() as pool:
            futures = {pool.submit(run_task, task, number): number for number in pending}
            try:
                for future in _as_they_come(futures):
                    part = future.result()
                    pending.remove(futures[future])
                    yield part
            except BrokenExecutor:
                lost(f"a process was lost: {len(pending)} leaves are run again (loss {attempt + 1} of {LOSSES})")
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
        if not pending:
            return
    raise ProofStoppedError(
        f"the engine lost its processes {LOSSES + 1} times. Nothing is proved beyond what is saved."
    )


def _as_they_come(futures: dict[Future[ProofPart], int]) -> Iterator[Future[ProofPart]]:
    """Futures as they are done; those of Dask are of a class of their own, with the same methods."""
    waiting = set(futures)
    if all(isinstance(f, Future) for f in waiting):
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from sorted(done, key=futures.__getitem__)
        return
    yield from _distributed().as_completed(waiting)


def processes(jobs: int) -> Callable[[], ProcessPoolExecutor]:
    """Processes on this machine, each a new interpreter."""
    context = multiprocessing.get_context("spawn")
    return lambda: ProcessPoolExecutor(jobs, mp_context=context)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def dask(scheduler: str, jobs: int) -> Callable[[], Any]:
    """The engine of a Dask cluster.

    Parameters
    ----------
    scheduler
        "local" for a cluster of ``jobs`` workers on this machine, or the address of a scheduler (tcp://host:port).
    jobs
        Workers of a local cluster.

    Raises
    ------
    UsageError
        If ``distributed`` is not installed, and for another address.
    """
    if scheduler != "local" and "://" not in scheduler:
        raise UsageError(f"--scheduler {scheduler!r}: give 'local' or the address of a scheduler, as tcp://host:8786.")
    try:
        _distributed()
    except ImportError:
        raise UsageError("--scheduler needs Dask: install softcert with the extra 'dask' (distributed).") from None

    @contextmanager
    def opened() -> Iterator[Any]:
        distributed, cluster = _distributed(), None
        if scheduler == "local":
            cluster = distributed.LocalCluster(
                n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None
            )
        try:
            with distributed.Client(cluster or scheduler) as client:
                yield _Dask(client)
        except OSError as error:
            raise UsageError(f"--scheduler {scheduler!r} cannot be reached: {error}. Give a running one.") from None
        finally:
            if cluster is not None:
                cluster.close()

    return opened


def _distributed() -> Any:
    """Dask's engine, which is heavy and optional."""
    return import_module("distributed")


class _Dask:
    """A client as an executor: leaves are pure, so that Dask runs those of a lost worker again by itself."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False, retries=LOSSES)


__all__ = ["Executor", "Task", "cores", "dask", "processes", "run_task", "spread"]
