"""Structural properties of one output: sums, ranges, signs, order, ties.

Each takes the limits of a level as its slack; `softcert_oracle.judging.properties` has their formulas. The statements
are about plain calls; a call with options has none.
"""

from __future__ import annotations

from softcert.properties import stacked
from softcert.properties.check import Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.judging.properties import NAMES


def names(operation: str) -> tuple[str, ...]:
    """The structural properties of an operation, in the order in which they are checked."""
    return tuple(name for name in NAMES.get(operation, ()) if name)


def check(judged: JudgedCall) -> list[Check]:
    """The structural checks of the operation, at "stable", and at "sound" where that fails."""
    row = stacked.alone(judged)
    return [] if row is None else list(row.structure)
