"""The array library in which a function takes its arguments: from its module, its annotations and its code.

The globals that the code refers to are followed into helpers of the same module. Nothing is called: trial calls come
after, with these libraries as candidates.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import CodeType, ModuleType
from typing import Any

from softcert_implementations.resolving.wrappers import unwrapped

_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "torch": ("torch", "triton"),
    "jax": ("jax", "jaxlib", "optax", "flax"),
    "tensorflow": ("tensorflow", "keras"),
    "cupy": ("cupy",),
    "mlx": ("mlx",),
    "paddle": ("paddle",),
    "autograd": ("autograd",),
    "tinygrad": ("tinygrad",),
    "numpy": ("numpy", "scipy", "numba", "sklearn", "ml_dtypes"),
}
"""The packages whose functions take their arguments in an array library, by the first part of their name."""
_LIBRARY_OF: Mapping[str, str] = {package: library for library, names in _PACKAGES.items() for package in names}

_DEPTH = 3  # calls that are followed: a function, its helper, and the helper's helper


def libraries_of(function: Any) -> dict[str, str]:
    """Array libraries that a function seems to take, best first.

    Parameters
    ----------
    function
        A callable: a function, partial, bound method, jit wrapper or instance.

    Returns
    -------
    dict
        The reason, as a clause, by the name of the library. Empty if nothing says which library it is.

    Examples
    --------
    >>> import numpy
    >>> libraries_of(numpy.exp)
    {'numpy': 'it belongs to numpy'}
    """
    reasons: dict[str, str] = {}
    for module in _homes(function):
        _add(reasons, module, f"it belongs to {module.split('.')[0]}")
    inner = unwrapped(function)
    for text in map(str, getattr(inner, "__annotations__", {}).values()):
        for package in _LIBRARY_OF:
            if re.search(rf"\b{package}\b", text):
                _add(reasons, package, f"its annotations name {package}")
        if "np.ndarray" in text or "NDArray" in text:
            _add(reasons, "numpy", "its annotations name NumPy arrays")
        if "Tensor" in text and "tensorflow" not in text:
            _add(reasons, "torch", "its annotations name tensors")
    for package in _referenced(inner, _DEPTH, set()):
        _add(reasons, package, f"its code uses {package}")
    return reasons


def library_of_module(module: str) -> str | None:
    """The array library to which a module or a package belongs, None for one that is not known.

    >>> library_of_module("jaxlib._jax"), library_of_module("json")
    ('jax', None)
    """
    package = module.split(".")[0]
    return _keras_backend() if package == "keras" else _LIBRARY_OF.get(package)


def _add(reasons: dict[str, str], module: str, reason: str) -> None:
    library = library_of_module(module)
    if library is not None:
        reasons.setdefault(library, reason)


def _keras_backend() -> str:
    """The array library that Keras runs on here, which a user chooses by KERAS_BACKEND."""
    keras = sys.modules.get("keras")
    return str(keras.config.backend()) if keras is not None and hasattr(keras, "config") else "tensorflow"


def _homes(function: Any) -> list[str]:
    """The modules of a function, of its type and bases, and of the object that it is bound to."""
    owner = getattr(function, "__self__", None)
    candidates = (
        getattr(function, "__module__", None),
        type(function).__module__,
        getattr(owner, "__module__", None),
        owner.__name__ if isinstance(owner, ModuleType) else None,
        *(base.__module__ for base in type(function).__mro__),
    )
    return [c for c in candidates if isinstance(c, str)]


def _referenced(function: Any, depth: int, seen: set[int]) -> list[str]:
    """The packages that a function's code refers to, followed through functions of its own module and closures."""
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    if not isinstance(code, CodeType) or depth == 0 or id(code) in seen:
        return []
    seen.add(id(code))
    packages = []
    for name in _names(code):
        value = names.get(name)
        if isinstance(value, ModuleType):
            packages.append(value.__name__.split(".")[0])
        elif value is None and name in _LIBRARY_OF:  # imported within the function
            packages.append(name)
        elif getattr(value, "__module__", None) == getattr(function, "__module__", ""):
            packages += _referenced(unwrapped(value), depth - 1, seen)
    for cell in getattr(function, "__closure__", None) or ():
        try:
            packages += _referenced(unwrapped(cell.cell_contents), depth - 1, seen)
        except ValueError:  # an empty cell
            continue
    return packages


def _names(code: CodeType) -> list[str]:
    nested = [n for c in code.co_consts if isinstance(c, CodeType) for n in _names(c)]
    return [*code.co_names, *nested]
