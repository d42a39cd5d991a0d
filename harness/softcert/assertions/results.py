"""The result that an assertion judges: its shape and format checked, its numbers as float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert.assertions.arrays import as_numpy
from softcert.assertions.given import Given
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats


def shapes_of(call: Given) -> tuple[tuple[int, ...], ...]:
    """The shapes of the results of a call; one but for the gradients of a linear layer."""
    if call.plain:
        x, entry = call.arguments["x"], operations.lookup(call.operation)
        if entry.result == "(m, C)":
            return (x.shape,)
        if entry.result == "()" and call.reduction != "none":
            return ((),)
        axis = int(call.options.get("axis", -1)) % max(x.ndim, 1)
        return (x.shape[:axis] + x.shape[axis + 1 :],)
    if call.operation == "linear_cross_entropy_grad":
        from softcert_oracle.options.reference import linear_shapes

        return linear_shapes(call.canonical)
    return (call.canonical.positions.shape,)


def exactly(call: Given, got: Any) -> tuple[np.ndarray, ...]:
    """The results as float64 arrays, without rounding.

    Raises
    ------
    AssertionError
        For another number of results, another shape, or a format that the contract does not promise. A Python float
        has no format of its own and is taken for a number of the result's.
    """
    shapes = shapes_of(call)
    parts = tuple(got) if len(shapes) > 1 else (got,)
    if len(parts) != len(shapes):
        raise AssertionError(f"{call.operation} has {len(shapes)} results; got has {len(parts)}.")
    return tuple(_one(call, part, shape) for part, shape in zip(parts, shapes, strict=True))


def _one(call: Given, got: Any, shape: tuple[int, ...]) -> np.ndarray:
    try:
        values = as_numpy("got", got)
    except UsageError as error:
        raise AssertionError(f"{call.operation}: the result is no array. {error}") from None
    if values.shape != shape:
        raise AssertionError(
            f"{call.operation}: the result has shape {values.shape}, not {shape}.{_hint(call, values)}"
        )
    promised = call.terms.result_format
    if not isinstance(got, float | int | list | tuple):
        format = formats.of_array(values)
        if format is None or format.name != promised:
            name = values.dtype.name if format is None else format.name
            told = f' If that is meant, state contract={{"result_format": "{name}"}}.' if format else ""
            raise AssertionError(
                f"{call.operation}: the result has format {name}; logits of {call.format} give {promised}.{told}"
            )
    with np.errstate(invalid="ignore"):
        return np.asarray(values, np.float64, order="C").reshape(shape)


def _hint(call: Given, values: np.ndarray) -> str:
    x = next(iter(call.arguments.values()))
    if call.operation == "cross_entropy" and values.shape == x.shape[:-1]:
        return ' For a loss of each row give reduction="none".'
    return ""
