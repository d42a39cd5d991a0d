"""Small inputs that show a defect, as functions of the format.

Each returns a `Witness`: called with a format's name it builds the arguments in that format, so one trigger
("past the overflow of exp") serves all of a defect's formats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from softcert_implementations.gallery.model import Witness
from softcert_oracle.numbers import formats

Row = Sequence[float]


def rows(*values: Row, scale: float = 1.0, **others: Any) -> Witness:
    """The rows as given, times ``scale``. Array-valued options are converted to the format; labels to int64."""

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        return {"x": (np.array(values, np.float64) * scale).astype(dtype), **_arguments(others, dtype)}

    return build


def overflowing(*values: Row, **others: Any) -> Witness:
    """Rows in units of log(largest number): exp overflows beyond 1 and underflows to 0 below about -1.6."""

    def build(format: str) -> dict[str, Any]:
        return rows(*values, scale=math.log(formats.lookup(format).largest), **others)(format)

    return build


def normal(m: int, C: int, scale: float = 1.0, offset: float = 0.0, seed: int = 7, **others: Any) -> Witness:
    """Normal logits of a fixed seed, times ``scale``, plus ``offset``."""

    def build(format: str) -> dict[str, Any]:
        values = np.random.default_rng(seed).standard_normal((m, C)) * scale + offset
        dtype = formats.lookup(format).dtype
        return {"x": values.astype(dtype), **_arguments(others, dtype)}

    return build


def constant(m: int, C: int, value: float = 0.0, **others: Any) -> Witness:
    """m rows of C equal logits."""

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        return {"x": np.full((m, C), value, dtype), **_arguments(others, dtype)}

    return build


def spike(C: int, position: int, height: float = 20.0, elsewhere: float = 0.0, **others: Any) -> Witness:
    """One row of equal logits with another value at one position."""

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        x = np.full((1, C), elsewhere, dtype)
        x[0, position] = height
        return {"x": x, **_arguments(others, dtype)}

    return build


def viewed(view: Callable[[np.ndarray], np.ndarray], m: int, C: int, **others: Any) -> Witness:
    """Normal logits of shape (m, C) seen through ``view``, a function that slices or transposes."""

    def build(format: str) -> dict[str, Any]:
        made = normal(m, C, 2.0, **others)(format)
        return {**made, "x": view(made["x"])}

    return build


def after(history: Sequence[Witness], last: Witness) -> Witness:
    """The last input, seen after calls with others."""

    def build(format: str) -> dict[str, Any]:
        return {**last(format), "history": tuple(each(format) for each in history)}

    return build


def _arguments(others: dict[str, Any], dtype: np.dtype[Any]) -> dict[str, Any]:
    made = dict(others)
    for name, value in others.items():
        if name == "labels":
            made[name] = np.asarray(value) if isinstance(value, np.ndarray) else np.array(value, np.int64)
        elif name == "mask":
            made[name] = np.array(value, np.bool_)
        elif isinstance(value, (list, tuple, np.ndarray)):
            made[name] = np.array(value, np.float64).astype(dtype)
    return made
