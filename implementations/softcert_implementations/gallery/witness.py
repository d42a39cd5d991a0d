"""Small inputs that show a defect, as functions of the format.

Each function returns a `Witness`: called with a format's name, it builds the arguments in that format, so one trigger
("past the overflow of exp") serves all of a defect's formats. Further keywords (``labels``, ``upstream``, options)
become arguments too: labels as int64, masks as bool, other lists and arrays in the format, anything else as it is.
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
    """The rows as given.

    Parameters
    ----------
    *values
        Rows of logits, all of the same length.
    scale
        A factor of all logits.
    **others
        Further arguments.

    Examples
    --------
    >>> rows([1, 2], [3, 4], labels=[0, 1])("float32")
    {'x': array([[1., 2.],
           [3., 4.]], dtype=float32), 'labels': array([0, 1])}
    """

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        return {"x": (np.array(values, np.float64) * scale).astype(dtype), **_arguments(others, dtype)}

    return build


def overflowing(*values: Row, **others: Any) -> Witness:
    """Rows in units of log(largest number): exp overflows beyond 1 and underflows to 0 below about -1.6.

    Parameters
    ----------
    *values
        Rows of logits in that unit: 11.09 in float16, 88.72 in float32, 709.8 in float64. exp underflows to 0 below
        about -1.56, -1.17 and -1.05 of it.
    **others
        Further arguments.

    Examples
    --------
    >>> overflowing([1.0, 0.5])("float32")["x"]
    array([[88.72284, 44.36142]], dtype=float32)
    """

    def build(format: str) -> dict[str, Any]:
        return rows(*values, scale=math.log(formats.lookup(format).largest), **others)(format)

    return build


def normal(m: int, C: int, scale: float = 1.0, offset: float = 0.0, seed: int = 7, **others: Any) -> Witness:
    """Normal logits (m, C) of a fixed seed.

    Parameters
    ----------
    m, C
        The numbers of rows and of classes.
    scale, offset
        Standard deviation and mean of the logits.
    seed
        Seed of the generator.
    **others
        Further arguments.
    """

    def build(format: str) -> dict[str, Any]:
        values = np.random.default_rng(seed).standard_normal((m, C)) * scale + offset
        dtype = formats.lookup(format).dtype
        return {"x": values.astype(dtype), **_arguments(others, dtype)}

    return build


def constant(m: int, C: int, value: float = 0.0, **others: Any) -> Witness:
    """Logits (m, C) that are all equal to ``value``."""

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        return {"x": np.full((m, C), value, dtype), **_arguments(others, dtype)}

    return build


def spike(C: int, position: int, height: float = 20.0, elsewhere: float = 0.0, **others: Any) -> Witness:
    """One row (1, C) of logits that are ``elsewhere``, but ``height`` at one position."""

    def build(format: str) -> dict[str, Any]:
        dtype = formats.lookup(format).dtype
        x = np.full((1, C), elsewhere, dtype)
        x[0, position] = height
        return {"x": x, **_arguments(others, dtype)}

    return build


def viewed(view: Callable[[np.ndarray], np.ndarray], m: int, C: int, **others: Any) -> Witness:
    """Normal logits of shape (m, C), of standard deviation 2, seen through a view.

    Parameters
    ----------
    view
        A function that slices or transposes the contiguous array and copies nothing.
    m, C
        The shape of the contiguous array, not of the view.
    **others
        Further arguments.
    """

    def build(format: str) -> dict[str, Any]:
        arguments = normal(m, C, 2.0, **others)(format)
        return {**arguments, "x": view(arguments["x"])}

    return build


def after(history: Sequence[Witness], last: Witness) -> Witness:
    """The last input, given after calls with others.

    Parameters
    ----------
    history
        The calls that come before, in order.
    last
        The call whose answer is wrong.
    """

    def build(format: str) -> dict[str, Any]:
        return {**last(format), "history": tuple(each(format) for each in history)}

    return build


def _arguments(others: dict[str, Any], dtype: np.dtype[Any]) -> dict[str, Any]:
    arguments = dict(others)
    for name, value in others.items():
        if name == "labels":
            arguments[name] = np.asarray(value) if isinstance(value, np.ndarray) else np.array(value, np.int64)
        elif name == "mask":
            arguments[name] = np.array(value, np.bool_)
        elif isinstance(value, (list, tuple, np.ndarray)):
            arguments[name] = np.array(value, np.float64).astype(dtype)
    return arguments
