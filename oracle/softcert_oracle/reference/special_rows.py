"""Rows without a finite maximum: their class, and the limits that stand in the place of values.

The table "Special values, by operation" of the project's numerics: one +inf has a limit (one-hot), several have
none on themselves, a row of -inf has no softmax, NaN makes the whole row NaN. Policies (limit or NaN, ...) are
the harness's matter; here is only what is true.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


class RowKind(IntEnum):
    """The class of a row by its special values."""

    ORDINARY = 0  # has a finite maximum; may hold -inf
    ALL_MINUS_INF = 1  # also a row of no classes
    ONE_PLUS_INF = 2
    SEVERAL_PLUS_INF = 3
    HAS_NAN = 4


def kinds(x: Float) -> NDArray[np.int8]:
    """The RowKind of each row of x (m, C), shape (m,)."""
    out = np.zeros(len(x), np.int8)
    top = np.max(x, axis=1, initial=-np.inf)  # NaN where a row holds one
    if bool(np.all(np.isfinite(top))):
        return out
    infinities = np.count_nonzero(x == np.inf, axis=1)
    out[top == -np.inf] = RowKind.ALL_MINUS_INF
    out[infinities == 1] = RowKind.ONE_PLUS_INF
    out[infinities > 1] = RowKind.SEVERAL_PLUS_INF
    out[np.isnan(top)] = RowKind.HAS_NAN
    return out


def limits(x: Float, kind: NDArray[np.int8]) -> tuple[Float, Float, Float]:
    """softmax (m, C), log_softmax (m, C) and logsumexp (m,) of rows of special kinds: limits, NaN where none is."""
    peak = x == np.inf
    kind = kind[:, None]
    softmax = np.where(peak, 1.0, 0.0)
    softmax = np.where(peak & (kind == RowKind.SEVERAL_PLUS_INF), np.nan, softmax)
    softmax = np.where((kind == RowKind.ALL_MINUS_INF) | (kind == RowKind.HAS_NAN), np.nan, softmax)
    with np.errstate(divide="ignore"):
        log_softmax = np.log(softmax)  # of 0, 1 and NaN only: exact
    lse = np.where(kind == RowKind.ALL_MINUS_INF, -np.inf, np.where(kind == RowKind.HAS_NAN, np.nan, np.inf))
    return softmax, log_softmax, lse[:, 0]
