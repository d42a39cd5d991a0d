"""MLX, Apple's array library: lazy arrays made from a private copy, gradients by mlx.core.grad.

bfloat16 goes through its bits, since MLX and ml_dtypes do not know each other's types. The GPU knows no float64.
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
    contiguous_only,
    numpy_dtype,
    only_contiguous,
    require,
)

_DIRECT = ("float32", "float16", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")


def _cannot(raw: Raw) -> str:
    if raw.format not in (*_DIRECT, "bfloat16"):
        return f"MLX has no format {raw.format}"
    return only_contiguous("mlx")(raw)


def _argument(raw: Raw, device: str) -> Argument:
    mx = require("mlx.core", "mlx")
    values = contiguous_only(raw, "mlx")
    if raw.format == "bfloat16":
        return Argument(mx.array(values.view(np.uint16)).view(mx.bfloat16))
    array = mx.array(values, dtype=getattr(mx, "bool_" if raw.format == "bool" else raw.format))
    return Argument(array)


def _result(value: Any) -> np.ndarray:
    mx = require("mlx.core", "mlx")
    if not isinstance(value, mx.array):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not an mlx.core.array")
    if value.dtype == mx.bfloat16:
        bits: np.ndarray = np.array(value.view(mx.uint16)).view(numpy_dtype("bfloat16"))
        return bits
    return np.ascontiguousarray(np.array(value)).reshape(tuple(value.shape))


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        mx = require("mlx.core", "mlx")

        def weighted(leaf: Any) -> Any:
            value = function(leaf, *rest, **options)
            return (value if upstream is None else value * upstream.astype(value.dtype)).sum()

        return mx.grad(weighted)(x)

    return product


ADAPTER = Adapter(
    name="mlx",
    library="mlx.core",
    argument=_argument,
    result=_result,
    cannot=_cannot,
    differentiate=_differentiate,
    flush_subnormals=True,
    fork_safe=False,
    requirement="mlx",
)
