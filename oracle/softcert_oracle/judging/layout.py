"""The raw arrays that a judged block fills, and the names of their places.

The compiled kernel and the NumPy specification write the same arrays, so that a row which the one leaves undecided
can be taken from the other. `softcert_oracle.judging.columns` gives them names and types.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SOUND, STABLE, ACCURATE, FAITHFUL, FINITE_SOUND, FINITE_STABLE, STRUCTURE = range(7)
"""Slots: accuracy at four levels, `finite` at two; then up to four structural properties, each at stable and sound."""

STRUCTURAL_LEVELS = 2
SLOTS = STRUCTURE + 4 * STRUCTURAL_LEVELS

CHECKED, VIOLATED, UNDECIDED, INDEX, ROW = range(5)
"""Integers of a slot: numbers looked at, violated, undecided, the class of the worst, and its row (of a case)."""
SLOT_INTEGERS = 5

RATIO, MEASURED, LIMIT = range(3)
"""Floats of a slot: the worst measured/limit, and both of them in ulp (for structure the ratio and 1)."""
SIZES = 3

STATUS, PLAIN, ABSENT, ABSENT_WRONG, ABSENT_INDEX, NOT_NEAREST, VACUOUS = range(7)
"""Integers of a result row; `VACUOUS` holds one bit for each of the levels sound, stable, accurate."""
ROW_INTEGERS = 7

ULP, EXACT = range(2)
"""Floats of a result row: the largest error in ulp, and the exact value as a float64 where the row is one number."""
ROW_FLOATS = 2

SPECIAL, DECIDED, DEFERRED = range(3)
"""Values of `STATUS`: not judged (no finite maximum, a loss of infinity), decided here, left to the exact path."""

BIN_EDGES = (-np.inf, -20.0, *(float(e) for e in range(-8, 13)), 20.0, 60.0, np.inf)
"""Edges of the distribution of errors, as log2 of ulp: exact results and below 2^-20, powers of two, the rest."""
BINS = len(BIN_EDGES) - 1


RESULT = np.dtype(
    [
        ("counts", np.int64, (SLOTS, SLOT_INTEGERS)),
        ("sizes", np.float64, (SLOTS, SIZES)),
        ("integers", np.int64, (ROW_INTEGERS,)),
        ("floats", np.float64, (ROW_FLOATS,)),
    ]
)
"""The tallies of one result row, as a record: the kernel gets it by its address."""


class Raw(NamedTuple):
    """The arrays of a block with R result rows and N cases: ``rows`` of `RESULT` (R,), ``histogram`` (N, BINS)."""

    rows: np.ndarray
    histogram: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """int64 (R, SLOTS, SLOT_INTEGERS), a view."""
        return np.asarray(self.rows["counts"])

    @property
    def sizes(self) -> np.ndarray:
        """float64 (R, SLOTS, SIZES), a view."""
        return np.asarray(self.rows["sizes"])

    @property
    def row_counts(self) -> np.ndarray:
        """int64 (R, ROW_INTEGERS), a view."""
        return np.asarray(self.rows["integers"])

    @property
    def row_sizes(self) -> np.ndarray:
        """float64 (R, ROW_FLOATS), a view."""
        return np.asarray(self.rows["floats"])


def empty(rows: int, cases: int) -> Raw:
    """Arrays in which nothing has been judged yet."""
    raw = Raw(rows=np.zeros(rows, RESULT), histogram=np.zeros((cases, BINS), np.int64))
    raw.row_counts[:, ABSENT_INDEX] = -1
    return raw
