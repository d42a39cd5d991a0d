"""The outcome of one property on one output: a Check, and how the answers for many elements are summed up in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_oracle.levels import Level
from softcert_oracle.numbers.enclosure import Decision

EDGES = (-np.inf, -20.0, *(float(e) for e in range(-8, 13)), 20.0, 60.0, np.inf)
"""Edges of the distribution of errors, as log2 of ulp: exact results, below 2^-20, powers of two, the rest."""

INFINITE = float("inf")
"""The ratio of a check that no limit could hold."""

NAN, INFINITY, ZERO, VALUE = "nan", "infinity", "zero", "value"
"""Causes of a wrong number, the most telling first."""

BITS = "bits"
"""The cause where results have other bits although the contract promises the same."""

VACUOUS = "vacuous"
"""Cause of a check that looked at nothing, because the limit could not tell a degenerate output from the truth."""


def distribution(ulps: np.ndarray) -> np.ndarray:
    """How many errors (in ulp) fall between the `EDGES`; NaN counts as infinite."""
    with np.errstate(divide="ignore"):
        logs = np.log2(np.where(np.isnan(ulps), np.inf, ulps))
    places = np.searchsorted(EDGES[1:-1], np.ravel(logs), side="right")
    exact = np.isneginf(np.ravel(logs))
    return np.bincount(np.where(exact, 0, np.maximum(places, 0)), minlength=len(EDGES) - 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Check:
    """The outcome of one property, at one level, on one output.

    Attributes
    ----------
    property_name, level
        What was checked (a name of `softcert.properties.table.PROPERTIES`), and for which level.
    checked, violated, undecided
        Numbers of elements, or 1 for a statement about the whole output.
    ratio
        The largest measured/limit: infinite where no limit could hold, 0 where nothing was measured.
    index
        The element of the result that shows it.
    cause
        The kind of error, by which violations are grouped.
    measured, limit, unit
        The worst element's error and limit, in ``unit`` ("ulp" or "slack").
    ulp
        The largest error of the output in ulp.
    histogram
        Counts of errors in ulp by `EDGES`, at level "stable".
    """

    property_name: str
    level: Level
    checked: int
    violated: int = 0
    undecided: int = 0
    ratio: float = 0.0
    index: tuple[int, ...] = ()
    cause: str = ""
    measured: float = 0.0
    limit: float = 0.0
    unit: str = ""
    message: str = ""
    ulp: float = 0.0
    histogram: np.ndarray | None = None

    @property
    def failed(self) -> bool:
        """Whether the property is violated."""
        return self.violated > 0


def passed(property_name: str, level: Level = Level.SOUND) -> Check:
    """The check of a statement about a whole output that holds."""
    return Check(property_name=property_name, level=level, checked=1)


def refused(property_name: str, *, cause: str, message: str = "", level: Level = Level.SOUND) -> Check:
    """The check of a statement about a whole output that does not hold."""
    return Check(
        property_name=property_name,
        level=level,
        checked=1,
        violated=1,
        ratio=INFINITE,
        cause=cause,
        message=message,
    )


def from_ratios(property_name: str, level: Level, ratios: np.ndarray, margin: float, **facts: Any) -> Check:
    """A check of a quantity against its slack.

    Parameters
    ----------
    property_name, level
        What is checked.
    ratios
        measured/slack by element, any shape; NaN counts as infinite.
    margin
        The relative error of the ratios themselves: between 1 - margin and 1 + margin the answer is undecided.
    **facts
        Further fields of the check.
    """
    if ratios.size == 0:
        return Check(property_name=property_name, level=level, checked=0, **facts)
    ratios = np.where(np.isnan(ratios), np.inf, ratios)
    violated = ratios > 1 + margin
    unclear = (ratios > 1 - margin) & ~violated
    worst = int(np.argmax(ratios))
    return Check(
        property_name=property_name,
        level=level,
        checked=ratios.size,
        violated=int(violated.sum()),
        undecided=int(unclear.sum()),
        ratio=float(ratios.flat[worst]),
        index=tuple(int(k) for k in np.unravel_index(worst, ratios.shape)),
        **facts,
    )


def from_decisions(property_name: str, level: Level, decisions: np.ndarray, ratios: np.ndarray, **facts: Any) -> Check:
    """A check from three-valued decisions by element (YES: violated).

    ``ratios``, of the same shape, pick the worst element: among the violated ones, or among all where none is.
    """
    if decisions.size == 0:
        return Check(property_name=property_name, level=level, checked=0, **facts)
    violated = decisions == Decision.YES
    count = int(np.count_nonzero(violated))
    ranked = np.where(np.isnan(ratios), np.inf, ratios)
    worst = int(np.argmax(np.where(violated, ranked, -1.0) if count else ranked))
    return Check(
        property_name=property_name,
        level=level,
        checked=decisions.size,
        violated=count,
        undecided=int(np.count_nonzero(decisions == Decision.UNDECIDED)),
        ratio=float(ranked.flat[worst]),
        index=tuple(int(k) for k in np.unravel_index(worst, decisions.shape)),
        **facts,
    )
