"""The isolated worker: loads one subject and calls it until the channel closes.

The zygote's fork starts it; where there is no fork, ``python -m softcert.executors.worker.serve`` does. It knows the
protocol, the adapters and the subject; the reference values are computed in the harness and never exist here. It
imports nothing heavy that the subject does not ask for.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from softcert.executors.protocol import Fault, FaultKind
from softcert.executors.transport.channel import Channel, ChannelClosedError
from softcert.executors.transport.messages import request_of, views
from softcert.executors.transport.shared_memory import Bench, Mapped, aligned, differ
from softcert.executors.worker import MARK
from softcert.executors.worker.confinement import confine
from softcert.executors.worker.invoke import Invocation, PreviousResults, fault_of, invoke
from softcert.executors.worker.resources import limit_files, limit_memory
from softcert.executors.worker.side_effects import Streams
from softcert.executors.worker.subject_watch import SubjectWatch
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError

Reading = Callable[[], bytes]
"""A function that gives the bytes of an argument as they are after its call."""

COMPILERS = ("numba", "triton", "jax", "tensorflow", "torch._dynamo.eval_frame", "mlx", "cupy", "tinygrad", "paddle")
"""Modules that compile at a first call: with one of them loaded, the first call of a shape has `start_timeout`."""


def serve(channel: Channel, requests: Mapped, replies: Mapped, streams: Streams) -> None:
    """Load the subject that the first message names, then answer calls until the channel closes."""
    keep_freed_memory()
    previous, watch, bench = PreviousResults(), SubjectWatch(), Bench()
    orders = Orders(channel)
    with contextlib.suppress(ChannelClosedError), streams:
        subject = _load(channel, *_received(channel), streams, watch)
        while subject is not None:
            message = orders.next()
            size, path, start, nbytes = message["request"]
            requests.follow(size, path)
            given = requests.bytes[start : start + nbytes]
            bench.lay(given)
            arrays = views(message, bench.bytes)
            done = watch.add(invoke(subject, request_of(message, arrays), arrays, streams, previous))
            del arrays
            written = _written(message, given, bench, done)
            channel.send(_answer(orders, replies, done, written, message))


class Orders:
    """The messages of the harness: it sends calls ahead, and an answer to a question for room comes behind them."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._ahead: deque[dict[str, Any]] = deque()

    def next(self) -> dict[str, Any]:
        """The message of the next call."""
        return self._ahead.popleft() if self._ahead else _received(self.channel)[0]

    def room(self, nbytes: int) -> list[Any] | None:
        """Ask for room for results that do not fit; the place that was granted, or None."""
        self.channel.send({"room": nbytes})
        while "call" in (message := _received(self.channel)[0]):
            self._ahead.append(message)
        place: list[Any] | None = message["reply"]
        return place


def _received(channel: Channel) -> tuple[dict[str, Any], bytes]:
    received = channel.receive()
    if received is None:
        raise ChannelClosedError
    return received


def _written(message: dict[str, Any], given: np.ndarray, bench: Bench, done: Invocation) -> dict[int, Reading]:
    """What gives the bytes of each argument that the call has written to, by its number; they were ``given`` before."""
    found = dict(done.read_back)
    for i, (*_, start, size) in enumerate(message["arrays"]):
        if i not in found and differ(given[start : start + size], bench.bytes[start : start + size]):
            found[i] = partial(bench.read, start, size)
    return found


def _load(
    channel: Channel, message: dict[str, Any], payload: bytes, streams: Streams, watch: SubjectWatch
) -> Implementation | None:
    look_like_any_process()
    sys.path[:] = message["path"]
    os.environ.clear()  # the harness's own, without what this process was started with
    os.environ.update(message["environment"])
    os.environ[MARK] = str(os.getpid())
    with contextlib.suppress(OSError):
        os.chdir(message["folder"])
    try:
        with watch.loading:
            subject, trials = load_subject(payload, message["known"])
        texts = streams.drain()
        watch.loaded(subject, texts)
        description = None if message["known"] else {**described(subject), "trials": trials}
    except UsageError as error:
        channel.send({"error": str(error), "usage": True, "observations": streams.drain()})
        return None
    except BaseException as error:  # noqa: BLE001 (loading runs the subject's code, which may raise anything)
        fault = fault_of(error)
        text = [fault.kind, fault.message, fault.detail]
        channel.send({"error": text, "usage": False, "observations": streams.drain()})
        return None
    limit_memory(message["memory_limit"])
    limit_files()
    channel.send({"ready": description, "observations": [*texts, *streams.drain()], "pid": os.getpid()})
    return subject


