"""The tallies of result rows to those of cases, compiled: as `softcert_oracle.judging.cases.by_case` in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded
from softcert_oracle.judging.layout import (
    ABSENT,
    ABSENT_INDEX,
    ABSENT_WRONG,
    DECIDED,
    EXACT,
    INDEX,
    NOT_NEAREST,
    PLAIN,
    RATIO,
    ROW,
    ROW_INTEGERS,
    SIZES,
    SLOTS,
    SPECIAL,
    STATUS,
    ULP,
    UNDECIDED,
    VACUOUS,
    VIOLATED,
)


@embedded
def _slot(rows: Any, start: int, stop: int, slot: int, out: Any) -> None:
    """Counts of a slot are sums; the rest is of the worst row: violated ones first, then by ratio, then by place."""
    counts, sizes = out.counts, out.sizes
    for number in range(UNDECIDED + 1):
        counts[slot, number] = 0
    worst, reached, failed = start, -np.inf, False
    for i in range(start, stop):
        own = rows[i]
        for number in range(UNDECIDED + 1):
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
