"""Decisions on one number at every level, entered into the tallies of its row; tallies of rows to those of cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.comparison import NO, UNDECIDED, YES, compare, ulp_shift
from softcert_oracle.judging.compiled.elementary import exponent_of, power
from softcert_oracle.judging.layout import (
    ABSENT,
    ABSENT_INDEX,
    ABSENT_WRONG,
    BINS,
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
    ROW,
    ROW_INTEGERS,
    SIZES,
    SLOTS,
    SOUND,
    SPECIAL,
    STABLE,
    STATUS,
    ULP,
    VACUOUS,
    VIOLATED,
)
from softcert_oracle.judging.layout import (
    UNDECIDED as UNDECIDED_COUNT,
)

GRANTED = 1.0 + 2.0**-45
"""The evaluation of a limit is granted to the subject: `softcert_oracle.decide.decisions.LIMIT_EVALUATION`."""

_INFINITY, _LARGE = np.inf, 2.0**1000
_FIRST, _LAST = -8, 12  # log2 of ulp: one bin for each power of two between them


@embedded_inner
def bin_of(ulp: float) -> Any:
    """The place of an error in ulp between the `layout.BIN_EDGES`."""
    if not ulp < 2.0**60:
        return BINS - 1
    if ulp < 2.0**-20:
        return 0
    order = exponent_of(ulp)
    if order < _FIRST:
        return 1
    if order < _LAST:
        return order - _FIRST + 2
    return BINS - 3 if order < 20 else BINS - 2


@embedded_inner
def exceeds(low: float, high: float, limit: float, band: float) -> Any:
    """Whether a distance between low and high exceeds a limit known to ``band`` relative; infinite: above 2^1000."""
    if limit == _INFINITY:
        return NO if high < _LARGE else UNDECIDED
    granted = limit * GRANTED
    if low > granted * (1.0 + band):
        return YES
    return NO if high <= granted * (1.0 - band) else UNDECIDED


@embedded
def enter(j: int, g: float, v: Any, limits: Any, bands: Any, k: Any, c: Any, out: Any) -> Any:
    """Judge number j of a row and enter it: ``(decided, signed error)``.

    ``v`` = (hi, lo, radius, q) is the exact value, ``limits`` those of sound, stable and accurate in units of q, with
    their ``bands``;
    ``out`` is the `RESULT` of the row. Not decided: the row goes to the exact path.
    """
    counts, sizes, integers, floats, bins = out.counts, out.sizes, out.integers, out.floats, c.bins
    vh, vl, radius, q = v
    known, signed, centre, low, high, ulp, faithful, nearest = compare(g, vh, vl, radius, q, k)
    if not known or faithful == UNDECIDED or nearest == UNDECIDED:
        return False, signed
    integers[PLAIN] += 1
    scale = power(ulp_shift(vh, vl, radius, q, k))
    suspect = (g == 0.0 or not abs(g) < _INFINITY) and (vh != 0.0 or radius > 0.0)
    rank = 3.0 if g != g else 2.0 if g != 0.0 else 1.0
    for level in range(3):
        limit = limits[level]
        answer = exceeds(low, high, limit, bands[level])
        if answer == UNDECIDED:
            return False, signed
        if answer == YES:
            counts[level, VIOLATED] += 1
        if j == 0 or (centre > 0.0 and not centre <= sizes[level, RATIO] * limit):
            ratio = centre / limit if centre > 0.0 else 0.0
            if j == 0 or ratio > sizes[level, RATIO]:
                counts[level, INDEX] = j
                sizes[level, RATIO], sizes[level, MEASURED], sizes[level, LIMIT] = ratio, ulp, limit * scale
        if suspect and answer == YES and level <= STABLE:
            slot = FINITE_SOUND if level == SOUND else FINITE_STABLE
            counts[slot, VIOLATED] += 1
            if rank > sizes[slot, MEASURED]:
                counts[slot, INDEX], sizes[slot, MEASURED], sizes[slot, RATIO] = j, rank, _INFINITY
    wrong = faithful == NO
    first_wrong = wrong and counts[FAITHFUL, VIOLATED] == 0
    if wrong:
        counts[FAITHFUL, VIOLATED] += 1
    comparable = wrong or counts[FAITHFUL, VIOLATED] == 0
    if j == 0 or first_wrong or (comparable and ulp > sizes[FAITHFUL, RATIO]):
        counts[FAITHFUL, INDEX] = j
        sizes[FAITHFUL, RATIO], sizes[FAITHFUL, MEASURED], sizes[FAITHFUL, LIMIT] = ulp, ulp, 1.0
    if nearest == NO:
        integers[NOT_NEAREST] += 1
    floats[ULP] = max(floats[ULP], ulp)
    bins[bin_of(ulp)] += 1
    return True, signed


@embedded
def _slot(rows: Any, start: int, stop: int, slot: int, out: Any) -> None:
    """Counts of a slot are sums; the rest is of the worst row: violated ones first, then by ratio, then by place."""
    counts, sizes = out.counts, out.sizes
    for number in range(UNDECIDED_COUNT + 1):
        counts[slot, number] = 0
    worst, reached, failed = start, -np.inf, False
    for i in range(start, stop):
        own = rows[i]
        for number in range(UNDECIDED_COUNT + 1):
            counts[slot, number] += own.counts[slot, number]
        violated, ratio = own.counts[slot, VIOLATED] > 0, own.sizes[slot, RATIO]
        if (violated and not failed) or (violated == failed and ratio > reached):
            worst, reached, failed = i, ratio, violated
    counts[slot, INDEX], counts[slot, ROW] = rows[worst].counts[slot, INDEX], worst - start
    for number in range(SIZES):
        sizes[slot, number] = rows[worst].sizes[slot, number]


@embedded
def by_case(rows: Any, starts: Any, out: Any) -> int:
    """Fill ``out`` (N,), `RESULT` records, from those of result rows (R,); no case is without rows."""
    for case in range(out.size):
        start, stop = starts[case], starts[case + 1]
        result = out[case]
        for slot in range(SLOTS):
            _slot(rows, start, stop, slot, result)
        integers, floats = result.integers, result.floats
        for number in range(ROW_INTEGERS):
            integers[number] = 0
        integers[STATUS], integers[VACUOUS], integers[ABSENT_INDEX] = DECIDED, -1, rows[start].integers[ABSENT_INDEX]
        floats[ULP], floats[EXACT] = rows[start].floats[ULP], rows[start].floats[EXACT]
        for i in range(start, stop):
            own = rows[i].integers
            if own[STATUS] != DECIDED:
                integers[STATUS] = SPECIAL
            if own[ABSENT_WRONG] > 0 and integers[ABSENT_WRONG] == 0:
                integers[ABSENT_INDEX] = own[ABSENT_INDEX]
            for number in (PLAIN, ABSENT, ABSENT_WRONG, NOT_NEAREST):
                integers[number] += own[number]
            integers[VACUOUS] &= own[VACUOUS]
            floats[ULP] = max(floats[ULP], rows[i].floats[ULP])
    cases: int = out.size
    return cases


assert UNDECIDED_COUNT == 2  # the kernel never writes it: what is undecided goes to the exact path
