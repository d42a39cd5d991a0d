"""NumPy, with the formats of ml_dtypes: views of the request's own bytes, whatever their strides."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_implementations.adapters.base import Adapter, Argument, NotAnArrayError, Raw, numpy_view


def _argument(raw: Raw, device: str) -> Argument:
    view = numpy_view(raw)
    return Argument(view if view.shape else view[()])


def _result(value: Any) -> np.ndarray:
    if not isinstance(value, np.ndarray | np.generic):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a NumPy array")
    array = np.asarray(value)
    if array.dtype.hasobject or array.dtype.names is not None:
        raise NotAnArrayError(f"returned a NumPy array of {array.dtype}, not of numbers")
    return np.ascontiguousarray(array).reshape(array.shape)


ADAPTER = Adapter(name="numpy", library="numpy", argument=_argument, result=_result)
