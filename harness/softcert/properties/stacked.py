"""The values of outputs, judged many at once: stacked by rows, judged as columns, one row of columns for each call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softcert.expected.special_values import overflows
from softcert.properties import accuracy
from softcert.properties.check import NAN, VACUOUS, VALUE, Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle import judging, operations
from softcert_oracle.judging import Columns
from softcert_oracle.judging.columns import WHOLE_ROW
from softcert_oracle.judging.properties import NAMES
from softcert_oracle.levels import Level

Key = tuple[str, Level]
"""A column: the name of a property, and a level."""

FINITE, SPECIAL = "finite", "special_values"


def stackable(output: JudgedCall) -> bool:
    """Whether an output can be judged with others of its operation, contract and class count."""
    return not output.call.has_options and output.operation in operations.CORE and output.inputs.exact.size > 0


def columns_of(outputs: Sequence[JudgedCall]) -> Columns:
    """Judge outputs that are `stackable`, of one operation, contract and class count: a row of columns for each."""
    first = outputs[0]
    starts = np.cumsum([0, *(len(o.inputs.exact) for o in outputs)])
    block = judging.Block(
        operation=first.operation,
        parameters=first.terms.limit_parameters,
        x=np.concatenate([o.inputs.exact for o in outputs]),
        starts=starts.astype(np.int64),
        got=np.concatenate([np.atleast_1d(o.got) for o in outputs]),
        labels=_labels(outputs),
    )
    columns = judging.judge_block(block)
    return columns if block.reduced else columns.by_case(block.starts)


def _labels(outputs: Iterable[JudgedCall]) -> np.ndarray | None:
    labels = [o.expected.labels for o in outputs]
    return None if labels[0] is None else np.concatenate([v for v in labels if v is not None])


def alone(output: JudgedCall) -> JudgedRow | None:
    """An output judged by itself; None where it cannot be stacked or has no ordinary numbers."""
    if not stackable(output):
        return None
    columns = columns_of([output])
    return JudgedRow(output=output, columns=columns, number=0) if has_row(output, columns, 0) else None


def has_row(output: JudgedCall, columns: Columns, number: int) -> bool:
    """Whether an output has ordinary numbers: else `accuracy.check_special` says all there is to say.

    The mean of losses whose sum overflows is special too: an infinity is accepted.
    """
    if not columns.plain[number]:
        return False
    reduced = output.operation == "cross_entropy" and output.got.ndim == 0
    return not reduced or not overflows(float(columns.exact[number]), len(output.inputs.exact), output.terms)


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedRow:
    """The checks of one call, as row ``number`` of the columns of its block. Each is made when it is asked for."""

    output: JudgedCall
    columns: Columns
    number: int

    @cached_property
    def special(self) -> tuple[Check, ...]:
        """The check of special values, where the call has some."""
        absent = int(self.columns.absent[self.number])
        if self.columns.absent_wrong[self.number] or not self.columns.ordinary[self.number]:
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
            ulp=max(float(columns.ulp[k]), float(column.measured[k])),  # rows that "stable" leaves out may count here
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
        return tuple(self.structural(name) for name in NAMES[self.output.operation] if name)

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
