"""Inputs as people give them: the logits of a call as integers, lists, a subclass, a masked array, ...

The kinds are those of `softcert_implementations.contract_values.INPUT_KINDS`. Logits travel as an array of the format;
here, in the subject's process, they take on their kind. What a library does not have is `UnsupportedError`, what this
machine does not have `UnavailableError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from softcert_implementations.adapters.base import (
    Adapter,
    Argument,
    Raw,
    UnavailableError,
    UnsupportedError,
    View,
    numpy_view,
    require,
)

PLAIN = "arrays"
"""The kind that every function is called with: arrays of the format."""

NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "bool")
"""Kinds that are arrays of another type."""

WITH_LABELS = ("lists", "NumPy scalars", "other device")
"""Kinds in which the labels of a call are given as well."""

_NATIVE = ("float16", "float32", "float64")  # formats that NumPy itself has, and not ml_dtypes


def given(library: Adapter, raw: Raw, device: str, kind: str) -> Argument:
    """The argument that an array becomes in one kind.

    Parameters
    ----------
    library
        The subject's array library.
    raw
        Logits of the format, whose values the kind can hold, or labels.
    device
        Where the contract places arguments.
    kind
        One of `softcert_implementations.contract_values.INPUT_KINDS`, of one word each.

    Raises
    ------
    UnsupportedError, UnavailableError
        Where the library has no such kind, or this machine.
    """
    if kind == PLAIN:
        return library.argument(raw, device)
    if kind in NUMBERS:
        own = View.of(numpy_view(raw).astype(kind))
        return _watched(raw, library.argument(own, device).value, lambda: numpy_view(own))
    if kind == "0-d":
        return library.argument(_first(raw), device)
    if kind in _LISTS:
        listed = _LISTS[kind](numpy_view(raw))
        return _watched(raw, listed, lambda: np.array(listed, np.float64))
    if (library.name, kind) not in _MADE:
        raise UnsupportedError(f"{library.name} has no logits of the kind {kind!r}")
    return _MADE[library.name, kind](library, raw, device)


def _first(raw: Raw) -> View:
    """The first element by itself, an array without axes."""
    return View(data=raw.data, format=raw.format, shape=(), strides=(), offset=raw.offset, writeable=raw.writeable)


def _watched(raw: Raw, value: Any, now: Callable[[], np.ndarray]) -> Argument:
    """An argument that lives outside the request, with what reads it back: its values, where a call changed them."""
    before = np.array(numpy_view(raw), np.float64)

    def read_back() -> bytes:
        whole = np.frombuffer(raw.data, np.uint8)
        try:
            after = now().astype(np.float64)
            same = after.shape == before.shape and np.array_equal(after, before, equal_nan=True)
        except (TypeError, ValueError):  # of lists, the structure may have changed too
            same = False
        return (whole if same else ~whole).tobytes()  # inverted: what stands there now is something else

    return Argument(value, read_back)


def _plain_list(view: np.ndarray) -> list[Any]:
    listed: list[Any] = (view if view.dtype.kind in "iu" else view.astype(np.float64)).tolist()
    return listed


def _scalars(view: np.ndarray) -> list[Any]:
    return [list(row) if row.ndim else row for row in view]


_LISTS: Mapping[str, Callable[[np.ndarray], list[Any]]] = {"lists": _plain_list, "NumPy scalars": _scalars}


def _native(raw: Raw, kind: str) -> np.ndarray:
    if raw.format not in _NATIVE:
        raise UnsupportedError(f"NumPy itself has no {raw.format}: no logits of the kind {kind!r}")
    return numpy_view(raw)


def _swapped(library: Adapter, raw: Raw, device: str) -> Argument:
    view = _native(raw, "big-endian")
    value = view.astype(view.dtype.newbyteorder())
    return _watched(raw, value, lambda: value)


class Logits(np.ndarray):
    """A subclass of NumPy's array that changes nothing."""


def _subclass(library: Adapter, raw: Raw, device: str) -> Argument:
    return Argument(numpy_view(raw).view(Logits))


def _masked(library: Adapter, raw: Raw, device: str) -> Argument:
    view = _native(raw, "masked")
    return Argument(np.ma.MaskedArray(view, mask=np.zeros(view.shape, bool)))


def _of_frame(library: Adapter, raw: Raw, device: str) -> Argument:
    pandas = require("pandas", "pandas")
    view = _native(raw, "DataFrame")
    value = pandas.DataFrame(np.atleast_2d(view)).to_numpy()
    value = value if view.ndim > 1 else value[0]
    return _watched(raw, value, lambda: value)


def _tensor_subclass(library: Adapter, raw: Raw, device: str) -> Argument:
    torch = require("torch", "torch")
    argument = library.argument(raw, device)
    kind = type("Logits", (torch.Tensor,), {})
    return Argument(argument.value.as_subclass(kind), argument.read_back)


def _requiring_grad(library: Adapter, raw: Raw, device: str) -> Argument:
    argument = library.argument(raw, device)
    return Argument(argument.value.requires_grad_(True), argument.read_back)


def _elsewhere(library: Adapter, raw: Raw, device: str) -> Argument:
    torch = require("torch", "torch")
    other = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else ""
    if not other or device.startswith(other):
        raise UnavailableError("torch sees no other device here")
    return library.argument(raw, other)


_MADE: Mapping[tuple[str, str], Callable[[Adapter, Raw, str], Argument]] = {
    ("numpy", "big-endian"): _swapped,
    ("numpy", "subclass"): _subclass,
    ("numpy", "masked"): _masked,
    ("numpy", "DataFrame"): _of_frame,
    ("torch", "subclass"): _tensor_subclass,
    ("torch", "requires_grad"): _requiring_grad,
    ("torch", "other device"): _elsewhere,
}
"""What one library alone has, by its name and the kind."""
