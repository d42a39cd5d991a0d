"""Candidates: wrong and correct implementations as functions that take arrays of any library, in any rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softcert.assertions.arrays import as_numpy, like
from softcert_implementations.gallery import CORRECT, DEFECTS, DEGENERATE, Correct
from softcert_implementations.gallery.exploits import EXPLOITS
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.numbers import formats

DEFECT, NOTHING, EXPLOIT, RIGHT = "defect", "degenerate", "exploit", "correct"
PARTS = (DEFECT, NOTHING, EXPLOIT, RIGHT)
"""The parts of an audit: models of defects, what computes nothing, exploits of inputs, and correct implementations."""

_KEPT = 6  # calls of a candidate whose arguments are kept
_KEPT_SIZE = 500_000  # logits of all of them


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """An implementation of one operation that a check is tried on.

    Attributes
    ----------
    name, part, family
        Which it is; ``part`` is one of `PARTS`, ``family`` that of the gallery.
    operation, format
        What it computes, in which format it is known to be wrong (or right).
    behaves, remedy
        What it does, and what to do about it; "" for correct ones.
    fresh
        Makes the function, with no call behind it.
    arrays
        "numpy" or "torch": what the function takes.
    contract
        The claims that its author makes; empty for most.
    """

    name: str
    part: str
    family: str
    operation: str
    format: str
    behaves: str
    remedy: str
    fresh: Callable[[], Callable[..., Any]]
    arrays: str = "numpy"
    contract: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wrong(self) -> bool:
        """Whether a check must refuse it."""
        return self.part != RIGHT


def entries(operation: str, format: str, family: str | None = None) -> list[Entry]:
    """All that an operation is audited with in a format.

    Parameters
    ----------
    operation, format
        Their names.
    family
        Only defects of this family, and nothing else, where it is given.

    Raises
    ------
    UsageError
        For an operation that is not a core one, an unknown format, and a family without such defects.
    """
    name = operations.lookup(operation).name
    if name not in operations.CORE:
        raise UsageError(f"operation={operation!r}: audits exist for {', '.join(operations.CORE)}.")
    formats.lookup(format)
    found = list(_entries(name, format))
    if family is not None:
        found = [e for e in found if e.family == family]
        if not found:
            raise UsageError(f"family={family!r} has no defect of {name} in {format}; `softcert list defects` has all.")
    return found


def _entries(operation: str, format: str) -> Iterator[Entry]:
    groups = ((DEFECT, DEFECTS), (NOTHING, DEGENERATE), (EXPLOIT, EXPLOITS))
    for part, models in groups:
        for model in models:
            if model.operation != operation or model.debated or model.option:
                continue
            if format in model.formats or part != DEFECT:
                yield Entry(
                    name=model.name,
                    part=part,
                    family=model.family,
                    operation=operation,
                    format=format,
                    behaves=model.behaves,
                    remedy=model.remedy,
                    fresh=model.fresh,
                    arrays=model.arrays,
                    contract=model.contract,
                )
    for each in CORRECT:
        if operation in each.ops and format in each.formats and _is_plain(each, operation, format):
            yield Entry(
                name=each.name,
                part=RIGHT,
                family="",
                operation=operation,
                format=format,
                behaves=each.note,
                remedy="",
                fresh=lambda f=each.ops[operation]: f,  # type: ignore[misc]
                arrays=each.arrays,
                contract=each.contract,
            )


def _is_plain(each: Correct, operation: str, format: str) -> bool:
    """Whether a check with no contract in hand must accept it: stable, and the mean of its losses."""
    reduces = each.contract.get("reduction", "mean") == "mean"
    return reduces and each.expected_level(operation, format) >= Level.STABLE


@dataclass(eq=False)
class Candidate:
    """A candidate as a check sees it: a function of logits (..., C), and labels, in the library of its arguments.

    Parameters
    ----------
    entry
        What it is. A check that looks at it audits itself.

    Attributes
    ----------
    calls
        The first few arguments that it was called with, as NumPy arrays.
    shapes, seen_formats
        All shapes (m, C) and formats that it was called with.
    """

    entry: Entry
    calls: list[tuple[np.ndarray, ...]] = field(default_factory=list)
    shapes: dict[tuple[int, ...], None] = field(default_factory=dict)
    seen_formats: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._function = self.entry.fresh()

    @property
    def operation(self) -> str:
        """The operation that it computes."""
        return self.entry.operation

    @property
    def format(self) -> str:
        """The format that it is audited in."""
        return self.entry.format

    @property
    def contract(self) -> Mapping[str, Any]:
        """What its author claims, for checks that take a contract."""
        return self.entry.contract

    def __call__(self, x: Any, labels: Any = None, *, dim: int = -1, axis: int | None = None) -> Any:
        """The operation over the last axis, or over ``dim`` (``axis``)."""
        given = as_numpy("x", x)
        along = axis if axis is not None else dim
        moved = np.moveaxis(given, along, -1) if given.ndim > 1 else given
        rows = moved.reshape(-1, moved.shape[-1]) if moved.ndim != 2 else moved
        arguments = (rows,) if labels is None else (rows, as_numpy("labels", labels).reshape(-1))
        self._record(arguments)
        return like(self._folded(self._result(arguments), moved, given, along), x)

    def _record(self, arguments: tuple[np.ndarray, ...]) -> None:
        x = arguments[0]
        self.shapes[x.shape] = None
        self.seen_formats[str(x.dtype)] = None
        if len(self.calls) < _KEPT and x.size + sum(kept[0].size for kept in self.calls) <= _KEPT_SIZE:
            self.calls.append(tuple(a.copy() for a in arguments))

    def _result(self, arguments: tuple[np.ndarray, ...]) -> np.ndarray:
        if self.entry.arrays == "numpy":
            return np.asarray(self._function(*arguments))
        import torch

        given = [like(a, torch.zeros(0)) for a in arguments]
        return as_numpy("result", self._function(*given))

    def _folded(self, result: np.ndarray, moved: np.ndarray, given: np.ndarray, along: int) -> np.ndarray:
        """The result in the rank of the logits; whatever has another size stays as it is."""
        if result.ndim == 2 and result.size == moved.size:
            return (
                np.moveaxis(result.reshape(moved.shape), -1, along) if given.ndim > 1 else result.reshape(given.shape)
            )
        if result.ndim == 1 and moved.ndim != 2 and result.size * moved.shape[-1] == moved.size:
            return result.reshape(moved.shape[:-1])
        return result
