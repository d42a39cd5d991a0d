"""Requests and replies as messages: which array lies where in the arenas, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softcert.executors.in_process import differs
from softcert.executors.protocol import Array, Fault, Reply, Request
from softcert.executors.shared_memory import Arena, aligned
from softcert_implementations.adapters import View


def sources(request: Request) -> tuple[Array, ...]:
    """All arrays of a request: positional ones, then the keywords in their order."""
    return (*request.arrays, *request.keywords.values())


def put_request(request: Request, arena: Arena) -> dict[str, Any]:
    """Lay the request's bytes into the arena; the message that describes it."""
    buffers = [np.frombuffer(a.data, np.uint8) for a in sources(request)]
    arena.reserve(sum(aligned(b.size) for b in buffers))
    entries, start = [], 0
    for array, buffer in zip(sources(request), buffers, strict=True):
        arena.bytes[start : start + buffer.size] = buffer
        entries.append(
            [array.format, list(array.shape), list(array.strides), array.offset, array.writeable, start, buffer.size]
        )
        start += aligned(buffer.size)
    return {
        "operation": request.operation,
        "format": request.format,
        "arrays": entries,
        "count": len(request.arrays),
        "keywords": list(request.keywords),
        "options": request.options,
        "request": arena.place(),
    }


def views(message: dict[str, Any], memory: np.ndarray) -> list[View]:
    """The arrays of a request, on the worker's side."""
    return [
        View(memory[start : start + size].data, format, tuple(shape), tuple(strides), offset, writeable)
        for format, shape, strides, offset, writeable, start, size in message["arrays"]
    ]


def request_of(message: dict[str, Any], arrays: Sequence[View]) -> Request:
    """The request itself, on the worker's side; its arrays are those views."""
    count = message["count"]
    return Request(
        message["operation"],
        message["format"],
        tuple(arrays[:count]),  # type: ignore[arg-type]
        dict(zip(message["keywords"], arrays[count:], strict=True)),  # type: ignore[arg-type]
        message["options"],
    )


def reply_of(message: dict[str, Any], request: Request, requests: Arena, replies: Arena) -> Reply:
    """The reply that a worker's message and the arenas hold: copies, so that the arenas are free again."""
    after = dict(_changed(message, request, requests, replies))
    seen = tuple((str(kind), str(text)) for kind, text in message["observations"])
    fault = Fault(*message["fault"]) if message["fault"] else None
    if fault is not None:
        return Reply(None, fault, after, seen, message["seconds"])
    results = []
    for format, shape, start, size in message["results"]:
        data = replies.bytes[start : start + size].tobytes()
        strides = _c_strides(shape, size)
        results.append(Array(data, format, tuple(shape), strides))
    return Reply(tuple(results), None, after, seen, message["seconds"])


def _changed(message: dict[str, Any], request: Request, requests: Arena, replies: Arena) -> list[tuple[int, bytes]]:
    found, start = [], 0
    for i, array in enumerate(sources(request)):
        before = np.frombuffer(array.data, np.uint8)
        now = requests.bytes[start : start + before.size]
        start += aligned(before.size)
        if str(i) in message["read_back"]:
            where, size = message["read_back"][str(i)]
            now = replies.bytes[where : where + size]
        if differs(before, now):
            found.append((i, now.tobytes()))
    return found


def _c_strides(shape: Sequence[int], size: int) -> tuple[int, ...]:
    elements = int(np.prod(shape, dtype=np.int64))
    step = size // elements if elements else 1
    strides: list[int] = []
    for length in reversed(shape):
        strides.insert(0, step)
        step *= max(length, 1)
    return tuple(strides)
