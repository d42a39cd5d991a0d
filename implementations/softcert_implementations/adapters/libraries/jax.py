"""JAX: immutable arrays made from a private copy, gradients by jax.grad, float64 only within its own context.

With 64-bit types off, which is JAX's default, float64 would silently become float32: calls in float64 run with them
on, all others as users run them. Labels then are int32, which holds every class index exactly. JAX flushes
subnormal numbers on the CPU, and must not be forked once it is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    NotAnArrayError,
    Raw,
    UnavailableError,
    UnsupportedError,
    contiguous_only,
    only_contiguous,
    require,
)


def _argument(raw: Raw, device: str) -> Argument:
    jax = require("jax", "jax")
    values = contiguous_only(raw, "jax")
    if values.dtype in (np.int64, np.uint64) and not jax.config.jax_enable_x64:
        # A label outside int32 is outside the classes as well, and stays so at the end of the range.
        values = np.clip(values, np.iinfo(np.int32).min, np.iinfo(np.int32).max).astype(np.int32)
    array = jax.numpy.array(values, device=None if device == "cpu" else _device(jax, device))
    if array.dtype != values.dtype:
        raise UnsupportedError(f"this jax holds {values.dtype} only as {array.dtype}")
    return Argument(array)


def _device(jax: Any, name: str) -> Any:
    kind, _, index = name.partition(":")
    try:
        return jax.devices(kind)[int(index or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        raise UnavailableError(f"the contract names device={name!r}, and jax has no such device: {error}") from None


def _result(value: Any) -> np.ndarray:
    jax = require("jax", "jax")
    if not isinstance(value, jax.Array):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a jax.Array")
    return np.ascontiguousarray(np.asarray(value)).reshape(value.shape)


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        jax = require("jax", "jax")
        value, pull = jax.vjp(lambda leaf: function(leaf, *rest, **options), x)
        return pull(jax.numpy.ones_like(value) if upstream is None else upstream.astype(value.dtype))[0]

    return product


def _surroundings(format: str) -> AbstractContextManager[Any]:
    jax = require("jax", "jax")
    if hasattr(jax, "enable_x64"):
        context: AbstractContextManager[Any] = jax.enable_x64(format == "float64")
        return context
    from jax.experimental import disable_x64, enable_x64

    older: AbstractContextManager[Any] = enable_x64() if format == "float64" else disable_x64()
    return older


ADAPTER = Adapter(
    name="jax",
    library="jax",
    argument=_argument,
    result=_result,
    cannot=only_contiguous("jax"),
    differentiate=_differentiate,
    surroundings=_surroundings,
    flush_subnormals=True,
    fork_safe=False,
)
