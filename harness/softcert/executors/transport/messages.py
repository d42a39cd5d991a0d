"""Requests and replies as messages: where each array lies in the arenas, its format, shape and strides.

A reply comes from the subject's process: `softcert.executors.transport.untrusted` checks each of its fields.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from softcert.executors.protocol import Array, Fault, Reply, Request
from softcert.executors.transport import untrusted
from softcert.executors.transport.shared_memory import PAGE, Arena, aligned
from softcert.executors.transport.untrusted import ProtocolError
from softcert_implementations.adapters import View

_ENTRY = ("format", "shape", "start", "size")


class Place(NamedTuple):
    """A place in an arena: its memory, and where it begins and how many bytes it has."""

    memory: mmap.mmap
    start: int
    size: int


def space(request: Request) -> int:
    """Bytes that a request takes in the arena: each array begins at a page boundary."""
    return max(PAGE, sum(aligned(memoryview(a.data).nbytes) for a in request.all_arrays()))


def put_request(request: Request, arena: Arena, start: int = 0) -> dict[str, Any]:
    """Lay the request's bytes into the arena, from ``start`` on; the message that describes it.

    The entries of the arrays count their bytes from there.
    """
    entries, place = [], 0
    for array in request.all_arrays():
        size = memoryview(array.data).nbytes
        arena.map[start + place : start + place + size] = array.data
        entries.append([array.format, array.shape, array.strides, array.offset, array.writeable, place, size])
        place += aligned(size)
    return {
        "operation": request.operation,
        "format": request.format,
        "arrays": entries,
        "count": len(request.arrays),
        "keywords": list(request.keywords),
        "options": request.options,
        "kind": request.kind,
        "request": [arena.size, arena.path, start, place],
    }


def views(message: dict[str, Any], memory: np.ndarray) -> list[View]:
    """The arrays of a request, on the worker's side, which has its bytes at the beginning of some memory."""
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
        kind=message["kind"],
    )


def reply_of(message: dict[str, Any], request: Request, place: Place, passed: float = math.inf) -> Reply:
    """The reply that a worker's message and its place in the arena hold: copies, so that the place is free again.

    Parameters
    ----------
    message : dict
        What the worker sent.
    request : Request
        The request that it answers.
    place : Place
        Where the worker was told to lay the results.
    passed : float, optional
        Seconds from request to message: the worker's own time is at most that.

    Raises
    ------
    ProtocolError
        If a field has another type than it should, names what there is not, or points outside the place.
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
        results = tuple(_result(entry, place) for entry in entries)
    return Reply(
        results=results,
        fault=fault,
        after=_buffers_after(message, request, place),
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


def _result(entry: Sequence[Any], place: Place) -> Array:
    format, step = untrusted.item_size(entry[0])
    shape = untrusted.shape(entry[1])
    start, size = untrusted.span(entry[2], entry[3], place.size)
    if math.prod(shape) * step != size:
        raise ProtocolError(f"{size} bytes are no array of {format} of shape {shape}")
    data = place.memory[place.start + start : place.start + start + size]
    return Array(data=data, format=format, shape=shape, strides=_c_strides(shape, step))


def _buffers_after(message: dict[str, Any], request: Request, place: Place) -> dict[int, bytes]:
    """The bytes of each argument that the call changed; the worker has laid them beside the results.

    It lays there those that differ from the request, and those that lived elsewhere, on a device, say.
    """
    given = untrusted.field(message, "read_back")
    if given == {}:
        return {}
    arrays = request.all_arrays()
    places = untrusted.mapping(given, "read_back", len(arrays))
    if set(places) - {str(i) for i in range(len(arrays))}:
        raise ProtocolError("read_back names no argument")
    after = {}
    for i, array in enumerate(arrays):
        if str(i) in places:
            (entry,) = untrusted.items([places[str(i)]], "read_back", 1, each=2)
            start, size = untrusted.span(entry[0], entry[1], place.size)
            now = place.memory[place.start + start : place.start + start + size]
            if now != array.data:
                after[i] = now
    return after


def _c_strides(shape: Sequence[int], step: int) -> tuple[int, ...]:
    """The strides of an array in C order whose elements have ``step`` bytes; 1 of one without elements."""
    if not math.prod(shape):
        step = 1
    strides: list[int] = []
    for length in reversed(shape):
        strides.insert(0, step)
        step *= max(length, 1)
    return tuple(strides)
