"""The memory around an array, read and written as a kernel with a wrong address would, but never out of bounds.

Models of layout defects need what lies beside a view. Addresses outside the buffer that owns the view read as 0
and are not written, so that a model can be run beside anything else.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery.textbook import Array


def owner(x: Array) -> tuple[Array, int]:
    """The buffer that holds ``x``, flat and in the type of x, and the index in it of the first element of x."""
    base = x
    while isinstance(base.base, np.ndarray):
        base = base.base
    try:
        data = np.frombuffer(base.base, np.uint8) if base.base is not None else _bytes(base)
    except (TypeError, ValueError, BufferError):
        data = _bytes(base)
    start = x.__array_interface__["data"][0] - data.__array_interface__["data"][0]
    skipped = start % x.itemsize
    whole = (data.size - skipped) // x.itemsize * x.itemsize
    return data[skipped : skipped + whole].view(x.dtype), start // x.itemsize


def read(x: Array, offsets: Array) -> Array:
    """The elements at ``offsets`` (in elements) from the first element of x."""
    flat, first = owner(x)
    where = first + offsets
    inside = (where >= 0) & (where < flat.size)
    values = flat[np.where(inside, where, 0)] if flat.size else np.zeros(where.shape, x.dtype)
    return np.where(inside, values, np.zeros_like(values))


def write(x: Array, offsets: Array, values: Array) -> None:
    """Write ``values`` at ``offsets`` (in elements) from the first element of x, where that memory may be written."""
    flat, first = owner(x)
    where = first + offsets
    inside = (where >= 0) & (where < flat.size)
    if flat.flags.writeable:
        flat[where[inside]] = np.broadcast_to(values, where.shape)[inside]


def offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
    """Offsets in elements of all entries of an array of that shape, for strides in elements."""
    total = np.zeros(shape, np.int64)
    for axis, (n, stride) in enumerate(zip(shape, strides, strict=True)):
        along = np.arange(n, dtype=np.int64) * stride
        total += along.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return total


def _bytes(base: Array) -> Array:
    return base.ravel(order="K").view(np.uint8)
