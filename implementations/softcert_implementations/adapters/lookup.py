"""Array libraries, one file each: how a request's bytes become their arrays and their results become bytes."""

from __future__ import annotations

import importlib
from functools import cache

from softcert_implementations.adapters.base import Adapter
from softcert_oracle.errors import unknown

LIBRARIES = (
    "numpy",
    "torch",
    "jax",
    "tensorflow",
    "onnx",
    "cupy",
    "mlx",
    "paddle",
    "autograd",
    "tinygrad",
)
"""Libraries with an adapter of their own; ``array_api:MODULE`` names any other that follows the array API."""


def adapter(arrays: str) -> Adapter:
    """The adapter of an array library, without importing the library itself.

    Parameters
    ----------
    arrays
        One of `LIBRARIES`, or ``array_api:MODULE``.

    Raises
    ------
    UsageError
        For any other name.

    Examples
    --------
    >>> adapter("torch").library
    'torch'
    >>> adapter("array_api:array_api_strict").library
    'array_api_strict'
    """
    if arrays.startswith("array_api:"):
        from softcert_implementations.adapters.libraries.array_api import adapter_for

        return adapter_for(arrays.removeprefix("array_api:"))
    if arrays not in LIBRARIES:
        raise unknown("arrays", arrays, (*LIBRARIES, "array_api:MODULE"))
    return _of(arrays)


@cache
def _of(arrays: str) -> Adapter:
    """The adapter of a library with one of its own: each call of a subject asks for it."""
    chosen: Adapter = importlib.import_module(f"softcert_implementations.adapters.libraries.{arrays}").ADAPTER
    return chosen
