"""The memory around an array, read and written as a kernel with a wrong address would, but never out of bounds.

Models of layout defects need the memory beside a view. An address outside the buffer that owns the view reads as 0 and
is not written, so that a model harms nothing else in the process. Offsets and strides count elements, not bytes.
"""

from __future__ import annotations

import numpy as np

from softcert_implementations.gallery.textbook import Array


def owner(x: Array) -> tuple[Array, int]:
    """The buffer that holds an array.

    Parameters
    ----------
    x
        Any view.

    Returns
    -------
    flat
        The whole buffer, one-dimensional, in the type of x; it shares memory with x.
    first
        The index in ``flat`` of the first element of x.

    Examples
    --------
    >>> flat, first = owner(np.arange(6).reshape(2, 3)[::-1, 1:])
    >>> flat.tolist(), first
    ([0, 1, 2, 3, 4, 5], 4)
    """
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
    """The elements at some offsets from the first element of an array.

    Parameters
    ----------
    x
        Any view.
    offsets
        Integers of any shape, in elements; see `offsets`.

    Returns
    -------
    ndarray
        The elements, in the shape of ``offsets``; 0 outside the buffer.
    """
    flat, first = owner(x)
    where = first + offsets
    inside = (where >= 0) & (where < flat.size)
    values = flat[np.where(inside, where, 0)] if flat.size else np.zeros(where.shape, x.dtype)
    return np.where(inside, values, np.zeros_like(values))


def write(x: Array, offsets: Array, values: Array) -> None:
    """Write values at some offsets from the first element of an array; nothing if the buffer is read-only.

    Parameters
    ----------
    x
        Any view.
    offsets
        Integers of any shape, in elements; those outside the buffer are left out.
    values
        Numbers that can be broadcast to the shape of ``offsets``.
    """
    flat, first = owner(x)
    where = first + offsets
    inside = (where >= 0) & (where < flat.size)
    if flat.flags.writeable:
        flat[where[inside]] = np.broadcast_to(values, where.shape)[inside]


def offsets(shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
    """Offsets of all entries of an array from its first element.

    Parameters
    ----------
    shape
        The shape of the array.
    strides
        The stride of each axis, in elements.

    Returns
    -------
    ndarray
        Offsets in elements, in that shape.

    Examples
    --------
    >>> offsets((2, 3), (10, -1)).tolist()
    [[0, -1, -2], [10, 9, 8]]
    """
    total = np.zeros(shape, np.int64)
    for axis, (n, stride) in enumerate(zip(shape, strides, strict=True)):
        along = np.arange(n, dtype=np.int64) * stride
        total += along.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    return total


def _bytes(base: Array) -> Array:
    return base.ravel(order="K").view(np.uint8)
