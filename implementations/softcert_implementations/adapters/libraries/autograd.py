"""HIPS autograd: NumPy arrays in and out, gradients by autograd's own tape.

Its functions take and return plain NumPy arrays, views included; only a differentiation wraps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softcert_implementations.adapters.base import Adapter, require
from softcert_implementations.adapters.libraries.numpy import ADAPTER as NUMPY


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        make_vjp = require("autograd", "autograd").make_vjp
        ones = require("autograd.numpy", "autograd").ones_like
        pull, value = make_vjp(lambda leaf: function(leaf, *rest, **options))(x)
        return pull(ones(value) if upstream is None else upstream)

    return product


ADAPTER = Adapter(
    name="autograd",
    library="autograd",
    argument=NUMPY.argument,
    result=NUMPY.result,
    differentiate=_differentiate,
)
