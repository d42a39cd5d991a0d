"""The isolated executor: the subject runs in a worker process, and nothing that it does there can hurt the run.

A call goes through shared memory and a channel; the harness waits for at most the time limit, then kills. After a
crash, an exit, a hang or memory beyond the limit, the next call finds a fresh worker. The first call of a shape
is its warm-up: where a compiler is loaded it may take `start_timeout`, afterwards every call has `timeout`.
"""

from __future__ import annotations

import os
import sys
import time
import weakref
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from softcert.executors.crashes import CrashCounter, fault_of_status
from softcert.executors.pickling import dump, modules_to_preload
from softcert.executors.protocol import Fault, FaultKind, Reply, Request
from softcert.executors.transport.channel import ChannelClosedError
from softcert.executors.transport.messages import put_request, reply_of
from softcert.executors.worker.invoke import OUR_FOLDERS
from softcert.executors.worker_starters import HAS_FORK, Memory, Spawner, Worker, Zygote
from softcert_oracle.errors import UsageError

TIMEOUT = 10.0
START_TIMEOUT = 120.0
MEMORY_LIMIT = 4 << 30
DEATHS_LIMIT = 5
_FATAL = "Fatal Python error: "
_ROOM_LIMIT = 256 << 20  # bytes of results taken beyond sixteen times the request: vocabularies fit, floods do not


