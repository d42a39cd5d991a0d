"""Results that are not computed yet: whoever reads them has them computed, and pays for it.

A benchmark that stops its clock at the return, or a check that reads only some of a result, is deceived by them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Any

import numpy as np

_READERS = (
    "__array__",
    "__array_interface__",
    "__array_struct__",
    "__dlpack__",
    "__buffer__",
    "__float__",
    "__await__",
)
"""What a value has that gives its numbers when it is asked."""

_OVERRIDES = (
    *_READERS,
    "__array_ufunc__",
    "__array_function__",
    "__array_wrap__",
    "__array_finalize__",
    "__torch_function__",
    "__torch_dispatch__",
    "__getitem__",
    "__getattribute__",
)
"""What a type derived from a library's array overrides to take part in reading it."""

_LIBRARIES = frozenset(
    ("numpy", "torch", "jax", "jaxlib", "cupy", "tensorflow", "mlx", "ml_dtypes", "onnxruntime", "paddle", "tinygrad")
)
"""Libraries whose arrays hold their numbers, or compute them at once when their own adapter reads them."""


def deferred(value: Any) -> str:
    """Why a result defers its computation until it is read; "" where it does not.

    Parameters
    ----------
    value
        What a function returned.

    Examples
    --------
    >>> deferred(np.zeros(3)), deferred(1.5)
    ('', '')
    >>> deferred(row for row in range(3))
    'a generator gives its numbers when it is read'
    """
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    article = "an" if name[:1].lower() in "aeiou" else "a"
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        first = next(iter(value.flat), 0.0)
        return "" if isinstance(first, int | float | np.generic) else "an array of objects computes when it is read"
    own = next((k for k, base in enumerate(kind.__mro__) if base.__module__.partition(".")[0] in _LIBRARIES), None)
    if own is not None:
        overriding = next((n for base in kind.__mro__[:own] for n in _OVERRIDES if n in base.__dict__), "")
        return overriding and f"{article} {name} takes part in its reading by {overriding}"
    if isinstance(value, str | bytes | int | float | complex):
        return ""
    if isinstance(value, Iterator | Awaitable) or (callable(value) and not isinstance(value, type)):
        return f"{article} {name} gives its numbers when it is read"
    if kind.__module__ != "builtins" and any(hasattr(kind, reader) for reader in (*_READERS, "result", "compute")):
        return f"{article} {name} gives its numbers when it is read"
    if isinstance(value, tuple | list):
        return next((reason for part in value[:4] if (reason := deferred(part))), "")
    return ""
