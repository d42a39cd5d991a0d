"""How the kernels are compiled: strict IEEE arithmetic, and a cache that notices every change of a kernel.

Numba looks only at the file that holds a cached function when it decides whether the cache is still good. The
functions that ours call live in other files, so the fingerprint of the whole package is made part of the cache's
key: it is a closure variable of each cached function, and Numba's key covers closure variables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy

# error_model="numpy": a division by zero gives an infinity instead of an exception, as IEEE 754 says.
# fastmath stays off: reordering would void every error-free transformation.
_STRICT = {"fastmath": False, "error_model": "numpy", "boundscheck": False}

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


def kernel(function: Callable[..., Any]) -> Any:
    """A kernel that Python calls: without the GIL, cached on disk where a directory can be written."""
    options = {**_STRICT, "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no writable cache directory: compiled anew in each process
        return numba.njit(**options)(function)


def fingerprint(*folders: Path) -> int:
    """A number that changes with any source file of this package and of ``folders``, and with what compiles them."""
    digest = hashlib.sha256(f"{numba.__version__} {numpy.__version__}".encode())
    for folder in (Path(__file__).parent, *folders):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")
