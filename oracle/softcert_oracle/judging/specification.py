"""The readable form of judging, in NumPy: what the compiled kernel is tested against, and the exact path behind it.

It writes the same raw arrays. Limits, distances and decisions are those of `softcert_oracle.limits` and
`softcert_oracle.decide`, with what an enclosure leaves open settled on exact bounds. Rows are judged together; the
cases of a reduced loss, and of a gradient that is divided by its number of rows, each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from softcert_oracle import limits
from softcert_oracle.decide import decisions
from softcert_oracle.decide.distance import Distance, distance
from softcert_oracle.decide.ziv import Refine
from softcert_oracle.judging import properties
from softcert_oracle.judging.block import Block
from softcert_oracle.judging.layout import (
    ABSENT,
    ABSENT_INDEX,
    ABSENT_WRONG,
    BIN_EDGES,
    BINS,
    CHECKED,
    DECIDED,
    EXACT,
    FAITHFUL,
    FINITE_SOUND,
    FINITE_STABLE,
    INDEX,
    LIMIT,
    MEASURED,
    NOT_NEAREST,
    PLAIN,
    RATIO,
    SPECIAL,
    STATUS,
    STRUCTURE,
    ULP,
    UNDECIDED,
    VACUOUS,
    VIOLATED,
    Raw,
    empty,
)
from softcert_oracle.levels import Level
from softcert_oracle.numbers.enclosure import Decision, Enclosure
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.reference import truth

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

_LEVELS = (Level.SOUND, Level.STABLE, Level.ACCURATE)


def judge(block: Block) -> Raw:
    """The raw arrays of a block, every row by the exact path."""
    out = empty(block.results, block.cases)
    if block.x.shape[1] == 0:
        return out
    for case in range(block.cases):
        _judge_case(block, case, out)
    return out


def _judge_case(block: Block, case: int, out: Raw) -> None:
    rows = slice(int(block.starts[case]), int(block.starts[case + 1]))
    where = slice(case, case + 1) if block.reduced else rows
    labels = None if block.labels is None else block.labels[rows]
    if rows.start == rows.stop:
        return
    view = Judged(block, block.x[rows], labels, block.got[where])
    out.rows[where] = view.raw().rows
    out.histogram[case] = view.histogram_of(np.ones(len(view.got), bool))


def settle(block: Block, case: int, results: NDArray[np.intp], raw: Raw) -> None:
    """Judge some result rows of a case by the exact path, and put them into the raw arrays."""
    rows = slice(int(block.starts[case]), int(block.starts[case + 1]))
    own = np.arange(rows.start, rows.stop)
    divided = block.operation == "cross_entropy_grad" and block.parameters.reduction == "mean"
    if not (block.reduced or divided):
        own = results
    labels = None if block.labels is None else block.labels[own]
    view = Judged(block, block.x[own], labels, block.got[results] if block.reduced else block.got[own])
    chosen = np.isin(own, results) if divided else np.ones(len(view.got), bool)
    raw.rows[results] = view.raw().rows[chosen]
    raw.histogram[case] += view.histogram_of(chosen)


@dataclass(frozen=True, eq=False)
class Judged:
    """One case: its results, (R, C) or (R,), beside the exact ones."""

    block: Block
    x: Float
    labels: NDArray[np.int64] | None
    got: Float

    @cached_property
    def rows(self) -> truth.Rows:
        """The exact rows."""
        return truth.rows(self.x)

    @cached_property
    def exact(self) -> Enclosure:
        """The exact results, of the shape of ``got``."""
        e = truth.reference(self.block.operation, self.rows, self.labels, reduction=self.block.parameters.reduction)
        return e.reshape(1) if self.block.reduced else e

    @cached_property
    def refine(self) -> Refine:
        """Bounds of the exact results at any precision."""
        p = self.block.parameters
        return truth.refine(self.block.operation, self.rows, self.labels, reduction=p.reduction)

    @cached_property
    def fmt(self) -> Format:
        """The format of the results."""
        return self.block.parameters.result

    @cached_property
    def distance(self) -> Distance:
        """How far each result lies from the exact value."""
        return distance(self.got, self.exact, self.fmt)

    @cached_property
    def ulps(self) -> Float:
        """Upper bounds of the errors in ulp."""
        return decisions.ulp_error(self.got, self.exact, self.fmt, self.distance)[1]

    @cached_property
    def ordinary(self) -> Bool:
        """Result rows that are judged, (R,)."""
        rows = self.rows.ordinary
        if self.labels is not None and self.block.operation == "cross_entropy":
            rows = rows & ~np.isneginf(self.x[np.arange(len(self.x)), self.labels])
        return np.array([bool(np.all(rows))]) if self.block.reduced else np.asarray(rows)

    @cached_property
    def absent(self) -> Bool:
        """Numbers of ordinary rows that are exactly 0 or -inf because their logit is -inf."""
        if self.got.ndim == 1:
            return np.zeros(self.got.shape, bool)
        exact = self.exact.to_float()
        gone = (exact == 0) | np.isneginf(exact)
        return np.asarray(np.isneginf(self.x) & gone & self.ordinary[:, None])

    @cached_property
    def plain(self) -> Bool:
        """Ordinary numbers."""
        ordinary = self.ordinary if self.got.ndim == 1 else self.ordinary[:, None]
        return np.asarray(ordinary & ~self.absent)

    def limit(self, level: Level) -> limits.Limit:
        """The limit of a level."""
        return limits.limit(self.block.operation, level, self.rows, self.labels, self.block.parameters)

    def histogram_of(self, rows: Bool) -> NDArray[np.int64]:
        """The distribution of the errors of some result rows, of numbers on which "stable" is not vacuous."""
        stable = self._vacuous[Level.STABLE] | ~rows
        considered = self.plain & ~(stable if self.got.ndim == 1 else stable[:, None])
        ulps = self.ulps[considered]
        with np.errstate(divide="ignore"):
            logs = np.log2(np.where(np.isnan(ulps), np.inf, ulps))
        return np.bincount(np.searchsorted(BIN_EDGES[1:-1], logs, side="right"), minlength=BINS)

    @cached_property
    def _limits(self) -> dict[Level, limits.Limit]:
        return {level: self.limit(level) for level in _LEVELS}

    @cached_property
    def _vacuous(self) -> dict[Level, Bool]:
        vacuous = {}
        for level, own in self._limits.items():
            exact = self.exact[0] if self.block.reduced else self.exact
            vacuous[level] = np.reshape(limits.vacuous(self.block.operation, own, exact, self.rows), len(self.got))
        return vacuous

    def numbers(self, level: Level) -> Scaled:
        """The limits of a level, of the shape of ``got``."""
        own = self._limits[level].numbers
        return Scaled(np.reshape(own.significand, self.got.shape), np.reshape(own.exponent, self.got.shape))

    def raw(self) -> Raw:
        """The raw arrays of this case alone."""
        out = empty(len(self.got), 1)
        answers = {level: self._answers(level) for level in _LEVELS}
        for slot, level in enumerate(_LEVELS):
            self._enter_accuracy(out, slot, level, answers[level])
        self._enter_faithful(out)
        self._enter_finite(out, FINITE_SOUND, answers[Level.SOUND])
        self._enter_finite(out, FINITE_STABLE, answers[Level.STABLE])
        self._enter_rows(out)
        properties.enter(self.block.operation, self._view(Level.STABLE), self._view(Level.SOUND), out)
        out.counts[~self.ordinary, :STRUCTURE] = 0
        out.sizes[~self.ordinary, :STRUCTURE] = 0.0
        out.counts[~self._signed, STRUCTURE:] = 0
        out.sizes[~self._signed, STRUCTURE:] = 0.0
        return out

    @property
    def _signed(self) -> Bool:
        """Result rows of which structure is checked: also losses that are infinite because of their label."""
        rows = self.rows.ordinary
        return np.array([bool(np.all(rows))]) if self.block.reduced else np.asarray(rows)

    def _view(self, level: Level) -> properties.View:
        return properties.View(
            x=self.x,
            labels=self.labels,
            got=self.got,
            truth=self.exact.to_float(),
            error=self.distance.signed.to_float(),
            limit=self.numbers(level).to_float(),
            divisor=len(self.x) if self.block.parameters.reduction == "mean" else 1,
        )

    def _answers(self, level: Level) -> NDArray[np.int8]:
        numbers = self.numbers(level)
        answers = decisions.exceeds(self.got, self.exact, numbers, self.fmt, refine=self.refine, distance=self.distance)
        return np.where(self.plain, answers, Decision.NO)

    def _enter_accuracy(self, out: Raw, slot: int, level: Level, answers: NDArray[np.int8]) -> None:
        vacuous = self._vacuous[level]
        considered = self.plain & ~(vacuous if self.got.ndim == 1 else vacuous[:, None])
        numbers = self.numbers(level)
        ratios = np.where(considered, self.distance.centre.ratio(numbers), 0.0)
        power = decisions.ulp_exponent(self.exact, self.fmt)
        in_ulp = (numbers * Scaled.of(1.0, -power)).to_float()
        enter(out, slot, np.where(considered, answers, Decision.NO), ratios, self.ulps, in_ulp)
        out.counts[:, slot, CHECKED] = _by_row(considered)
        out.counts[vacuous, slot] = 0
        out.sizes[vacuous, slot] = 0.0

    def _enter_faithful(self, out: Raw) -> None:
        good = decisions.faithful(self.got, self.exact, self.fmt, refine=self.refine)
        answers = np.where(good == Decision.YES, Decision.NO, np.where(good == Decision.NO, Decision.YES, good))
        ranked = np.where(self.plain, self.ulps, 0.0)
        enter(out, FAITHFUL, np.where(self.plain, answers, Decision.NO), ranked, ranked, np.ones(self.got.shape))
        out.counts[:, FAITHFUL, CHECKED] = _by_row(self.plain)
        nearest = decisions.correctly_rounded(self.got, self.exact, self.fmt, refine=self.refine)
        out.row_counts[:, NOT_NEAREST] = _by_row((nearest != Decision.YES) & self.plain)

    def _enter_finite(self, out: Raw, slot: int, answers: NDArray[np.int8]) -> None:
        got = self.got
        suspect = self.plain & (~np.isfinite(got) | (got == 0)) & (self.exact.hi != 0)
        wrong = np.where(suspect & (answers == Decision.YES), Decision.YES, Decision.NO)
        rank = np.where(np.isnan(got), 3.0, np.where(np.isinf(got), 2.0, 1.0))
        enter(out, slot, wrong, rank, np.zeros(got.shape), np.zeros(got.shape))
        failed = out.counts[:, slot, VIOLATED] > 0
        out.counts[~failed, slot, INDEX] = 0
        out.sizes[:, slot, RATIO] = np.where(failed, np.inf, 0.0)
        out.counts[:, slot, CHECKED] = _by_row(self.plain)

    def _enter_rows(self, out: Raw) -> None:
        rows = out.row_counts
        rows[:, STATUS] = np.where(self.ordinary, DECIDED, SPECIAL)
        rows[:, PLAIN], rows[:, ABSENT] = _by_row(self.plain), _by_row(self.absent)
        if self.got.ndim == 2:
            exact = self.exact.to_float()
            wrong = self.absent & (self.got != exact)
            rows[:, ABSENT_WRONG] = _by_row(wrong)
            rows[:, ABSENT_INDEX] = np.where(wrong.any(axis=1), np.argmax(wrong, axis=1), -1)
        else:
            out.row_sizes[:, EXACT] = np.where(self.ordinary, self.exact.to_float(), 0.0)
        for bit, level in enumerate(_LEVELS):
            rows[:, VACUOUS] |= (self._vacuous[level] & self.ordinary).astype(np.int64) << bit
        ulps = np.where(self.plain, np.where(np.isnan(self.ulps), np.inf, self.ulps), 0.0)
        out.row_sizes[:, ULP] = ulps if ulps.ndim == 1 else ulps.max(axis=1, initial=0.0)


def _by_row(flags: Bool) -> NDArray[np.int64]:
    return flags.astype(np.int64) if flags.ndim == 1 else np.count_nonzero(flags, axis=1)


def enter(out: Raw, slot: int, answers: NDArray[np.int8], ratios: Float, measured: Float, limit: Float) -> None:
    """Counts and the worst number of each row: among the violated ones, or among all where none is."""
    two = [np.reshape(a, (len(answers), -1)) for a in (answers, ratios, measured, limit)]
    violated, ranked = two[0] == Decision.YES, np.where(np.isnan(two[1]), np.inf, two[1])
    failed = violated.any(axis=1)
    worst = np.argmax(np.where(violated | ~failed[:, None], ranked, -1.0), axis=1)
    at = np.arange(len(answers)), worst
    out.counts[:, slot, VIOLATED] = violated.sum(axis=1)
    out.counts[:, slot, UNDECIDED] = (two[0] == Decision.UNDECIDED).sum(axis=1)
    out.counts[:, slot, INDEX] = worst
    out.sizes[:, slot, RATIO], out.sizes[:, slot, MEASURED] = ranked[at], two[2][at]
    out.sizes[:, slot, LIMIT] = two[3][at]
