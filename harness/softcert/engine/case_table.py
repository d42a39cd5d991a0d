"""The checks of the values of many calls as a table: a row for each call, a column for each check.

Calls in which nothing is wrong are counted by sums over columns; a `Check` is made only for what is wrong, or worse
than all before.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from softcert.properties import accuracy, stacked, structure
from softcert.properties.check import EDGES
from softcert.properties.judged_call import JudgedCall
from softcert.properties.stacked import FINITE, SPECIAL, JudgedRow
from softcert_oracle.judging import Columns
from softcert_oracle.levels import Level

Key = tuple[str, Level]
"""A column: the name of a property, and a level."""


def keys(operation: str) -> tuple[Key, ...]:
    """The columns of an operation, in the order in which the checks of a call are made."""
    of_values = (SPECIAL, Level.SOUND), (FINITE, Level.STABLE), *((accuracy.PROPERTY, level) for level in Level)
    return (*of_values, *((name, Level.STABLE) for name in structure.names(operation)))


class CaseTable:
    """The checks of N calls of one operation, as far as they were judged in blocks.

    Attributes
    ----------
    keys
        The columns: what holds at "stable" where nothing is wrong, and accuracy at each level.
    present
        bool (N, K): whether the call has the check at all.
    checked, violated, undecided
        int64 (N, K): how many numbers each check looked at, found wrong, and left open.
    ratio
        float64 (N, K): the largest measured/limit.
    ulp, limit, magnitude
        float64 (N,): the largest error in ulp, the limit at the worst number at "stable", in ulp, and the largest
        finite abs(logit).
    plain, not_nearest
        int64 (N,): ordinary numbers, and those of them that are not correctly rounded.
    special
        bool (N,): whether the logits have rows that special values alone decide.
    histogram
        int64 (N, bins): errors in ulp by size.
    rows
        Where the checks of each call come from; None for a call that is judged by itself.
    """

    def __init__(self, operation: str, calls: int) -> None:
        self.keys = keys(operation)
        shape = calls, len(self.keys)
        self.present = np.ones(shape, bool)
        self.checked, self.violated, self.undecided = (np.zeros(shape, np.int64) for _ in range(3))
        self.ratio = np.zeros(shape)
        self.ulp, self.limit, self.magnitude = np.zeros(calls), np.zeros(calls), np.zeros(calls)
        self.plain, self.not_nearest = np.zeros(calls, np.int64), np.zeros(calls, np.int64)
        self.histogram = np.zeros((calls, len(EDGES) - 1), np.int64)
        self.special = np.zeros(calls, bool)
        self.rows: list[JudgedRow | None] = [None] * calls

    def enter(self, places: Sequence[int], outputs: Sequence[JudgedCall], columns: Columns) -> None:
        """Enter the columns of a block, whose cases are the calls at ``places``."""
        at = np.asarray(places)
        for k, (name, level) in enumerate(self.keys):
            if name == SPECIAL:
                self.present[at, k] = columns.absent > 0
                self.checked[at, k], self.violated[at, k] = columns.absent, columns.absent_wrong
                continue
            column = columns.checks[name, level]
            self.violated[at, k] = column.violated
            if name == FINITE:
                self.checked[at, k] = columns.plain
                continue
            if level == Level.SOUND:  # what is within the narrower limit is not judged by the wider one
                column = columns.checks[name, Level.STABLE]
            else:
                self.undecided[at, k] = column.undecided
            self.checked[at, k], self.ratio[at, k] = column.checked, column.ratio
        self.limit[at] = columns.checks[accuracy.PROPERTY, Level.STABLE].limit
        self.ulp[at], self.plain[at], self.not_nearest[at] = columns.ulp, columns.plain, columns.not_nearest
        self.histogram[at] = columns.histogram
        for number, (place, output) in enumerate(zip(places, outputs, strict=True)):
            if stacked.has_row(output, columns, number):
                self.rows[place] = JudgedRow(output=output, columns=columns, number=number)
                self.special[place] = not columns.ordinary[number]

    def wrong(self, lost: Container[Level]) -> np.ndarray:
        """bool (N,): calls that are judged by themselves, have special rows, or violate a check that is not lost."""
        counted = [k for k, key in enumerate(self.keys) if key[0] != accuracy.PROPERTY or key[1] not in lost]
        alone = np.array([row is None for row in self.rows], bool)
        return np.asarray(alone | self.special | (self.violated[:, counted] > 0).any(axis=1))
