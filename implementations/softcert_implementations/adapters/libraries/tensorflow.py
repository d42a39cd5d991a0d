"""TensorFlow: eager tensors made from a private copy, gradients by GradientTape.

TensorFlow flushes subnormal numbers in its thread pools, and must not be forked once it is imported.
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
    UnsupportedError,
    contiguous_only,
    only_contiguous,
    require,
)

_PACKAGE = "tensorflow"


def _argument(raw: Raw, device: str) -> Argument:
    tf = require("tensorflow", _PACKAGE)
    values = contiguous_only(raw, "tensorflow")
    try:
        with tf.device(device):
            tensor = tf.constant(values)
    except (TypeError, ValueError) as error:
        raise UnsupportedError(f"this tensorflow ({tf.__version__}) cannot hold {raw.format}: {error}") from None
    return Argument(tensor)


def _result(value: Any) -> np.ndarray:
    tf = require("tensorflow", _PACKAGE)
    if not isinstance(value, tf.Tensor | tf.Variable):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a tensorflow.Tensor")
    array = np.asarray(value.numpy())
    return np.ascontiguousarray(array).reshape(array.shape)


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        tf = require("tensorflow", _PACKAGE)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x, *rest, **options)
        return tape.gradient(value, x, None if upstream is None else tf.cast(upstream, value.dtype))

    return product


ADAPTER = Adapter(
    name="tensorflow",
    library="tensorflow",
    argument=_argument,
    result=_result,
    cannot=only_contiguous("tensorflow"),
    differentiate=_differentiate,
    flush_subnormals=True,
    fork_safe=False,
)
