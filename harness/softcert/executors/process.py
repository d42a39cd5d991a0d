"""The isolated executor: the subject runs in a worker process, and nothing that it does there can hurt the run.

A call goes through shared memory and a channel; the harness waits for at most the time limit, then kills the worker.
After a crash, an exit, a hang or memory beyond the limit, the next call starts a fresh worker. The first call of a
shape is its warm-up: with a compiler loaded it may take `start_timeout`, every later call `timeout`.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
import weakref
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from softcert.executors.crashes import FATAL, CrashCounter, fault_of_status, subject_frames
from softcert.executors.pickling import dump, modules_to_preload
from softcert.executors.protocol import Fault, FaultKind, Reply, Request
from softcert.executors.transport import untrusted
from softcert.executors.transport.channel import ChannelClosedError, SendTimeoutError
from softcert.executors.transport.description import description_of
from softcert.executors.transport.messages import fault_of_entry, put_request, reply_of
from softcert.executors.transport.untrusted import ProtocolError
from softcert.executors.worker_starters import HAS_FORK, Memory, Spawner, Worker, Zygote
from softcert_implementations.adapters.calling import inexpressible
from softcert_oracle.errors import UsageError

TIMEOUT = 10.0
START_TIMEOUT = 120.0
MEMORY_LIMIT = 4 << 30
DEATHS_LIMIT = 5
_ROOM_LIMIT = 256 << 20  # bytes of results taken beyond sixteen times the request: vocabularies fit, floods do not


class LoadError(Exception):
    """The subject could not be loaded in its worker.

    Parameters
    ----------
    fault : Fault
        How loading ended.
    observations : tuple of (kind, text)
        The text that the subject wrote while it was loaded.
    """

    def __init__(self, fault: Fault, observations: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(fault.message)
        self.fault, self.observations = fault, observations


class ProcessExecutor:
    """Runs a subject's calls in a worker process; satisfies `softcert.executors.protocol.Executor`.

    Parameters
    ----------
    target : object
        What `softcert_implementations.resolving.resolve.resolve` takes: a SPEC string, a callable, an
        `Implementation`, ... It is resolved in the worker, at the first use.
    keywords : mapping, optional
        The keywords of ``resolve``.
    timeout : float, default 10
        Seconds that a call may take.
    start_timeout : float, default 120
        Seconds that loading, the first call, and (with a compiler loaded) the first call of a shape may take.
    memory_limit : int or None, default 4 GiB
        Bytes beyond those that the loaded subject uses; None for no limit. Enforced on Linux only.
    deaths_limit : int, default 5
        Calls in a row that end the worker before the subject is given up: each further call then gets the same
        fault at once.
    start : {"auto", "zygote", "spawn"}, default "auto"
        How workers start: by the zygote's fork, or as a new interpreter. "auto" is the zygote wherever there is fork.

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
        timeout: float = TIMEOUT,
        start_timeout: float = START_TIMEOUT,
        memory_limit: int | None = MEMORY_LIMIT,
        deaths_limit: int = DEATHS_LIMIT,
        start: str = "auto",
    ) -> None:
        self.timeout, self.start_timeout = timeout, max(start_timeout, timeout)
        self.memory_limit = memory_limit
        self._crashes = CrashCounter(deaths_limit)
        self.load_observations: tuple[tuple[str, str], ...] = ()
        self._keywords = dict(keywords or {})
        self._payload = dump(target, self._keywords)
        fork = HAS_FORK and start != "spawn"
        self._memory = Memory(named=not fork)
        starter = Zygote if fork else Spawner
        self._starter = starter(self._memory, modules_to_preload(target, self._keywords))
        self._worker: Worker | None = None
        self._description: dict[str, Any] | None = None
        self._shapes_called: set[tuple[Any, ...]] = set()
        self._compiles = False
        self._handed_over = False
        self._close = weakref.finalize(self, _release, self._starter, self._memory)

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
        if self.closed:
            raise ValueError("this executor is closed")
        if self.given_up:
            return self._crashes.refusal()
        try:
            worker = self._ready()
        except LoadError as error:
            return self._lost(error.fault, (), 0.0)
        if reason := self._inexpressible(request):
            return Reply(fault=Fault(FaultKind.UNSUPPORTED, reason))
        start = time.monotonic()
        try:
            reply = self._exchange(worker, request, start)
        except ChannelClosedError:
            fault = self._fault_of_end(worker)
            return self._lost(fault, self._memory.texts(), time.monotonic() - start)
        except ProtocolError as error:
            self._end(worker)
            self._memory.renew()
            return self._lost(_forged(error), self._memory.texts(), time.monotonic() - start)
        except BaseException:  # Ctrl-C: a reply that came later would be taken for that of the next call
            self._end(worker)
            self._drop()
            raise
        if reply is None:
            passed = time.monotonic() - start
            limit = self._limit(request)
            self._shapes_called.add(_shape_key(request))  # the time of a warm-up is given once
            status = self._starter.exit_status(worker, 0)  # it may be dead while a child of it keeps the channel open
            self._end(worker)
            hang = Fault(FaultKind.HANG, f"no result within {limit:g} s", "the worker was killed")
            fault = hang if status is None else fault_of_status(status)
            return self._lost(fault, self._memory.texts(), passed)
        self._shapes_called.add(_shape_key(request))
        if reply.fault is not None and reply.fault.kind is FaultKind.MEMORY:
            self._end(worker)  # the memory that it still holds would starve the next call
            self._drop()
        self._crashes.survived()
        return reply

    def _inexpressible(self, request: Request) -> str:
        """Why the subject's array library cannot express a request; the worker is not asked."""
        found = self.description
        return inexpressible(found["arrays"], found["batched"] is False, request.arrays, request.keywords)

    def _exchange(self, worker: Worker, request: Request, start: float) -> Reply | None:
        """The worker's reply to a request; None when the time limit has passed, whatever the worker sends till then."""
        deadline = start + self._limit(request)
        memory = self._memory
        number = secrets.randbits(48)  # an answer that was sent before its request does not know it
        message = {**put_request(request, memory.requests), "reply": memory.replies.place(), "call": number}
        try:
            answer = self._answer(worker, message, deadline)
            if answer is not None and "room" in answer:
                needed = untrusted.whole(answer["room"], "room", 0, 1 << 62)
                grant = needed <= 16 * memory.requests.size + _ROOM_LIMIT
                if grant:
                    memory.replies.reserve(needed)
                message = {"reply": memory.replies.place() if grant else None}
                answer = self._answer(worker, message, deadline)
        except SendTimeoutError:
            return None
        if answer is None:
            return None
        if untrusted.field(answer, "call") != number:
            raise ProtocolError("an answer to no request, or to an earlier one")
        if not (memory.requests.intact() and memory.replies.intact()):
            raise ProtocolError("the shared memory was cut short")
        self._compiles = untrusted.flag(untrusted.field(answer, "compiles"), "compiles")
        return reply_of(answer, request, memory.requests, memory.replies, time.monotonic() - start)

    def _answer(self, worker: Worker, message: dict[str, Any], deadline: float) -> dict[str, Any] | None:
        worker.channel.send(message, timeout=deadline - time.monotonic())
        received = worker.channel.receive(deadline - time.monotonic())
        return None if received is None else received[0]

    def _limit(self, request: Request) -> float:
        """Seconds that a call may take: more for the first one of a shape, where something may compile it."""
        first = _shape_key(request) not in self._shapes_called and (self._compiles or not self._shapes_called)
        return self.start_timeout if first else self.timeout

    def _describe(self) -> None:
        """Have a worker describe the subject, and end it.

        It has made trial calls, which nobody judges: a subject that is wrong at its first call alone would get away.
        """
        worker = self._loaded_worker()
        self._end(worker)
        worker.channel.close()

    def _ready(self) -> Worker:
        """The worker with the subject loaded; starts one where there is none. Each call that it gets is judged."""
        if self._worker is not None:
            return self._worker
        if self._description is None:
            self._describe()
        self._worker = self._loaded_worker()
        return self._worker

    def _loaded_worker(self) -> Worker:
        """A new worker that has loaded the subject."""
        try:
            worker = self._starter.worker(self.start_timeout)
        except OSError as error:
            raise LoadError(Fault(FaultKind.CRASH, str(error))) from None
        try:
            self._load(worker)
        except BaseException:
            worker.channel.close()
            raise
        return worker

    def _load(self, worker: Worker) -> None:
        """Have a new worker load the subject; `LoadError` or `UsageError` where it cannot, and it has ended then."""
        deadline = time.monotonic() + self.start_timeout
        try:
            worker.channel.send(self._first_message(), self._payload, self.start_timeout)
            received = worker.channel.receive(deadline - time.monotonic())
            if received is not None:
                self._loaded(worker, received[0])
        except SendTimeoutError:
            received = None
        except ProtocolError as error:
            self._end(worker)
            raise LoadError(_while_loading(_forged(error)), tuple(self._memory.texts())) from None
        except ChannelClosedError:
            fault = self._fault_of_end(worker)
            raise LoadError(_while_loading(fault), tuple(self._memory.texts())) from None
        except (LoadError, UsageError):
            raise
        except BaseException:  # Ctrl-C
            self._end(worker)
            raise
        if received is None:
            self._end(worker)
            fault = Fault(FaultKind.HANG, f"loading the subject took longer than {self.start_timeout:g} s")
            raise LoadError(fault, tuple(self._memory.texts()))

    def _loaded(self, worker: Worker, message: dict[str, Any]) -> None:
        """Take a worker's first answer: what the subject is, or why it could not be loaded."""
        observations = untrusted.observations(untrusted.field(message, "observations"))
        if "error" in message:
            usage = untrusted.flag(untrusted.field(message, "usage"), "usage")
            error = message["error"]
            fault = None if usage else fault_of_entry(error)
            text = untrusted.text(error, "error") if usage else ""
            worker.channel.close()
            self._end(worker)
            if fault is None:
                raise UsageError(text)
            raise LoadError(_while_loading(fault), observations)
        if self._description is None:
            self._description = description_of(untrusted.field(message, "ready"))
            self.load_observations = observations
            if self._description["arrays"] == "torch":
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

    def _end(self, worker: Worker) -> None:
        self._starter.kill(worker)
        self._starter.exit_status(worker)

    def _fault_of_end(self, worker: Worker) -> Fault:
        status = self._starter.exit_status(worker)
        if status is None:
            self._starter.kill(worker)
            return Fault(FaultKind.CRASH, "the worker closed its channel without a result")
        return fault_of_status(status)

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

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.channel.close()
            self._worker = None

    def renew(self) -> None:
        """End the worker: the next call is made by one that has made none, and has the time of a first call."""
        if self._worker is not None:
            self._end(self._worker)
            self._drop()
        self._crashes.renew()
        self._shapes_called.clear()

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


def _forged(error: ProtocolError) -> Fault:
    return Fault(FaultKind.PROTOCOL, f"the worker broke the protocol: it sent {error}", "the worker was killed")


def _shape_key(request: Request) -> tuple[Any, ...]:
    return (request.operation, request.format, *(a.shape for a in request.all_arrays()))


def _while_loading(fault: Fault) -> Fault:
    return Fault(fault.kind, f"while the subject was loaded: {fault.message}", fault.detail)
