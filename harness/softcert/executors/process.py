"""The isolated executor: the subject runs in a worker process, and nothing that it does there can hurt the run.

A call goes through shared memory and a channel; the harness waits for at most the time limit, then kills the worker.
After a crash, an exit, a hang or memory beyond the limit, the next call starts a fresh worker. The first call of a
shape is its warm-up: with a compiler loaded it may take `start_timeout`, every later call `timeout`.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
import weakref
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

from softcert.executors.calls_ahead import Call, CallsAhead, Pulled
from softcert.executors.crashes import FATAL, CrashCounter, fault_of_status, subject_frames
from softcert.executors.loading import LoadError, Observations, end, fault_of_end, forged, load
from softcert.executors.nursery import Nursery
from softcert.executors.pickling import dump, modules_to_preload
from softcert.executors.protocol import Fault, FaultKind, Reply, Request
from softcert.executors.time_limits import TimeLimits
from softcert.executors.transport.channel import ChannelClosedError
from softcert.executors.transport.untrusted import ProtocolError
from softcert.executors.worker_starters import HAS_FORK, Memory, Spawner, Starter, Worker, Zygote
from softcert_implementations.adapters.calling import inexpressible
from softcert_oracle.errors import UsageError

__all__ = ["WINDOW", "LoadError", "ProcessExecutor"]

MEMORY_LIMIT = 4 << 30
DEATHS_LIMIT = 5
WINDOW = 64
"""Calls that are sent ahead at most, or fewer where they fill the shared memory."""


class ProcessExecutor:
    """Runs a subject's calls in a worker process; satisfies `softcert.executors.protocol.Executor`.

    Parameters
    ----------
    target : object
        What `softcert_implementations.resolving.resolve.resolve` takes: a SPEC string, a callable, an
        `Implementation`, ... It is resolved in the worker, at the first use.
    keywords : mapping, optional
        The keywords of ``resolve``.
    timeout : float, optional
        Seconds that a call may take, more where smaller calls took long (`softcert.executors.time_limits`); left out,
        10 on a machine of the usual speed.
    start_timeout : float, optional
        Seconds (120, likewise) for loading, the first call, and (with a compiler loaded) the first call of a shape.
    memory_limit : int or None, default 4 GiB
        Bytes beyond those that the loaded subject uses; None for no limit. Enforced on Linux only.
    deaths_limit : int, default 5
        Calls in a row that end the worker before the subject is given up: each further call then gets the same
        fault at once.
    start : {"auto", "zygote", "spawn"}, default "auto"
        How workers start: by the zygote's fork, or as a new interpreter. "auto" is the zygote wherever there is fork.
    nursery : Nursery, optional
        What forks the zygote, where many subjects are run one after the other.

    Attributes
    ----------
    load_observations : tuple of (kind, text)
        The text that the subject wrote while it was loaded.

    Raises
    ------
    UsageError
        If the target cannot be carried into a worker, or (at the first use) cannot be resolved.
    LoadError
        From `description`, if loading the subject crashes, hangs or raises; `run` reports that as a fault.

    Examples
    --------
    >>> import numpy as np
    >>> from softcert.executors.protocol import Array, to_numpy
    >>> request = Request(
    ...     operation="softmax", format="float32", arrays=(Array.of(np.zeros((1, 4), np.float32)),)
    ... )
    >>> with ProcessExecutor("numpy_shifted") as executor:
    ...     reply = executor.run(request)
    >>> to_numpy(reply.results[0])
    array([[0.25, 0.25, 0.25, 0.25]], dtype=float32)
    """

    def __init__(
        self,
        target: object,
        keywords: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        start_timeout: float | None = None,
        memory_limit: int | None = MEMORY_LIMIT,
        deaths_limit: int = DEATHS_LIMIT,
        start: str = "auto",
        nursery: Nursery | None = None,
    ) -> None:
        self._limits = TimeLimits(timeout, start_timeout)
        self.memory_limit = memory_limit
        self._crashes = CrashCounter(deaths_limit)
        self.load_observations: tuple[tuple[str, str], ...] = ()
        self._keywords = dict(keywords or {})
        self._payload = dump(target, self._keywords)
        fork = HAS_FORK and start != "spawn"
        self._memory = Memory(named=not fork)
        self._ahead = CallsAhead(self._memory.requests, self._memory.replies)
        modules = modules_to_preload(target, self._keywords)
        self._starter: Starter = Zygote(self._memory, modules, nursery) if fork else Spawner(self._memory, modules)
        self._worker: Worker | None = None
        self._description: dict[str, Any] | None = None
        self._handed_over = False
        self._close = weakref.finalize(self, _release, self._starter, self._memory)

    @property
    def timeout(self) -> float:
        """Seconds that a call may take, before its size is counted."""
        return self._limits.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._limits.timeout = seconds

    @property
    def start_timeout(self) -> float:
        """Seconds that loading and a first call may take."""
        return self._limits.start_timeout

    @start_timeout.setter
    def start_timeout(self, seconds: float) -> None:
        self._limits.start_timeout = seconds

    @property
    def deaths(self) -> int:
        """Number of workers lost so far."""
        return self._crashes.deaths

    @property
    def given_up(self) -> bool:
        """Whether no more workers are started."""
        return self._crashes.given_up

    @property
    def description(self) -> dict[str, Any]:
        """The subject as its worker resolved it: name, ops, dtypes, arrays, contract, inferred, digests, ..."""
        if self._description is None:
            self._describe()
        assert self._description is not None
        return self._description

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the subject does, a Reply comes back. `ValueError` after `close`."""
        self._check_open()
        call = Call(request)
        try:
            self._ahead.add(call)
            return self._answer(call)
        except BaseException:
            self._cancel({call})
            raise

    def run_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Run calls, and yield their replies in order: those that a loop of `run` gives.

        Requests are pulled and sent up to `WINDOW` calls ahead, at first one or two, so that the subject computes
        while the replies are looked at. Where the generator is closed before its end, the worker ends as well if it
        had calls ahead, so that no later call meets what they left. What ``requests`` raises is raised after the
        replies to what it gave before. `ValueError` after `close`.
        """
        self._check_open()
        source = Pulled(requests)
        waiting: deque[Call] = deque()
        try:
            for delivered in itertools.count():
                most = 1 if self.given_up else min(WINDOW, 2 + 2 * delivered)
                while len(waiting) < most and (request := source.next()) is not None:
                    self._check_open()
                    waiting.append(Call(request))
                    self._ahead.add(waiting[-1])
                if not waiting:
                    break
                reply = self._answer(waiting[0])
                waiting.popleft()
                yield reply
        finally:
            self._cancel(set(waiting))
        source.end()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("this executor is closed")

    def _answer(self, call: Call) -> Reply:
        """The reply to a call; the calls before it are answered first."""
        while call.reply is None:
            self._check_open()
            reply = self._reply_to(self._ahead.first())
            self._ahead.done(reply)
        return call.reply

    def _cancel(self, calls: set[Call]) -> None:
        """Forget calls whose replies nobody waits for any more; a worker that has one of them ends."""
        if calls and self._ahead.remove(calls):
            if self._worker is not None:
                end(self._worker, self._starter)
            self._drop(calls)

    def _reply_to(self, call: Call) -> Reply:
        """The reply to the call whose turn it is."""
        if self.given_up:
            return self._crashes.refusal()
        try:
            worker = self._ready()
        except LoadError as error:
            return self._lost(error.fault, (), 0.0)
        start = time.monotonic()  # the reply before has come: the worker is at this call, or comes to it now
        shapes = _shape_key(call.request)
        limit = self._limits.of(shapes, compiles=self._ahead.compiles)
        try:
            self._ahead.send(worker.channel, self._inexpressible)
            if call.inexpressible:
                return Reply(fault=Fault(FaultKind.UNSUPPORTED, call.inexpressible))
            reply = self._ahead.receive(worker.channel, start + limit)
        except ChannelClosedError:
            fault = fault_of_end(worker, self._starter)
            return self._lost(fault, self._memory.texts(), time.monotonic() - start)
        except ProtocolError as error:
            end(worker, self._starter)
            self._memory.renew()
            return self._lost(forged(error), self._memory.texts(), time.monotonic() - start)
        except BaseException:  # Ctrl-C: a reply that came later would be taken for that of the next call
            end(worker, self._starter)
            self._drop()
            raise
        self._limits.took(shapes, 0.0 if reply is None else reply.seconds)
        if reply is None or reply.seconds > limit:  # it may be read long after it came
            return self._late(worker, limit, reply or Reply(seconds=time.monotonic() - start))
        if reply.fault is not None and reply.fault.kind is FaultKind.MEMORY:
            end(worker, self._starter)  # the memory that it still holds would starve the next call
            self._drop()
        self._crashes.survived()
        return reply

    def _late(self, worker: Worker, limit: float, reply: Reply) -> Reply:
        """The reply to a call that took too long: without an answer, or with one."""
        status = self._starter.exit_status(worker, 0)  # it may be dead while a child of it keeps the channel open
        end(worker, self._starter)
        hang = Fault(FaultKind.HANG, f"no result within {limit:g} s", "the worker was killed")
        fault = hang if status is None or reply.results else fault_of_status(status)
        return self._lost(fault, [*reply.observations, *self._memory.texts()], reply.seconds)

    def _inexpressible(self, request: Request) -> str:
        """Why the subject's array library cannot express a request; the worker is not asked."""
        found = self.description
        return inexpressible(found["arrays"], found["batched"] is False, request.arrays, request.keywords)

    def _describe(self) -> None:
        """Have a worker describe the subject. It ends where it has made trial calls.

        Nobody judges those: a subject that is wrong at its first call alone would get away. A worker that has made
        none, since the subject says everything itself, goes on to the calls that are judged.
        """
        worker = self._loaded_worker()
        if not self.description["trials"]:
            self._worker = worker
            return
        end(worker, self._starter)
        worker.channel.close()

    def _ready(self) -> Worker:
        """The worker with the subject loaded; starts one where there is none. Each call that it gets is judged."""
        if self._worker is not None:
            return self._worker
        if self._description is None:
            self._describe()
        self._worker = self._worker or self._loaded_worker()
        return self._worker

    def _loaded_worker(self) -> Worker:
        """A new worker that has loaded the subject."""
        try:
            worker = self._starter.worker(self._limits.start_timeout)
        except OSError as error:
            raise LoadError(Fault(FaultKind.CRASH, str(error))) from None
        try:
            found, observations = load(
                worker, self._starter, self._memory, self._first_message(), self._payload, self._limits.start_timeout
            )
            if self._description is None:
                self._described(found, observations)
        except UsageError as error:
            worker.channel.close()
            if self._description is None:
                raise
            # It could be loaded before: the subject has taken its own file away, or is another one now.
            raise LoadError(Fault(FaultKind.EXCEPTION, f"while the subject was loaded again: {error}")) from None
        except BaseException:
            worker.channel.close()
            raise
        return worker

    def _described(self, found: dict[str, Any] | None, observations: Observations) -> None:
        if found is None:
            raise LoadError(Fault(FaultKind.PROTOCOL, "the worker did not say what the subject is"))
        self._description, self.load_observations = found, observations
        if found["arrays"] == "torch":
            self._starter.preload(("torch",))

    def _first_message(self) -> dict[str, Any]:
        """Where the worker finds the subject, and what an earlier worker has found out about it."""
        description = self._description or {}
        return {
            "path": sys.path,
            "folder": os.getcwd(),
            "memory_limit": self.memory_limit,
            "known": {k: description[k] for k in ("arrays", "dtypes", "batched", "trials") if k in description},
            "environment": dict(os.environ),
        }

    def _lost(self, fault: Fault, observations: Iterable[tuple[str, str]], seconds: float) -> Reply:
        self._drop()
        observations = list(observations)
        traces = [text for kind, text in observations if kind == "stderr" and FATAL in text]
        if traces:  # written by faulthandler: where the subject stood
            fault = Fault(fault.kind, fault.message, subject_frames(traces[0]))
            observations = [
                (kind, text.partition(FATAL)[0]) for kind, text in observations if not text.startswith(FATAL)
            ]
        return self._crashes.lost(fault, observations, seconds)

    def _drop(self, nobody_waits_for: Collection[Call] = ()) -> None:
        """Forget the worker, which has ended; what it was sent ahead is sent again to the next one."""
        self._ahead.forget_worker(nobody_waits_for)
        if self._worker is not None:
            self._worker.channel.close()
            self._worker = None

    def renew(self) -> None:
        """End the worker: the next call is made by one that has made none, and has the time of a first call."""
        if self._ahead.compiles and self._description is not None and self._description["arrays"] == "numpy":
            self._starter.preload(("numba",))  # the only compiler for NumPy's arrays: no later worker waits for it
        if self._worker is not None:
            end(self._worker, self._starter)
            self._drop()
        self._crashes.renew()
        self._limits.forget()

    def knowing(self, other: ProcessExecutor) -> ProcessExecutor:
        """This executor, with the description of the same subject that another one has: no trial call is repeated."""
        self._description, self.load_observations = other._description, other.load_observations
        return self

    def hand_over(self) -> None:
        """Leave the processes to a fork of this one, which has this executor too; here `close` waits for their end."""
        self._drop()
        self._starter.hand_over()
        self._memory.close()
        self._handed_over = True

    @property
    def closed(self) -> bool:
        """Whether `close` or `hand_over` was called."""
        return self._handed_over or not self._close.alive

    def close(self) -> None:
        """End the worker and release what it shared; may be called twice."""
        if self._worker is not None:
            self._starter.kill(self._worker)  # by the harness as well: the subject may have ended the zygote
        self._drop()
        self._close()

    def __enter__(self) -> ProcessExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _release(starter: Any, memory: Memory) -> None:
    starter.close()
    memory.close()


def _shape_key(request: Request) -> tuple[Any, ...]:
    return (request.operation, request.format, *(a.shape for a in request.all_arrays()))
