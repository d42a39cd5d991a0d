"""Error curves: how large errors are against class count and magnitude, for plots, growth laws and correct rounding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softcert.cases.domain import largest_logit
from softcert.properties.check import EDGES, Check
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.decide import decisions
from softcert_oracle.levels import Level
from softcert_oracle.limits import Limit
from softcert_oracle.numbers.enclosure import Decision


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

    def record(self, output: JudgedCall, checks: tuple[Check, ...]) -> None:
        """Enter the errors of one output."""
        for check in checks:
            if check.property_name != "accuracy":
                continue
            if check.level == Level.STABLE and check.checked:
                self._record_errors(output, check)
            if check.level == Level.FAITHFUL and not check.failed:
                self._record_rounding(output)

    def _record_errors(self, output: JudgedCall, check: Check) -> None:
        self.points.append(
            Point(
                classes=output.case.classes,
                rows=output.case.rows_count,
                magnitude=largest_logit(output.inputs),
                ulp=check.ulp,
                limit_ulp=check.limit,
                regime=output.case.regime,
            )
        )
        self.limits.setdefault(Level.STABLE, output.expected.limit(Level.STABLE))
        if check.histogram is not None:
            self.histogram += check.histogram

    def _record_rounding(self, output: JudgedCall) -> None:
        plain = ~output.accepted.applies
        nearest = decisions.correctly_rounded(
            output.got, output.expected.exact, output.result_format, refine=output.expected.refine
        )
        self.not_nearest += int(np.count_nonzero((nearest != Decision.YES) & plain))
        self.rounded += int(np.count_nonzero(plain))
