"""One call of one operation: arguments into the library's arrays, the function, its results as bits.

Shared by every executor and by the trial calls of the resolver, so that a subject is called in one way only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softcert_implementations.adapters import Adapter, NotAnArrayError, Raw, View, adapter
from softcert_implementations.adapters.base import format_name
from softcert_implementations.implementation import Implementation
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

PYTHON_FLOAT = "python-float"
"""The format of a scalar returned as a Python number: float64 bits, accepted in the place of any format."""


@dataclass(frozen=True)
class Outcome:
    """What a call gave: arrays (C order), their formats, and the arguments that live elsewhere than in the request.

    ``changed`` maps the index of an argument to the function that reads its buffer back.
    """

    results: tuple[np.ndarray, ...]
    formats: tuple[str, ...]
    read_back: Mapping[int, Callable[[], bytes]] = field(default_factory=dict)


def call(
    implementation: Implementation,
    operation: str,
    format: str,
    arrays: Sequence[Raw],
    keywords: Mapping[str, Raw] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Outcome:
    """Call the implementation's function of that operation once; for a function of one row, once a row.

    Raises what the subject raises; `UnsupportedError`, `UnavailableError` and `NotAnArrayError` of the adapter;
    `UsageError` where the implementation has no such operation.
    """
    if operation not in implementation.ops:
        raise UsageError(f"operation={operation!r}: {implementation.name} has {', '.join(implementation.ops)}.")
    library = adapter(implementation.arrays)
    library.check()
    device = implementation.contract.terms(operation, format).device
    function = implementation.ops[operation]
    keywords, options = keywords or {}, options or {}
    with library.surroundings(format):
        if implementation.batched is False:
            return _mapped(library, function, operation, arrays, keywords, options, device)
        arguments = [library.argument(a, device) for a in arrays]
        named = {k: library.argument(a, device) for k, a in keywords.items()}
        value = function(*(a.value for a in arguments), **{k: a.value for k, a in named.items()}, **options)
        results, names = _results(library, operation, value)
    read_back = {i: a.read_back for i, a in enumerate([*arguments, *named.values()]) if a.read_back is not None}
    return Outcome(results, names, read_back)


def _mapped(
    library: Adapter,
    function: Callable[..., Any],
    operation: str,
    arrays: Sequence[Raw],
    keywords: Mapping[str, Raw],
    options: Mapping[str, Any],
    device: str,
) -> Outcome:
    rows = []
    for i in range(arrays[0].shape[0]):
        arguments = [library.argument(_row(a, i), device).value for a in arrays]
        named = {k: library.argument(_row(a, i) if a.shape[:1] == arrays[0].shape[:1] else a, device).value
                 for k, a in keywords.items()}  # fmt: skip
        rows.append(_results(library, operation, function(*arguments, **named, **options)))
    if not rows:
        shape = (0, *arrays[0].shape[1:]) if _per_class(operation) else (0,)
        return Outcome((np.empty(shape, _like(arrays[0])),), (arrays[0].format,))
    kinds = {(r[0][0].shape, r[1][0]) for r in rows}
    if len(kinds) > 1:
        seen = ", ".join(sorted(f"{name} {shape}" for shape, name in kinds))
        raise NotAnArrayError(f"returned results of different kinds for the rows of one batch: {seen}")
    return Outcome((np.stack([r[0][0] for r in rows]),), (rows[0][1][0],))


def _like(raw: Raw) -> np.dtype[Any]:
    from softcert_implementations.adapters.base import numpy_dtype

    return numpy_dtype(raw.format)


def _per_class(operation: str) -> bool:
    return "C" in operations.OPERATIONS[operation].result


def _row(raw: Raw, index: int) -> View:
    offset = raw.offset + index * raw.strides[0]
    return View(raw.data, raw.format, raw.shape[1:], raw.strides[1:], offset, raw.writeable)


def _results(library: Adapter, operation: str, value: Any) -> tuple[tuple[np.ndarray, ...], tuple[str, ...]]:
    count = operations.OPERATIONS[operation].result.count("(")
    if count == 1:
        parts: tuple[Any, ...] = (value,)
    elif isinstance(value, tuple | list) and len(value) == count:
        parts = tuple(value)
    else:
        raise NotAnArrayError(f"returned {type(value).__qualname__}; {operation} has {count} results, as a tuple")
    pairs = [_one(library, v) for v in parts]
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)


def _one(library: Adapter, value: Any) -> tuple[np.ndarray, str]:
    if value is None:
        raise NotAnArrayError("returned None: does the function end without a return?")
    if type(value) in (float, int):
        try:
            return np.array(float(value)), PYTHON_FLOAT
        except OverflowError:
            raise NotAnArrayError("returned a Python integer beyond the range of float64") from None
    if type(value) in (tuple, list):
        raise NotAnArrayError(f"returned a {type(value).__name__} of {len(value)}, not one array")
    array = library.result(value)
    return array, format_name(array.dtype)
