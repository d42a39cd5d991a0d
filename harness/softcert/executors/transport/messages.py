"""Requests and replies as messages: where each array lies in the arenas, its format, shape and strides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from softcert.executors.protocol import Array, Fault, FaultKind, Reply, Request, changed_buffers
from softcert.executors.transport.shared_memory import Arena, aligned
from softcert_implementations.adapters import View


def put_request(request: Request, arena: Arena) -> dict[str, Any]:
    """Lay the request's bytes into the arena; the message that describes it."""
    buffers = [np.frombuffer(a.data, np.uint8) for a in request.all_arrays()]
    arena.reserve(sum(aligned(b.size) for b in buffers))
    entries, start = [], 0
    for array, buffer in zip(request.all_arrays(), buffers, strict=True):
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
        View(
            data=memory[start : start + size].data,
            format=format,
            shape=tuple(shape),
            strides=tuple(strides),
            offset=offset,
            writeable=writeable,
        )
        for format, shape, strides, offset, writeable, start, size in message["arrays"]
    ]


def request_of(message: dict[str, Any], arrays: Sequence[View]) -> Request:
    """The request itself, on the worker's side; its arrays are those views."""
    count = message["count"]
    return Request(
        operation=message["operation"],
        format=message["format"],
        arrays=tuple(arrays[:count]),  # type: ignore[arg-type]
        keywords=dict(zip(message["keywords"], arrays[count:], strict=True)),  # type: ignore[arg-type]
        options=message["options"],
    )


def reply_of(message: dict[str, Any], request: Request, requests: Arena, replies: Arena) -> Reply:
    """The reply that a worker's message and the arenas hold: copies, so that the arenas are free again."""
    fault = results = None
    if message["fault"]:
        kind, text, detail = message["fault"]
        fault = Fault(FaultKind(kind), text, detail)
    else:
        results = tuple(_result(entry, replies) for entry in message["results"])
    return Reply(
        results=results,
        fault=fault,
        after=changed_buffers(request, _buffers_after(message, request, requests, replies)),
        observations=tuple((str(kind), str(text)) for kind, text in message["observations"]),
        seconds=message["seconds"],
    )


def _result(entry: Sequence[Any], replies: Arena) -> Array:
    format, shape, start, size = entry
    data = replies.bytes[start : start + size].tobytes()
    return Array(data=data, format=format, shape=tuple(shape), strides=_c_strides(shape, size))


def _buffers_after(message: dict[str, Any], request: Request, requests: Arena, replies: Arena) -> Iterator[np.ndarray]:
    """The bytes of each argument after the call: where they were put, or where the worker has read them back to."""
    start = 0
    for i, array in enumerate(request.all_arrays()):
        size = len(memoryview(array.data).cast("B"))
        arena, place = requests, (start, size)
        if str(i) in message["read_back"]:
            arena, place = replies, message["read_back"][str(i)]
        yield arena.bytes[place[0] : place[0] + place[1]]
        start += aligned(size)


def _c_strides(shape: Sequence[int], size: int) -> tuple[int, ...]:
    elements = int(np.prod(shape, dtype=np.int64))
    step = size // elements if elements else 1
    strides: list[int] = []
    for length in reversed(shape):
        strides.insert(0, step)
        step *= max(length, 1)
    return tuple(strides)
