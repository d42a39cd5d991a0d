"""Requests and replies as messages: where each array lies in the arenas, its format, shape and strides.

A reply comes from the subject's process: `softcert.executors.transport.untrusted` checks each of its fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from softcert.executors.protocol import Array, Fault, Reply, Request, changed_buffers
from softcert.executors.transport import untrusted
from softcert.executors.transport.shared_memory import Arena, aligned
from softcert.executors.transport.untrusted import ProtocolError
from softcert_implementations.adapters import View

_ENTRY = ("format", "shape", "start", "size")


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


def reply_of(
    message: dict[str, Any], request: Request, requests: Arena, replies: Arena, passed: float = math.inf
) -> Reply:
    """The reply that a worker's message and the arenas hold: copies, so that the arenas are free again.

    Parameters
    ----------
    message : dict
        What the worker sent.
    request : Request
        The request that it answers.
    requests, replies : Arena
        The memory that the message speaks of.
    passed : float, optional
        Seconds from request to message: the worker's own time is at most that.

    Raises
    ------
    ProtocolError
        If a field has another type than it should, names what there is not, or points outside the arenas.
    """
    fault = results = None
    given = untrusted.field(message, "fault")
    if given is not None:
        fault = fault_of_entry(given)
    else:
        entries = untrusted.items(
            untrusted.field(message, "results"), "results", untrusted.RESULTS_LIMIT, each=len(_ENTRY)
        )
        if not entries:
            raise ProtocolError("a message with neither results nor a fault")
        results = tuple(_result(entry, replies) for entry in entries)
    return Reply(
        results=results,
        fault=fault,
        after=changed_buffers(request, _buffers_after(message, request, requests, replies)),
        observations=untrusted.observations(untrusted.field(message, "observations")),
        seconds=untrusted.seconds(untrusted.field(message, "seconds"), passed),
    )


def fault_of_entry(entry: object) -> Fault:
    """The fault that a worker reports: [kind, message, detail]. Raises `ProtocolError` for anything else."""
    kind, text, detail = untrusted.items([entry], "a fault", 1, each=3)[0]
    return Fault(
        untrusted.fault_kind(kind),
        untrusted.text(text, "the message of a fault"),
        untrusted.text(detail, "the detail of a fault"),
    )


def _result(entry: Sequence[Any], replies: Arena) -> Array:
    format, step = untrusted.item_size(entry[0])
    shape = untrusted.shape(entry[1])
    start, size = untrusted.span(entry[2], entry[3], replies.size)
    if math.prod(shape) * step != size:
        raise ProtocolError(f"{size} bytes are no array of {format} of shape {shape}")
    data = replies.bytes[start : start + size].tobytes()
    return Array(data=data, format=format, shape=shape, strides=_c_strides(shape, size))


def _buffers_after(message: dict[str, Any], request: Request, requests: Arena, replies: Arena) -> Iterator[np.ndarray]:
    """The bytes of each argument after the call: where they were put, or where the worker has read them back to."""
    start, arrays = 0, request.all_arrays()
    places = untrusted.mapping(untrusted.field(message, "read_back"), "read_back", len(arrays))
    if set(places) - {str(i) for i in range(len(arrays))}:
        raise ProtocolError("read_back names no argument")
    for i, array in enumerate(arrays):
        size = len(memoryview(array.data).cast("B"))
        arena, place = requests, (start, size)
        if str(i) in places:
            (entry,) = untrusted.items([places[str(i)]], "read_back", 1, each=2)
            arena, place = replies, untrusted.span(entry[0], entry[1], replies.size)
        yield arena.bytes[place[0] : place[0] + place[1]]
        start += aligned(size)


def _c_strides(shape: Sequence[int], size: int) -> tuple[int, ...]:
    elements = math.prod(shape)
    step = size // elements if elements else 1
    strides: list[int] = []
    for length in reversed(shape):
        strides.insert(0, step)
        step *= max(length, 1)
    return tuple(strides)
