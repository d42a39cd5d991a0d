"""What one look at one output says: a Check, and how the answers for many elements are summed up in it."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_oracle.numbers.enclosure import Decision

EDGES = (-np.inf, -20.0, *(float(e) for e in range(-8, 13)), 20.0, 60.0, np.inf)
"""Edges of the distribution of errors, as log2 of ulp: exact results, below 2^-20, powers of two, the rest."""


def distribution(ulps: np.ndarray) -> np.ndarray:
    """How many errors (in ulp) fall between the edges; NaN counts as infinite."""
    with np.errstate(divide="ignore"):
        logs = np.log2(np.where(np.isnan(ulps), np.inf, ulps))
    places = np.searchsorted(EDGES[1:-1], np.ravel(logs), side="right")
    exact = np.isneginf(np.ravel(logs))
    return np.bincount(np.where(exact, 0, np.maximum(places, 0)), minlength=len(EDGES) - 1)


@dataclass(frozen=True, eq=False)
class Check:
    """The outcome of one property, at one level, on one output.

    ``ratio``: the largest measured/limit (inf where no limit could hold, 0 where nothing was measured).
    ``index``: the element (of the result) that shows it; ``cause``: what kind of wrong it is, for grouping.
    """

    property: str
    level: str
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
    histogram: np.ndarray | None = None  # counts of errors in ulp, by `EDGES`

    @builtins.property
    def failed(self) -> bool:
        """Whether the property is violated."""
        return self.violated > 0


def from_ratios(property: str, level: str, ratios: np.ndarray, margin: float, **facts: Any) -> Check:
    """A check of a quantity against its slack, from measured/slack by element.

    ``margin`` is the relative error of the ratios themselves: between 1 and 1 + margin the answer is undecided.
    """
    if ratios.size == 0:
        return Check(property, level, 0, **facts)
    ratios = np.where(np.isnan(ratios), np.inf, ratios)
    violated = ratios > 1 + margin
    unclear = (ratios > 1 - margin) & ~violated
    worst = int(np.argmax(ratios))
    return Check(
        property, level, ratios.size, int(violated.sum()), int(unclear.sum()), float(ratios.flat[worst]),
        tuple(int(k) for k in np.unravel_index(worst, ratios.shape)), **facts,
    )  # fmt: skip


def from_decisions(property: str, level: str, decisions: np.ndarray, ratios: np.ndarray, **facts: Any) -> Check:
    """A check from three-valued decisions; ``ratios`` picks the worst element among the violated (or among all)."""
    if decisions.size == 0:
        return Check(property, level, 0, **facts)
    violated = decisions == Decision.YES
    count = int(np.count_nonzero(violated))
    ranked = np.where(np.isnan(ratios), np.inf, ratios)
    worst = int(np.argmax(np.where(violated, ranked, -1.0) if count else ranked))
    return Check(
        property, level, decisions.size, count, int(np.count_nonzero(decisions == Decision.UNDECIDED)),
        float(ranked.flat[worst]), tuple(int(k) for k in np.unravel_index(worst, decisions.shape)), **facts,
    )  # fmt: skip
