"""The checks of the values of many calls as a table: a row for each call, a column for each check.

A call *holds* where nothing is violated in its row. Such rows are counted by sums over columns; a `Check` is made only
for what is wrong, or worse than all before.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.properties import accuracy, structure
from softcert.properties.check import EDGES, NAN, VACUOUS, VALUE, Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.judging import Columns
from softcert_oracle.judging.columns import WHOLE_ROW
from softcert_oracle.levels import Level

Key = tuple[str, Level]
"""A column: the name of a property, and a level."""

FINITE, SPECIAL = "finite", "special_values"


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockRow:
    """The checks of one call, as row ``number`` of the columns of its block. Each is made when it is asked for."""

    output: JudgedCall
    columns: Columns
    number: int

    @cached_property
    def special(self) -> tuple[Check, ...]:
        """The check of special values, where the call has some."""
        absent = int(self.columns.absent[self.number])
        if self.columns.absent_wrong[self.number]:
            return (accuracy.check_special(self.output),)
        return (Check(property_name=SPECIAL, level=Level.SOUND, checked=absent),) if absent else ()

    @cached_property
    def stable(self) -> Check:
        """Accuracy at level "stable"."""
        return self.accuracy(Level.STABLE)

    @cached_property
    def sound(self) -> Check:
        """Accuracy at level "sound"."""
        return self.accuracy(Level.SOUND) if self.stable.failed else accuracy.within_sound(self.stable)

    @property
    def rounding(self) -> tuple[int, int]:
        """How many ordinary numbers the output has, and how many of them are not correctly rounded."""
        return int(self.columns.plain[self.number]), int(self.columns.not_nearest[self.number])

    def accuracy(self, level: Level) -> Check:
        """Accuracy at a level."""
        k, columns = self.number, self.columns
        column = columns.checks[accuracy.PROPERTY, level]
        if not column.checked[k]:
            return Check(property_name=accuracy.PROPERTY, level=level, checked=0, cause=VACUOUS)
        index = self._index(accuracy.PROPERTY, level)
        violated = int(column.violated[k])
        return Check(
            property_name=accuracy.PROPERTY,
            level=level,
            checked=int(column.checked[k]),
            violated=violated,
            undecided=int(column.undecided[k]),
            ratio=float(column.ratio[k]),
            index=index,
            cause=accuracy.cause(self.output, index) if violated else "",
            measured=float(column.measured[k]),
            limit=float(column.limit[k]),
            unit="ulp",
            ulp=float(columns.ulp[k]),
            histogram=columns.histogram[k] if level == Level.STABLE else None,
        )

    @cached_property
    def finite(self) -> Check:
        """Whether numbers that ought to be finite are."""
        k, level = self.number, Level.SOUND if self.sound.failed else Level.STABLE
        violated = int(self.columns.checks[FINITE, level].violated[k])
        checked = int(self.columns.plain[k])
        if not violated:
            return Check(property_name=FINITE, level=level, checked=checked)
        index = self._index(FINITE, level)
        return Check(
            property_name=FINITE,
            level=level,
            checked=checked,
            violated=violated,
            ratio=np.inf,
            index=index,
            cause=accuracy.cause(self.output, index),
        )

    @cached_property
    def structure(self) -> tuple[Check, ...]:
        """The structural properties: at "stable", and at "sound" where they do not hold there either."""
        return tuple(self.structural(name) for name in structure.names(self.output.operation))

    def structural(self, name: str) -> Check:
        """One structural property."""
        k, columns = self.number, self.columns
        level = Level.STABLE
        if columns.checks[name, level].violated[k] and columns.checks[name, Level.SOUND].violated[k]:
            level = Level.SOUND
        column = columns.checks[name, level]
        index = self._index(name, level)
        violated, ratio = int(column.violated[k]), float(column.ratio[k])
        broken = violated and bool(np.isnan(self.output.got[index[:1]]).any())
        return Check(
            property_name=name,
            level=level,
            checked=int(columns.checks[name, Level.STABLE].checked[k]),
            violated=violated,
            undecided=int(column.undecided[k]),
            ratio=ratio,
            index=index,
            cause="" if not violated else NAN if broken else VALUE,
            measured=ratio,
            limit=1.0,
            unit="slack",
        )

    def _index(self, name: str, level: Level) -> tuple[int, ...]:
        """The element of the result that shows a check; its row alone where the property is about rows."""
        column, k = self.columns.checks[name, level], self.number
        dimensions = min(self.output.got.ndim, 1 if name in WHOLE_ROW else 2)
        return (int(column.row[k]), int(column.index[k]))[:dimensions]

    def check(self, key: Key) -> Check:
        """The check of a column, in a call where nothing that the column says is violated."""
        name, level = key
        if name == accuracy.PROPERTY:
            return self.sound if level == Level.SOUND else self.accuracy(level)
        if name in (FINITE, SPECIAL):
            return self.finite if name == FINITE else self.special[0]
        return self.structural(name)


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
        self.rows: list[BlockRow | None] = [None] * calls

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
        usable = (columns.ordinary & (columns.plain > 0)).tolist()
        for number, (place, output) in enumerate(zip(places, outputs, strict=True)):
            if usable[number]:
                self.rows[place] = BlockRow(output=output, columns=columns, number=number)

    def wrong(self, lost: Container[Level]) -> np.ndarray:
        """bool (N,): calls that are judged by themselves, or violate a check at a level that is not ``lost``."""
        counted = [k for k, key in enumerate(self.keys) if key[0] != accuracy.PROPERTY or key[1] not in lost]
        alone = np.array([row is None for row in self.rows], bool)
        return np.asarray(alone | (self.violated[:, counted] > 0).any(axis=1))
