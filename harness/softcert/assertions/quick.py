"""The quick answer: whether the compiled kernels find every number of a plain call within its limit."""

from __future__ import annotations

import numpy as np

from softcert.assertions.given import Given
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.judging import Block, Columns
from softcert_oracle.levels import Level


def block_of(call: Given, got: np.ndarray) -> Block | None:
    """A plain call and its result as a block; None where there are no numbers to judge.

    Raises
    ------
    UsageError
        For labels that are missing, of another shape, or out of range.
    """
    x, axis = call.arguments["x"], int(call.options.get("axis", -1))
    if x.size == 0 or x.ndim == 0:
        return None
    lead = np.moveaxis(x, axis, -1).shape[:-1]
    rows = _by_rows(x, axis)
    by_class = operations.lookup(call.operation).result == "(m, C)"
    labels = _labels(call, lead, rows.shape[1]) if operations.lookup(call.operation).takes_labels else None
    return Block(
        operation=call.operation,
        parameters=call.terms.limit_parameters,
        x=rows,
        starts=np.array([0, len(rows)], np.int64),
        got=_by_rows(got, axis) if by_class else np.ascontiguousarray(got.reshape(-1)),
        labels=labels,
    )


def passed(columns: Columns, level: Level) -> bool:
    """Whether all numbers are ordinary, looked at, and within the limit of a level."""
    column = columns.checks["accuracy", level]
    return (
        bool(columns.ordinary.all())
        and not columns.absent_wrong.any()
        and not column.violated.any()
        and not column.undecided.any()
        and bool(column.checked.any())
    )


def _by_rows(values: np.ndarray, axis: int) -> np.ndarray:
    moved = np.moveaxis(values, axis, -1)
    with np.errstate(invalid="ignore"):  # a signalling NaN is a NaN
        return np.ascontiguousarray(moved, np.float64).reshape(-1, moved.shape[-1])


def _labels(call: Given, lead: tuple[int, ...], classes: int) -> np.ndarray:
    labels = call.arguments.get("labels")
    if labels is None:
        raise UsageError(f"labels=None: {call.operation} needs a class index for each row.")
    if labels.shape != lead:
        raise UsageError(f"labels have shape {labels.shape}: one class index for each row, shape {lead}, is needed.")
    if labels.dtype.kind not in "iu":
        raise UsageError(f"labels have dtype {labels.dtype}: give class indices as integers.")
    flat = np.ascontiguousarray(labels.reshape(-1), np.int64)
    if flat.size and not 0 <= flat.min() <= flat.max() < classes:
        bad = int(flat[(flat < 0) | (flat >= classes)][0])
        raise UsageError(
            f"label={bad}: with {classes} classes a label is 0 to {classes - 1}. For rows that count for nothing give "
            "ignore_index."
        )
    return flat
