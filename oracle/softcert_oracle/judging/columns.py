"""The outcome of judging a block as columns: one entry for each result row, or (`Columns.by_case`) for each case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.judging import layout
from softcert_oracle.judging.layout import Raw
from softcert_oracle.judging.properties import NAMES
from softcert_oracle.levels import Level

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ACCURACY, FINITE = "accuracy", "finite"
WHOLE_ROW = ("sum_to_one", "gradient_sum")
"""Properties that are about a row: their ``index`` means nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckColumn:
    """One property at one level, in arrays with an entry for each result row (or case).

    Attributes
    ----------
    property_name, level
        What was checked, and for which level.
    checked, violated, undecided
        How many numbers were looked at, violate it, and stayed undecided on the exact path. ``checked`` is 0 where the
        limit is vacuous, and for structure at "sound" in rows that hold it at "stable": it cannot be violated there.
    ratio
        The largest measured/limit, among violated numbers where there are any (faithful: the error in ulp).
    row, index
        The row and class of that number: ``row`` counts from the first row of its case.
    measured, limit
        Its error and limit in ulp; for structure the ratio and 1.
    vacuous
        Whether the limit could not tell a degenerate output from the exact value.
    """

    property_name: str
    level: Level
    checked: Ints
    violated: Ints
    undecided: Ints
    ratio: Floats
    row: Ints
    index: Ints
    measured: Floats
    limit: Floats
    vacuous: Flags

    def by_case(self, starts: Ints) -> CheckColumn:
        """The same with one entry for each case; ``starts`` are the first rows of cases and the number of rows."""
        worst = worst_by_case(np.where(self.violated > 0, np.inf, 0.0), self.ratio, starts)
        return CheckColumn(
            property_name=self.property_name,
            level=self.level,
            checked=_sums(self.checked, starts),
            violated=_sums(self.violated, starts),
            undecided=_sums(self.undecided, starts),
            ratio=self.ratio[worst],
            row=worst - starts[:-1],
            index=self.index[worst],
            measured=self.measured[worst],
            limit=self.limit[worst],
            vacuous=_sums(~self.vacuous, starts) == 0,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Columns:
    """What judging a block tells, in arrays with an entry for each of R result rows.

    Attributes
    ----------
    ordinary
        Rows that were judged: their logits have a finite maximum and their loss, if that is the result, is finite.
    plain
        How many ordinary numbers a row holds; each was judged at every level.
    absent, absent_wrong, absent_index
        Classes of -inf, whose result is exactly 0 or -inf; how many differ from that, and the first of them (-1: none).
    ulp
        The largest error of a plain number, in ulp; within 2^-96 of a power of two that of the smaller ulp.
    not_nearest
        Plain numbers that are not correctly rounded.
    exact
        The exact value as a float64, for results of one number a row; 0 elsewhere.
    compiled
        Rows that the kernel decided alone; the others went the exact path.
    histogram
        int64 (N, 25), by case: errors in ulp by `layout.BIN_EDGES`, where the limit of "stable" is not vacuous.
    checks
        The checks by (property, level).
    """

    ordinary: Flags
    plain: Ints
    absent: Ints
    absent_wrong: Ints
    absent_index: Ints
    ulp: Floats
    not_nearest: Ints
    exact: Floats
    compiled: Flags
    histogram: Ints
    checks: Mapping[tuple[str, Level], CheckColumn]

    def by_case(self, starts: Ints) -> Columns:
        """The same with one entry for each case, for blocks that have one result row for each row of logits.

        Parameters
        ----------
        starts
            int64 (N + 1,), as in `Block`; no case without rows.

        Returns
        -------
        Columns
            Counts are sums, errors maxima; ``ordinary`` where every row is. ``absent_index`` is that of the first wrong
            row, ``exact`` that of the first row.
        """
        wrong = worst_by_case(self.absent_wrong > 0, np.zeros(len(self.plain)), starts)
        return Columns(
            ordinary=_sums(~self.ordinary, starts) == 0,
            plain=_sums(self.plain, starts),
            absent=_sums(self.absent, starts),
            absent_wrong=_sums(self.absent_wrong, starts),
            absent_index=self.absent_index[wrong],
            ulp=np.maximum.reduceat(self.ulp, starts[:-1]),
            not_nearest=_sums(self.not_nearest, starts),
            exact=self.exact[starts[:-1]],
            compiled=_sums(~self.compiled, starts) == 0,
            histogram=self.histogram,
            checks={key: check.by_case(starts) for key, check in self.checks.items()},
        )


def columns(operation: str, raw: Raw, compiled: Flags) -> Columns:
    """The columns of raw arrays, as views of them where possible."""
    rows, sizes = raw.row_counts, raw.row_sizes
    return Columns(
        ordinary=rows[:, layout.STATUS] == layout.DECIDED,
        plain=rows[:, layout.PLAIN],
        absent=rows[:, layout.ABSENT],
        absent_wrong=rows[:, layout.ABSENT_WRONG],
        absent_index=rows[:, layout.ABSENT_INDEX],
        ulp=sizes[:, layout.ULP],
        not_nearest=rows[:, layout.NOT_NEAREST],
        exact=sizes[:, layout.EXACT],
        compiled=compiled,
        histogram=raw.histogram,
        checks={(check.property_name, check.level): check for check in _checks(operation, raw)},
    )


def _checks(operation: str, raw: Raw) -> Iterator[CheckColumn]:
    for slot, level in enumerate(Level):
        yield _check(raw, slot, ACCURACY, level, slot)
    for slot, level in ((layout.FINITE_SOUND, Level.SOUND), (layout.FINITE_STABLE, Level.STABLE)):
        yield _check(raw, slot, FINITE, level, -1)
    for number, name in enumerate(NAMES[operation]):
        for at, level in enumerate((Level.STABLE, Level.SOUND)):
            if name:
                yield _check(raw, layout.STRUCTURE + layout.STRUCTURAL_LEVELS * number + at, name, level, -1)


def _check(raw: Raw, slot: int, name: str, level: Level, bit: int) -> CheckColumn:
    counts, sizes = raw.counts[:, slot], raw.sizes[:, slot]
    flags = raw.row_counts[:, layout.VACUOUS]
    return CheckColumn(
        property_name=name,
        level=level,
        checked=counts[:, layout.CHECKED],
        violated=counts[:, layout.VIOLATED],
        undecided=counts[:, layout.UNDECIDED],
        ratio=sizes[:, layout.RATIO],
        row=np.zeros(len(counts), np.int64),
        index=counts[:, layout.INDEX],
        measured=sizes[:, layout.MEASURED],
        limit=sizes[:, layout.LIMIT],
        vacuous=np.asarray((flags >> bit) & 1 == 1) if bit >= 0 else np.zeros(len(counts), bool),
    )


def worst_by_case(first: NDArray[np.generic], second: Floats, starts: Ints) -> Ints:
    """The row of each case that comes first by ``first``, then by ``second``, both descending, then by place."""
    case = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((np.arange(len(case)), -second, -np.asarray(first, np.float64), case))
    return np.asarray(order[starts[:-1]], np.int64)


def _sums(values: NDArray[np.generic], starts: Ints) -> Ints:
    return np.asarray(np.add.reduceat(np.asarray(values, np.int64), starts[:-1]))
