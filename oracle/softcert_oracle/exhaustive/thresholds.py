"""Two classes: where the correctly rounded result changes, as differences of the logits.

Softmax of (a, b) is the logistic function of d = a - b, and log-softmax its logarithm; both rise with d. The result
rounds up at the midpoint of two neighbours of the format, hence where d passes the inverse of that midpoint: logit(p)
or -log(exp(-l) - 1). Midpoints are rational and not 0 or 1/2 apart from p = 1/2, which is no midpoint of a format, so
that these inverses are no float64 numbers (Lindemann); Arb encloses each. docs/oracle.md has the theorem.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from softcert_oracle.exhaustive.ranks import NAN, ranks
from softcert_oracle.reference.arb import precision

Float = NDArray[np.float64]

_BITS = 320
"""Enough for float64 end points: 1 - p and exp(-l) - 1 lose at most 150 bits in a 16-bit format."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Thresholds:
    """The steps of one function in one format.

    Parameters
    ----------
    low, high
        float64 (n,), rising: the k-th step lies strictly between, with a float64 number to spare on both sides.
    ranks
        int32 (n + 1,): the rank of the result below the first step, and above each.
    """

    low: Float
    high: Float
    ranks: NDArray[np.int32]

    def of_rising(self, d: Float) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The ranks of the correctly rounded results at rising differences.

        Parameters
        ----------
        d
            Differences rounded to float64, (n,), rising, infinities included.

        Returns
        -------
        ranks, open
            int32 (n,), and the positions that no table decides.
        """
        below = np.searchsorted(d, self.low, "left")
        above = np.searchsorted(d, self.high, "right")
        steps = np.cumsum(np.bincount(below, minlength=len(d) + 1)[: len(d)])
        doubtful = np.flatnonzero(below != above)
        open_ = [np.arange(below[k], above[k]) for k in doubtful]
        return self.ranks[steps], np.concatenate(open_) if open_ else _NONE


_NONE = np.empty(0, np.intp)


def _logit(p: Any) -> Any:
    return (p / (1 - p)).log()


def _difference(log_p: Any) -> Any:
    return -((-log_p).expm1()).log()


@cache
def logistic(name: str) -> Thresholds:
    """Where 1 / (1 + e^-d) changes, rounded to a format of at most 16 bits."""
    known = ranks(name)
    values = known.values[(known.values > 0) & (known.values <= 1)]
    grid = np.concatenate([[0.0], values])
    return _made((grid[:-1] + grid[1:]) / 2, _logit, np.arange(len(grid), dtype=np.int32))


@cache
def log_logistic(name: str) -> Thresholds:
    """Where -log(1 + e^-d) changes, rounded to a format of at most 16 bits; -inf (or NaN) beyond the largest number."""
    known = ranks(name)
    values = known.values[np.isfinite(known.values) & (known.values > 0)]
    spacing = values[-1] - values[-2]
    grid = np.concatenate([[0.0], values, [values[-1] + spacing]])
    midpoints = -((grid[:-1] + grid[1:]) / 2)[::-1]
    codes = -np.arange(len(grid), dtype=np.int32)[::-1]
    if not known.format.has_infinity:
        codes[0] = NAN
    return _made(midpoints, _difference, codes)


def _made(midpoints: Float, inverse: Callable[[Any], Any], codes: NDArray[np.int32]) -> Thresholds:
    """The steps at exact midpoints (float64 holds them)."""
    with precision(_BITS):
        balls = [inverse(arb(m)) for m in midpoints.tolist()]
        ends = [(float(b.lower()), float(b.upper())) for b in balls]
    low, high = (np.array(e) for e in zip(*ends, strict=True))
    # float(...) may round either way by less than one number; one more lets rounded differences decide.
    for _ in range(2):
        low, high = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    return Thresholds(low=low, high=high, ranks=codes)
