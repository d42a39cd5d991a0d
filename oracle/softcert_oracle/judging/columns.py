"""The outcome of judging a block as columns: one entry for each result row, or (`Columns.by_case`) for each case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.judging import cases, layout
from softcert_oracle.judging.layout import Raw
from softcert_oracle.judging.properties import NAMES
from softcert_oracle.levels import Level
from softcert_oracle.reference import backends

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ACCURACY, FINITE = "accuracy", "finite"
WHOLE_ROW = ("sum_to_one", "gradient_sum")
"""Properties that are about a row: their ``index`` means nothing."""


@dataclass(eq=False, slots=True)  # not frozen: making a dozen would take as long as judging a small case
class CheckColumn:
    """One property at one level, in arrays with an entry for each result row (or case).

    Attributes
    ----------
    property_name, level
        What was checked, and for which level.
    checked, violated, undecided
        How many numbers were looked at, violate it, and stayed undecided on the exact path. ``checked`` is 0 where the
        limit is vacuous, and for structure at "sound" in rows that hold it at "stable": it cannot be violated there.
    index, row
        The class and row of the worst number: ``row`` counts from the first row of its case, after `Columns.by_case`.
    ratio
        The largest measured/limit, among violated numbers where there are any (faithful: the error in ulp).
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
    index: Ints
    row: Ints
    ratio: Floats
    measured: Floats
    limit: Floats
    vacuous: Flags


@dataclass(frozen=True, eq=False, kw_only=True)
class Columns:
    """What judging a block tells, in arrays with an entry for each of R result rows. They are made when asked for.

    Parameters
    ----------
    operation
        The block's.
    raw
        The tallies that the columns are views of.
    deferred
        The result rows that went the exact path.
    """

    operation: str
    raw: Raw
    deferred: Ints

    @cached_property
    def _integers(self) -> Ints:
        return self.raw.row_counts

    @cached_property
    def ordinary(self) -> Flags:
        """Judged rows: their logits have a finite maximum, and their loss, if that is the result, is finite.

        Of a loss that is infinite because its label's logit is -inf only the sign is checked.
        """
        return np.asarray(self._integers[:, layout.STATUS] == layout.DECIDED)

    @cached_property
    def plain(self) -> Ints:
        """How many ordinary numbers a row holds; each was judged at every level."""
        return self._integers[:, layout.PLAIN]

    @cached_property
    def absent(self) -> Ints:
        """Classes of -inf, whose result is exactly 0 or -inf."""
        return self._integers[:, layout.ABSENT]

    @cached_property
    def absent_wrong(self) -> Ints:
        """How many of them differ from that."""
        return self._integers[:, layout.ABSENT_WRONG]

    @cached_property
    def absent_index(self) -> Ints:
        """The first of those (-1: none)."""
        return self._integers[:, layout.ABSENT_INDEX]

    @cached_property
    def ulp(self) -> Floats:
        """The largest error of a plain number, in ulp; within 2^-96 of a power of two that of the smaller ulp.

        0 in rows whose limit at "stable" is vacuous.
        """
        return self.raw.row_sizes[:, layout.ULP]

    @cached_property
    def not_nearest(self) -> Ints:
        """Plain numbers that are not correctly rounded."""
        return self._integers[:, layout.NOT_NEAREST]

    @cached_property
    def exact(self) -> Floats:
        """The exact value as a float64, for results of one number a row; 0 elsewhere."""
        return self.raw.row_sizes[:, layout.EXACT]

    @cached_property
    def compiled(self) -> Flags:
        """Rows (cases) that the kernel decided alone, or that need no decision; the others went the exact path."""
        compiled = np.ones(len(self.raw.rows), bool)
        compiled[self.deferred] = False
        return compiled

    @property
    def histogram(self) -> Ints:
        """int64 (N, 25), by case: errors in ulp by `layout.BIN_EDGES`, where the limit of "stable" is not vacuous."""
        return self.raw.histogram

    @cached_property
    def checks(self) -> Mapping[tuple[str, Level], CheckColumn]:
        """The checks by (property, level)."""
        counts, sizes = self.raw.counts.transpose(1, 2, 0), self.raw.sizes.transpose(1, 2, 0)
        flags = self._integers[:, layout.VACUOUS]
        never = np.zeros(len(flags), bool)
        made = {}
        for key, slot, bit in _checks(self.operation):
            checked, violated, undecided, index, row = counts[slot]
            ratio, measured, limit = sizes[slot]
            made[key] = CheckColumn(
                property_name=key[0],
                level=key[1],
                checked=checked,
                violated=violated,
                undecided=undecided,
                index=index,
                row=row,
                ratio=ratio,
                measured=measured,
                limit=limit,
                vacuous=never if bit < 0 else (flags >> bit) & 1 == 1,
            )
        return made

    def by_case(self, starts: Ints) -> Columns:
        """The same with one entry for each case, for blocks that have one result row for each row of logits.

        Parameters
        ----------
        starts
            int64 (N + 1,), as in `Block`; no case without rows.

        Returns
        -------
        Columns
            Counts are sums, errors maxima; ``ordinary`` where every row is, and a limit is vacuous where it is in every
            row. ``absent_index`` is that of the first wrong row, ``exact`` that of the first row.
        """
        if backends.name() == "fast":
            from softcert_oracle.judging.compiled import entry

            rows = entry.by_case(self.raw.rows, np.ascontiguousarray(starts, np.int64))
        else:
            rows = cases.by_case(self.raw.rows, starts)
        deferred = np.unique(np.searchsorted(starts, self.deferred, side="right") - 1) if len(self.deferred) else _NONE
        return replace(self, raw=Raw(rows=rows, histogram=self.raw.histogram), deferred=deferred)


_NONE = np.empty(0, np.int64)


def columns(operation: str, raw: Raw, deferred: Ints = _NONE) -> Columns:
    """The columns of raw arrays, as views of them where possible.

    The error of a row whose limit at "stable" is vacuous is taken out of ``ulp``: nobody is held to it.
    """
    vacuous = (raw.row_counts[:, layout.VACUOUS] >> layout.STABLE) & 1
    if vacuous.any():
        raw.row_sizes[vacuous == 1, layout.ULP] = 0.0
    return Columns(operation=operation, raw=raw, deferred=deferred)


@cache
def _checks(operation: str) -> tuple[tuple[tuple[str, Level], int, int], ...]:
    """Property and level, slot, and bit of the flag of vacuity, of each check of an operation."""
    return tuple(_listed(operation))


def _listed(operation: str) -> Iterator[tuple[tuple[str, Level], int, int]]:
    for slot, level in enumerate(Level):
        yield (ACCURACY, level), slot, slot
    yield (FINITE, Level.SOUND), layout.FINITE_SOUND, -1
    yield (FINITE, Level.STABLE), layout.FINITE_STABLE, -1
    for number, name in enumerate(NAMES[operation]):
        for at, level in enumerate((Level.STABLE, Level.SOUND)):
            if name:
                yield (name, level), layout.STRUCTURE + layout.STRUCTURAL_LEVELS * number + at, -1