def look_like_any_process() -> None:
    """Take away what gives the worker away without being of use to anyone: its arguments and its main module."""
    sys.argv[:], sys.orig_argv[:] = [""], [sys.executable]
    _MAIN.append(sys.modules["__main__"])  # the start without fork still runs in it
    sys.modules["__main__"] = ModuleType("__main__")


_MAIN: list[ModuleType] = []


def load_subject(payload: bytes, known: dict[str, Any]) -> tuple[Implementation, list[Any]]:
    """The implementation that a payload stands for (see `softcert.executors.pickling.dump`), and the trials' answers.

    ``known`` holds the facts that an earlier worker has found by trial calls (arrays, dtypes, batched), and the answers
    of its trials, so that none is made again: the first call of this process is one that is judged.
    """
    from softcert_implementations.resolving.resolve import resolve
    from softcert_implementations.resolving.trials.trial_calls import answers

    target, keywords = pickle.loads(payload)
    facts = {name: known[name] for name in known if name != "trials"}
    with answers(known.get("trials", ())) as kept:
        return resolve(target, **{**facts, **keywords}), kept.used


def described(subject: Implementation) -> dict[str, Any]:
    """A subject as plain data, for the harness."""
    from softcert_implementations.resolving.source_digest import by_operation, home

    return {
        "name": subject.name,
        "ops": list(subject.ops),
        "dtypes": list(subject.dtypes),
        "arrays": subject.arrays,
        "batched": subject.batched,
        "contract": _plain(subject.contract.given),
        "description": subject.description,
        "spec": subject.spec,
        "inferred": list(subject.inferred),
        "digests": by_operation(subject),
        "homes": {operation: home(function) for operation, function in subject.ops.items()},
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def keep_freed_memory() -> None:
    """Have glibc keep what is freed instead of giving it back to the system.

    Then a subject's new arrays lie in memory that `poison_heap` has filled, and not in fresh zero pages which would
    hide what it never writes; and no call pays for mapping pages again. Other C libraries are left as they are.
    """
    mmap_threshold, trim_threshold = -3, -1  # numbers of mallopt parameters in glibc's malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform.startswith("linux") else None
    if mallopt is not None:
        mallopt(mmap_threshold, 32 << 20)  # the greatest value that it accepts
        mallopt(trim_threshold, 1 << 30)


def _answer(
    orders: Orders, replies: Mapped, done: Invocation, written: Mapping[int, Reading], message: dict[str, Any]
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "call": message["call"],
        "results": [],
        "fault": None,
        "observations": done.observations,
        "seconds": done.seconds,
        "read_back": {},
        "compiles": any(name in sys.modules for name in COMPILERS),
    }
    if done.fault is not None:
        answer["fault"] = [done.fault.kind, done.fault.message, done.fault.detail]
    results = done.outcome.results if done.outcome else ()
    blocks = [*results, *(np.frombuffer(read(), np.uint8) for read in written.values())]
    place = message["reply"]
    needed = sum(aligned(b.nbytes) for b in blocks)
    if needed > place[3]:
        place = orders.room(needed)
        if place is None:
            fault = Fault(FaultKind.RESULT, f"returned {needed} bytes, far more than the operation's result holds")
            return {**answer, "results": [], "fault": [fault.kind, fault.message, fault.detail]}
    size, path, first, _ = place
    replies.follow(size, path)
    start, spans = 0, []
    for block in blocks:
        target: np.ndarray = np.ndarray(block.shape, block.dtype, replies.map, first + start)
        target[...] = block
        spans.append((start, block.nbytes))
        start += aligned(block.nbytes)
    if done.outcome is not None:
        answer["results"] = [
            (format, r.shape, *span) for r, format, span in zip(results, done.outcome.formats, spans, strict=False)
        ]
    answer["read_back"] = dict(zip(map(str, written), spans[len(results) :], strict=True))
    return answer


def main() -> None:
    """Serve over stdin and stdout, with arenas and capture files named in the messages: the start without fork."""
    confine()
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    out, err = (os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0)) for path in sys.argv[1:3])
    serve(Channel(reading, writing), Mapped(-1), Mapped(-1), Streams(out, err))


if __name__ == "__main__":
    main()
