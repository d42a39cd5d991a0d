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


def _differentiate(loss: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of ``loss`` (of its sum, where it returns one value a row) by its first argument."""

    def gradient(x: Any, *rest: Any, **options: Any) -> Any:
        tf = require("tensorflow", _PACKAGE)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(loss(x, *rest, **options))
        return tape.gradient(value, x)

    return gradient


ADAPTER = Adapter(
    "tensorflow", "tensorflow", _argument, _result, _differentiate, flush_subnormals=True, fork_safe=False
)
