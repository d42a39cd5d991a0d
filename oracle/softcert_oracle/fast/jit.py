"""How Numba compiles the kernels: strict IEEE arithmetic, no counting of references to arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

# error_model="numpy": a division by zero gives an infinity instead of an exception, as IEEE 754 says.
# fastmath stays off: reordering would void every error-free transformation.
# No kernel makes an array, so nothing counts references to any.
_STRICT = {"fastmath": False, "error_model": "numpy", "boundscheck": False, "_nrt": False}

# What only kernels call needs no entries for Python and C: making them takes a third of the time to compile.
# Called from Python, such a function would end the process.
_NO_ENTRIES = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inner(function: Callable[..., Any]) -> Any:
    """A small function: always compiled into its callers, so that their loops run on vectors."""
    return numba.njit(forceinline=True, **_STRICT)(function)


def embedded_inner(function: Callable[..., Any]) -> Any:
    """As `inner`, without entries: for kernels only."""
    return numba.njit(forceinline=True, **_STRICT, **_NO_ENTRIES)(function)


def embedded(function: Callable[..., Any]) -> Any:
    """As `outlined`, without entries: for kernels only."""
    return numba.njit(**_STRICT, **_NO_ENTRIES)(function)


def merged(function: Callable[..., Any]) -> Any:
    """A function that becomes part of its caller before types are inferred: compiling it costs nothing of its own."""
    return numba.njit(inline="always", **_STRICT, **_NO_ENTRIES)(function)


def outlined(function: Callable[..., Any]) -> Any:
    """A longer function that a kernel calls."""
    return numba.njit(**_STRICT)(function)


def entry(function: Callable[..., Any]) -> Any:
    """A kernel that is called by its address (`softcert_oracle.native`): without the GIL, no Python in it."""
    return numba.njit(nogil=True, **_STRICT, **_NO_ENTRIES)(function)
