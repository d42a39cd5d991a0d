"""CuPy: the whole buffer goes to the GPU and the view is taken there, strides and all.

CUDA must not be forked once it is initialised, so the worker imports CuPy itself. CuPy has no bfloat16 and no
float8.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnavailableError,
    between_elements,
    numpy_dtype,
    require,
)

_PACKAGE = "cupy-cuda12x"


def _cannot(raw: Raw) -> str:
    if numpy_dtype(raw.format).kind not in "fiub":
        return f"CuPy has no format {raw.format}"
    return "CuPy has no views between elements" if between_elements(raw) else ""


def _argument(raw: Raw, device: str) -> Argument:
    cupy = require("cupy", _PACKAGE)
    dtype = numpy_dtype(raw.format)
    try:
        whole = cupy.asarray(np.frombuffer(raw.data, np.uint8))
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise UnavailableError(f"CuPy is installed, but no CUDA device answers: {error}") from None
    view = cupy.ndarray(raw.shape, dtype, memptr=whole.data + raw.offset, strides=raw.strides)
    return Argument(view, lambda: bytes(cupy.asnumpy(whole).tobytes()))


def _result(value: Any) -> np.ndarray:
    cupy = require("cupy", _PACKAGE)
    if not isinstance(value, cupy.ndarray):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a cupy.ndarray")
    array = cupy.asnumpy(value)
    return np.ascontiguousarray(array).reshape(array.shape)


ADAPTER = Adapter(
    name="cupy",
    library="cupy",
    argument=_argument,
    result=_result,
    cannot=_cannot,
    fork_safe=False,
    requirement=_PACKAGE,
)
