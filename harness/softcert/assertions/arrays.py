"""Arrays of any library as NumPy arrays of the same bits, and back."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from softcert_oracle.errors import UsageError, shown

_LIBRARIES = {
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "tensorflow": "tensorflow",
    "cupy": "cupy",
    "mlx": "mlx",
    "paddle": "paddle",
    "tinygrad": "tinygrad",
}
"""Adapters by the package that defines an array's type."""


def library_of(value: object) -> str:
    """The array library of a value: "numpy" for NumPy's arrays, for numbers, for lists and for what is not known."""
    return _LIBRARIES.get(type(value).__module__.partition(".")[0], "numpy")


def as_numpy(name: str, value: Any) -> np.ndarray:
    """A value as a NumPy array; a tensor of bfloat16 or float8 becomes an array of ml_dtypes.

    Parameters
    ----------
    name
        The argument's name, for the message.
    value
        An array of any library with an adapter, what NumPy or DLPack can read, a number, or a list.

    Raises
    ------
    UsageError
        For what is no array of numbers.
    """
    if isinstance(value, np.ndarray):
        return value
    library = library_of(value)
    if library != "numpy":
        from softcert_implementations.adapters.base import NotAnArrayError
        from softcert_implementations.adapters.lookup import adapter

        try:
            return adapter(library).result(value)
        except NotAnArrayError as error:
            raise UsageError(f"{name}: {error}. Give a dense array of numbers.") from None
    try:
        made = _foreign(value)
    except (TypeError, ValueError, BufferError) as error:
        raise UsageError(f"{name}={shown(value)} is no array: {error}. Give an array of numbers.") from None
    if made.dtype == object:
        raise UsageError(f"{name}={shown(value)} is no array of numbers. Give an array of numbers.")
    return made


def _foreign(value: Any) -> np.ndarray:
    if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
        return np.from_dlpack(value)
    return np.asarray(value)


def flushes(library: str) -> bool:
    """Whether a library replaces subnormal numbers by zero, the default of the contract for its arrays."""
    if library == "numpy":
        return False
    from softcert_implementations.adapters.lookup import adapter

    return adapter(library).flush_subnormals


def like(values: np.ndarray, given: object) -> Any:
    """NumPy values as an array of the library of ``given``, on the processor; NumPy's for numbers and lists."""
    library = library_of(given)
    if library == "numpy" or library not in sys.modules:
        return values
    from softcert_implementations.adapters.base import View
    from softcert_implementations.adapters.lookup import adapter

    device = {"cupy": "cuda:0"}.get(library, "cpu")
    return adapter(library).argument(View.of(values), device).value
