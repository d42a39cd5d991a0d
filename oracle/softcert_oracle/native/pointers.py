"""Arrays at addresses: how compiled entries get what Python gives them, a list of numbers and addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype


def array_at(dtype: np.dtype, dimensions: int) -> Any:
    """A compiled function of an address and a size for each dimension: the array that lies there in C order."""
    kind = types.Array(from_dtype(dtype), dimensions, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address, *shape = arguments
        array = context.make_array(kind)(context, builder)
        size = context.get_constant(types.intp, dtype.itemsize)
        strides = [size]
        for extent in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], extent))
        data = builder.inttoptr(address, array.data.type)
        populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
        return array._getvalue()

    if dimensions == 1:

        @intrinsic  # type: ignore[untyped-decorator]
        def vector(typing_context: Any, address: Any, n: Any) -> Any:
            return kind(types.int64, types.int64), generate

        return vector

    @intrinsic  # type: ignore[untyped-decorator]
    def matrix(typing_context: Any, address: Any, m: Any, n: Any) -> Any:
        return kind(types.int64, types.int64, types.int64), generate

    return matrix


integers = array_at(np.dtype(np.int64), 1)
floats = array_at(np.dtype(np.float64), 1)
integer_rows = array_at(np.dtype(np.int64), 2)
float_rows = array_at(np.dtype(np.float64), 2)
