"""Error curves: how large errors are against class count and magnitude, for plots, growth laws and correct rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softcert.cases.domain import largest_logit
from softcert.engine.case_table import CaseTable
from softcert.engine.judge import Judgement
from softcert.properties import accuracy
from softcert.properties.check import EDGES, Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.levels import Level
from softcert_oracle.limits import Limit


@dataclass(frozen=True, kw_only=True)
class Point:
    """The largest error of one output, in ulp, with the limit there."""

    classes: int
    rows: int
    magnitude: float
    ulp: float
    limit_ulp: float
    regime: str


class ErrorCurves:
    """The sizes of the errors of one unit.

    Attributes
    ----------
    points
        One for each output with ordinary numbers.
    histogram
        Counts of errors in ulp, by `softcert.properties.check.EDGES`.
    rounded, not_nearest
        Elements of outputs that are faithful, and those of them that are not correctly rounded.
    limits
        A limit of each level that was evaluated, for its formula and parameters.
    """

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.histogram = np.zeros(len(EDGES) - 1, dtype=np.int64)
        self.rounded = 0
        self.not_nearest = 0
        self.limits: dict[Level, Limit] = {}

    def record(self, judgement: Judgement, checks: tuple[Check, ...]) -> None:
        """Enter the errors of one output; ``checks`` are those of its values that count."""
        output = judgement.output
        if output is None:
            return
        for check in checks:
            if check.property_name != "accuracy":
                continue
            if check.level == Level.STABLE and check.checked:
                self._record_errors(output, check)
            if check.level == Level.FAITHFUL and not check.failed:
                rounded, not_nearest = judgement.rounding
                self.rounded += rounded
                self.not_nearest += not_nearest

    def record_columns(self, table: CaseTable, at: np.ndarray, *, faithful: bool) -> None:
        """Enter the errors of the outputs ``at`` of a table; ``faithful``: they are faithful, as far as is asked."""
        if faithful:
            self.rounded += int(table.plain[at].sum())
            self.not_nearest += int(table.not_nearest[at].sum())
        stable = at[table.checked[at, table.keys.index((accuracy.PROPERTY, Level.STABLE))] > 0]
        self.histogram += table.histogram[stable].sum(axis=0)
        sizes = table.magnitude[stable], table.ulp[stable], table.limit[stable]
        for k, magnitude, ulp, limit in zip(stable.tolist(), *(size.tolist() for size in sizes), strict=True):
            row = table.rows[k]
            assert row is not None
            self._add_point(row.output, magnitude, ulp, limit)

    def _record_errors(self, output: JudgedCall, check: Check) -> None:
        self._add_point(output, largest_logit(output.inputs), check.ulp, check.limit)
        if check.histogram is not None:
            self.histogram += check.histogram

    def _add_point(self, output: JudgedCall, magnitude: float, ulp: float, limit_ulp: float) -> None:
        case = output.case
        self.points.append(
            Point(
                classes=case.classes,
                rows=case.rows_count,
                magnitude=magnitude,
                ulp=ulp,
                limit_ulp=limit_ulp,
                regime=case.regime,
            )
        )
        if Level.STABLE not in self.limits:
            self.limits[Level.STABLE] = output.expected.limit(Level.STABLE)
