"""tinygrad: lazy tensors made from a private copy, gradients by Tensor.gradient.

A result is computed when it is read back, which the adapter does at once. bfloat16 goes through its bits, since
tinygrad and ml_dtypes do not know each other's types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnavailableError,
    contiguous_only,
    numpy_dtype,
    only_contiguous,
    require,
)

_DIRECT = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")


def _cannot(raw: Raw) -> str:
    if raw.format not in (*_DIRECT, "bfloat16"):
        return f"tinygrad has no format {raw.format}"
    return only_contiguous("tinygrad")(raw)


def _argument(raw: Raw, device: str) -> Argument:
    tinygrad = require("tinygrad", "tinygrad")
    values = contiguous_only(raw, "tinygrad")
    bits = values.view(np.uint16) if raw.format == "bfloat16" else values
    try:  # "cpu" is the default of a contract: tinygrad then chooses, or the variable DEV
        tensor = tinygrad.Tensor(bits.reshape(raw.shape or (1,)), device=None if device == "cpu" else device.upper())
        tensor = tensor.reshape(raw.shape)
    except RuntimeError as error:
        raise UnavailableError(f"tinygrad cannot compute here ({error}); install clang, or set DEV=PYTHON") from None
    return Argument(tensor.bitcast(tinygrad.dtypes.bfloat16) if raw.format == "bfloat16" else tensor)


def _result(value: Any) -> np.ndarray:
    tinygrad = require("tinygrad", "tinygrad")
    if not isinstance(value, tinygrad.Tensor):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a tinygrad.Tensor")
    shape = tuple(value.shape)
    if value.dtype == tinygrad.dtypes.bfloat16:
        bits: np.ndarray = value.contiguous().bitcast(tinygrad.dtypes.uint16).numpy().view(numpy_dtype("bfloat16"))
        return np.ascontiguousarray(bits).reshape(shape)
    return np.ascontiguousarray(value.numpy()).reshape(shape)


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        value = function(x, *rest, **options)
        weighted = value if upstream is None else value * upstream.cast(value.dtype)
        (result,) = weighted.sum().gradient(x)
        return result

    return product


ADAPTER = Adapter(
    name="tinygrad",
    library="tinygrad",
    argument=_argument,
    result=_result,
    cannot=_cannot,
    differentiate=_differentiate,
    flush_subnormals=True,
    fork_safe=False,
)
