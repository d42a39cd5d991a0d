"""What a call with options must leave alone: arguments and options, and the memory around the array it writes to."""

from __future__ import annotations

import numpy as np

from softcert.cases.option_call import Prepared
from softcert.executors.protocol import Array, Reply, to_numpy


def overwritten(prepared: Prepared, reply: Reply) -> list[str]:
    """Arguments and options that were written to and may not be, in words. ``out`` is written to, but not around."""
    request = prepared.request
    names = [*prepared.arguments, *request.keywords]
    sent = [*request.arrays, *request.keywords.values()]
    found = []
    for k in sorted(reply.after):
        if names[k] == _WRITTEN:
            if not np.array_equal(_around(sent[k], bytes(sent[k].data)), _around(sent[k], reply.after[k])):
                found.append(f"memory around {names[k]}")
        else:
            found.append(names[k])
    return found


def not_in_out(prepared: Prepared, reply: Reply, result: Array) -> bool:
    """Whether an ``out`` array was given and does not hold, bit for bit, what was returned."""
    request = prepared.request
    if _WRITTEN not in request.keywords:
        return False
    position = [*prepared.arguments, *request.keywords].index(_WRITTEN)
    out = request.keywords[_WRITTEN]
    view = _view(out, reply.after.get(position, bytes(out.data)))
    returned = to_numpy(result)
    if returned.shape != view.shape or returned.dtype != view.dtype:
        return True
    return np.ascontiguousarray(returned).tobytes() != np.ascontiguousarray(view).tobytes()


_WRITTEN = "out"


def _view(array: Array, data: bytes) -> np.ndarray:
    return to_numpy(Array(data, array.format, array.shape, array.strides, array.offset))


def _around(array: Array, data: bytes) -> np.ndarray:
    """The bytes that are none of the view's, with the view's put to 0."""
    buffer = bytearray(data)
    _view_writeable(array, buffer)[...] = 0
    return np.frombuffer(bytes(buffer), np.uint8)


def _view_writeable(array: Array, data: bytearray) -> np.ndarray:
    return to_numpy(Array(data, array.format, array.shape, array.strides, array.offset))
