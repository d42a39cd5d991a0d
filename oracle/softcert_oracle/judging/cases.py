"""The tallies of result rows to those of their cases: the readable form, in NumPy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

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
    RESULT,
    ROW,
    SLOTS,
    SPECIAL,
    STATUS,
    ULP,
    UNDECIDED,
    VACUOUS,
    VIOLATED,
)


def by_case(rows: np.ndarray, starts: NDArray[np.int64]) -> np.ndarray:
    """Records of cases from those of result rows.

    Parameters
    ----------
    rows
        `RESULT` records, (R,).
    starts
        int64 (N + 1,): case k has the rows ``starts[k]:starts[k + 1]``, at least one.

    Returns
    -------
    `RESULT` records, (N,): counts are sums, errors maxima; what is said of a worst number is that of the worst row.
    """
    out = np.zeros(len(starts) - 1, RESULT)
    for case, (start, stop) in enumerate(pairwise(starts.tolist())):
        _enter(rows[start:stop], out[case])
    return out


def _enter(rows: np.ndarray, case: np.void) -> None:
    counts, sizes, integers = rows["counts"], rows["sizes"], rows["integers"]
    case["counts"][:, : UNDECIDED + 1] = counts[:, :, : UNDECIDED + 1].sum(axis=0)
    for slot in range(SLOTS):
        worst = np.lexsort((-sizes[:, slot, RATIO], counts[:, slot, VIOLATED] == 0))[0]
        case["counts"][slot, INDEX], case["counts"][slot, ROW] = counts[worst, slot, INDEX], worst
        case["sizes"][slot] = sizes[worst, slot]
    own = case["integers"]
    for number in (PLAIN, ABSENT, ABSENT_WRONG, NOT_NEAREST):
        own[number] = integers[:, number].sum()
    own[STATUS] = DECIDED if np.all(integers[:, STATUS] == DECIDED) else SPECIAL
    own[ABSENT_INDEX] = integers[np.argmax(integers[:, ABSENT_WRONG] > 0), ABSENT_INDEX]
    own[VACUOUS] = np.bitwise_and.reduce(integers[:, VACUOUS])
    case["floats"][ULP] = rows["floats"][:, ULP].max()
    case["floats"][EXACT] = rows["floats"][0, EXACT]
