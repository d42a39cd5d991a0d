"""PyTorch: tensors over the request's own bytes (as_strided), results by their bits, gradients by autograd.

torch has no negative strides and no read-only tensors; what it cannot express is `UnsupportedError`. On another
device than the CPU the whole buffer is carried over and the view is taken there, so that what lies around
the view is still the request's poison.
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
    UnsupportedError,
    between_elements,
    numpy_dtype,
    require,
)


def _dtype(torch: Any, format: str) -> Any:
    dtype = getattr(torch, format, None)
    if not isinstance(dtype, torch.dtype):
        raise UnsupportedError(f"this torch ({torch.__version__}) has no format {format}")
    return dtype


def _cannot(raw: Raw) -> str:
    if any(s < 0 for s in raw.strides):
        return "torch has no negative strides"
    return "torch has no views between elements" if between_elements(raw) else ""


def _argument(raw: Raw, device: str) -> Argument:
    torch = require("torch", "torch")
    dtype = _dtype(torch, raw.format)
    size = numpy_dtype(raw.format).itemsize
    if reason := _cannot(raw):
        raise UnsupportedError(reason)
    if 0 in raw.shape:
        return Argument(torch.empty(raw.shape, dtype=dtype, device=device))
    base = torch.frombuffer(raw.data, dtype=dtype, count=len(raw.data) // size)
    moved = _moved(torch, base, device)
    steps = tuple(s // size for s in raw.strides)
    tensor = moved.as_strided(raw.shape, steps, raw.offset // size)
    if moved is base:
        return Argument(tensor)
    return Argument(tensor, lambda: moved.cpu().view(torch.uint8).numpy().tobytes())


def _moved(torch: Any, base: Any, device: str) -> Any:
    if device == "cpu":
        return base
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UnavailableError(f"the contract names device={device!r}, and torch sees no CUDA device here")
    return base.to(device)


def _result(value: Any) -> np.ndarray:
    torch = require("torch", "torch")
    if not isinstance(value, torch.Tensor):
        raise NotAnArrayError(f"returned {type(value).__module__}.{type(value).__qualname__}, not a torch.Tensor")
    if value.layout is not torch.strided or value.is_quantized:
        raise NotAnArrayError(f"returned a tensor of layout {value.layout}, not a dense one")
    tensor = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
    name = str(tensor.dtype).removeprefix("torch.")
    try:
        dtype = _numpy_type(name)
    except (TypeError, AttributeError):
        raise NotAnArrayError(f"returned a tensor of {tensor.dtype}, a format that NumPy cannot hold") from None
    # A single element is contiguous whatever its stride, and `view` would mind the stride.
    bits: np.ndarray = tensor.as_strided((tensor.numel(),), (1,)).view(torch.uint8).numpy()
    return bits.view(dtype).reshape(tuple(tensor.shape))


def _numpy_type(name: str) -> np.dtype[Any]:
    import ml_dtypes

    return np.dtype(getattr(ml_dtypes, name)) if hasattr(ml_dtypes, name) else numpy_dtype(name)


def _differentiate(function: Callable[..., Any]) -> Callable[..., Any]:
    """The vector-Jacobian product of ``function`` by its first argument, differentiable itself (see `Adapter`)."""
    second = getattr(function, "derivative", False)

    def product(x: Any, *rest: Any, upstream: Any = None, **options: Any) -> Any:
        torch = require("torch", "torch")
        again = x.requires_grad  # x is the leaf of a differentiation around this one
        leaf = x if again else x.detach().requires_grad_(True)
        with torch.enable_grad():
            value = function(leaf, *rest, **options)
            # The gradient of one class is 0 and may be a constant without a graph, whose derivative is 0. With more
            # classes it was cut off from the logits, or forbids to be differentiated: that stays an error.
            constant = second and leaf.ndim > 0 and leaf.shape[-1] == 1
            if constant and not value.requires_grad:
                return torch.zeros_like(leaf)
            if upstream is None:
                value = value.sum() if value.ndim else value
            else:
                upstream = upstream.to(value.dtype)
            (result,) = torch.autograd.grad(value, leaf, upstream, create_graph=again, allow_unused=constant)
        return torch.zeros_like(leaf) if result is None else result

    product.derivative = True  # type: ignore[attr-defined]
    return product


ADAPTER = Adapter(
    name="torch",
    library="torch",
    argument=_argument,
    result=_result,
    cannot=_cannot,
    differentiate=_differentiate,
)
