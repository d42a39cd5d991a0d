"""Any library that follows the Python array API standard: named as ``array_api:MODULE``.

Arrays are made by ``MODULE.asarray`` from a private NumPy copy and come back through DLPack, or the buffer protocol
where that fails; the standard has float32 and float64, and whatever else a library adds is tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnsupportedError,
    contiguous_only,
    only_contiguous,
    require,
)


def adapter_for(module: str) -> Adapter:
    """The adapter of one library, by the name of the module that holds ``asarray``."""

    def argument(raw: Raw, device: str) -> Argument:
        library = require(module, module.split(".")[0])
        values = contiguous_only(raw, module)
        try:
            array = library.asarray(values)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise UnsupportedError(f"{module} cannot hold {raw.format}: {error}") from None
        if values.dtype.name not in str(array.dtype):
            raise UnsupportedError(f"{module} holds {values.dtype} only as {array.dtype}")
        return Argument(array)

    def result(value: Any) -> np.ndarray:
        if not hasattr(value, "__array_namespace__") and not hasattr(value, "__dlpack__"):
            raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not an array")
        try:
            array = np.from_dlpack(value)
        except (TypeError, AttributeError, RuntimeError, BufferError):
            array = np.asarray(value)
        return np.ascontiguousarray(array).reshape(array.shape)

    return Adapter(
        name=f"array_api:{module}",
        library=module,
        argument=argument,
        result=result,
        cannot=only_contiguous(module),
        fork_safe=False,
    )
