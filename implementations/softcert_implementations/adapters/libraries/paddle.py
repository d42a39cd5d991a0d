"""PaddlePaddle: tensors made from a private copy, gradients by paddle.grad.

Paddle shows bfloat16 to NumPy as its bits in uint16, so it goes through them in both directions.
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

_PACKAGE = "paddlepaddle"
_DIRECT = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")


def _cannot(raw: Raw) -> str:
    if raw.format not in (*_DIRECT, "bfloat16"):
        return f"Paddle has no NumPy form of {raw.format}"
    return only_contiguous("paddle")(raw)


def _argument(raw: Raw, device: str) -> Argument:
    paddle = require("paddle", _PACKAGE)
    values = contiguous_only(raw, "paddle")
    bits = values.view(np.uint16) if raw.format == "bfloat16" else values
    place = paddle.CPUPlace() if device == "cpu" else device
    return Argument(paddle.to_tensor(bits, dtype=raw.format, place=place))


def _result(value: Any) -> np.ndarray:
    paddle = require("paddle", _PACKAGE)
    if not isinstance(value, paddle.Tensor):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a paddle.Tensor")
    array = np.asarray(value.numpy())
    if value.dtype == paddle.bfloat16:
        array = array.view(numpy_dtype("bfloat16"))
    return np.ascontiguousarray(array).reshape(tuple(value.shape))


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        paddle = require("paddle", _PACKAGE)
        again = not x.stop_gradient  # x is the leaf of a differentiation around this one
        leaf = x if again else x.detach()
        leaf.stop_gradient = False
        value = function(leaf, *rest, **options)
        weights = None if upstream is None else [upstream.astype(value.dtype)]
        (result,) = paddle.grad([value], [leaf], grad_outputs=weights, create_graph=again)
        return result

    return product


ADAPTER = Adapter(
    name="paddle",
    library="paddle",
    argument=_argument,
    result=_result,
    cannot=_cannot,
    differentiate=_differentiate,
    fork_safe=False,
    requirement=_PACKAGE,
)