class LoadError(Exception):
    """The subject could not be loaded in its worker; ``fault`` says how that ended."""

    def __init__(self, fault: Fault, observations: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(fault.message)
        self.fault, self.observations = fault, observations


class ProcessExecutor:
    """Runs a subject's calls in a worker process.

    ``target`` is what `softcert_implementations.resolving.resolve.resolve` takes (a SPEC string, a callable, an
    `Implementation`, ...), ``keywords`` its keywords; both are resolved in the worker, at the first use.
    ``timeout`` (seconds a call), ``memory_limit`` (bytes beyond what the loaded subject uses; None for no limit;
    enforced on Linux). ``start`` is "zygote", "spawn", or "auto": the zygote wherever there is fork.

    ``deaths`` counts workers lost; ``given_up`` is True once ``deaths_limit`` calls in a row have lost theirs: from
    then on each call is answered by its fault at once. Raises `UsageError` for a subject that cannot be resolved, and
    `LoadError` for one whose loading crashes, hangs or raises.
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
        self._seen: set[tuple[Any, ...]] = set()
        self._compiles = False
        self._close = weakref.finalize(self, _release, self._starter, self._memory)

    @property
    def deaths(self) -> int:
        """Workers lost so far."""
        return self._crashes.deaths

    @property
    def given_up(self) -> bool:
        """Whether no more workers are started."""
        return self._crashes.given_up

    @property
    def description(self) -> dict[str, Any]:
        """The subject as its worker resolved it: name, ops, dtypes, arrays, contract, inferred, digest, ..."""
        if self._description is None:
            self._ready()
        assert self._description is not None
        return self._description

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the subject does, a Reply comes back."""
        if self.closed:
            raise ValueError("this executor is closed")
        if self.given_up:
            return self._crashes.refusal()
        try:
            worker = self._ready()
        except LoadError as error:
            return self._lost(error.fault, (), 0.0)
        start = time.monotonic()
        try:
            message = put_request(request, self._memory.requests)
            worker.channel.send({**message, "reply": self._memory.replies.place()})
            answer = self._answer(worker, request)
        except ChannelClosedError:
            fault = self._ending(worker)
            return self._lost(fault, self._memory.texts(), time.monotonic() - start)
        if answer is None:
            passed = time.monotonic() - start
            status = self._starter.exit_status(worker, 0)  # it may be dead while a child of it keeps the channel open
            self._starter.kill(worker)
            self._starter.exit_status(worker)
            hang = Fault(FaultKind.HANG, f"no result within {self._limit(request):g} s", "the worker was killed")
            fault = hang if status is None else fault_of_status(status)
            return self._lost(fault, self._memory.texts(), passed)
        self._compiles = bool(answer["compiles"])
        reply = reply_of(answer, request, self._memory.requests, self._memory.replies)
        self._seen.add(_key(request))
        if (
            reply.fault is not None and reply.fault.kind is FaultKind.MEMORY
        ):  # what it still holds would starve the next call
            self._starter.kill(worker)
            self._starter.exit_status(worker)
            self._drop()
        self._crashes.survived()
        return reply

    def _answer(self, worker: Worker, request: Request) -> dict[str, Any] | None:
        while True:
            received = worker.channel.receive(self._limit(request))
            if received is None:
                return None
            message = received[0]
            if "room" not in message:
                return message
            needed = int(message["room"])
            grant = needed <= 16 * self._memory.requests.size + _ROOM_LIMIT
            if grant:
                self._memory.replies.reserve(needed)
            worker.channel.send({"reply": self._memory.replies.place() if grant else None})

    def _limit(self, request: Request) -> float:
        """Seconds that a call may take: more for the first one of a shape, where something may compile it."""
        first = _key(request) not in self._seen and (self._compiles or not self._seen)
        return self.start_timeout if first else self.timeout

    def _ready(self) -> Worker:
        if self._worker is not None:
            return self._worker
        try:
            worker = self._starter.worker(self.start_timeout)
        except OSError as error:
            raise LoadError(Fault(FaultKind.CRASH, str(error))) from None
        try:
            found = self._description or {}
            known = {k: found[k] for k in ("arrays", "dtypes", "batched") if k in found}
            init = {"path": sys.path, "folder": os.getcwd(), "memory_limit": self.memory_limit, "known": known}
            worker.channel.send({**init, "environment": dict(os.environ)}, self._payload)
            received = worker.channel.receive(self.start_timeout)
        except ChannelClosedError:
            fault = self._ending(worker)
            worker.channel.close()
            raise LoadError(_while_loading(fault), tuple(self._memory.texts())) from None
        if received is None:
            self._starter.kill(worker)
            self._starter.exit_status(worker)
            worker.channel.close()
            fault = Fault(FaultKind.HANG, f"loading the subject took longer than {self.start_timeout:g} s")
            raise LoadError(fault, tuple(self._memory.texts()))
        message = received[0]
        seen = tuple((str(k), str(t)) for k, t in message.get("observations", ()))
        if "error" in message:
            worker.channel.close()
            self._starter.exit_status(worker)
            if message["usage"]:
                raise UsageError(message["error"])
            kind, text, detail = message["error"]
            raise LoadError(_while_loading(Fault(FaultKind(kind), text, detail)), seen)
        if self._description is None:
            self._description, self.load_observations = message["ready"], seen
            if message["ready"]["arrays"] == "torch":
                self._starter.preload(("torch",))
        self._worker = worker
        return worker

    def _ending(self, worker: Worker) -> Fault:
        status = self._starter.exit_status(worker)
        if status is None:
            self._starter.kill(worker)
            return Fault(FaultKind.CRASH, "the worker closed its channel without a result")
        return fault_of_status(status)

    def _lost(self, fault: Fault, seen: Any, seconds: float) -> Reply:
        self._drop()
        traces = [text for kind, text in seen if kind == "stderr" and _FATAL in text]
        if traces:  # written by faulthandler: where the subject stood
            fault = Fault(fault.kind, fault.message, _subject_frames(traces[0]))
            seen = [(kind, text.partition(_FATAL)[0]) for kind, text in seen if not text.startswith(_FATAL)]
        return self._crashes.lost(fault, seen, seconds)

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.channel.close()
            self._worker = None

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return not self._close.alive

    def close(self) -> None:
        """End the worker and release what it shared; may be called twice."""
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


def _key(request: Request) -> tuple[Any, ...]:
    return (request.operation, request.format, *(a.shape for a in request.all_arrays()))


def _subject_frames(trace: str) -> str:
    """Of a faulthandler trace, the frames of the subject: without ours, and without addresses that change."""
    lines = []
    for line in trace.partition(_FATAL)[2].splitlines():
        if line.startswith('  File "') and any(f'"{folder}' in line for folder in OUR_FOLDERS):
            break
        if line and "0x" not in line:
            lines.append(line)
    return "\n".join([f"{_FATAL}{lines[0]}", *lines[1:]]) if lines else _FATAL


def _while_loading(fault: Fault) -> Fault:
    return Fault(fault.kind, f"while the subject was loaded: {fault.message}", fault.detail)
