"""Rows and batches whose sums have few terms, or terms that add without rounding: limits are narrow there at any size.

A term of exactly 0 takes no part in a sum's rounding, and sums of small integers are exact in every order. So a class
that is missing from the sum of 262144 shows in such a row, while n roundings would hide it among ordinary logits.
"""

from __future__ import annotations

import math

import numpy as np

from softcert.cases.regimes.table import Generator, Values, regime
from softcert_oracle.numbers.formats import Format

MINUS_INF = "-inf"
FAR = "far"
_POWER = 128.0  # e^-128 is nothing beside 1 even in float64, and 128 is a number of every format
"""What lies beside the terms that count: -inf, or a finite logit whose exponential is 0 in the format."""


DENSE = 1024
"""Classes up to which ordinary rows have narrow limits too: n roundings in float32 are 6e-5 there."""
EDGES = (("kept", "edges"), ("beside", FAR))
"""Parameters of sparse rows whose logits are at the classes where loops end."""


def nothing(fmt: Format) -> float:
    """A finite logit so low that e^(x - 0) rounds to 0 in whatever the format is computed in."""
    # float32 returns 0 from -104 on, float64 from -745; the formats below are computed in float32.
    return -800.0 if fmt.precision > 24 else -200.0


def _floor(beside: str, fmt: Format) -> float:
    return -math.inf if beside == MINUS_INF and fmt.has_infinity else nothing(fmt)


def _places(rng: Generator, m: int, C: int, count: int) -> np.ndarray:
    """``count`` different classes for each row, in random order: (m, count)."""
    if 4 * count >= C:
        return np.stack([rng.permutation(C)[:count] for _ in range(m)])
    # One class of each of `count` equal parts: all different, without a permutation of all classes.
    width = C // count
    return np.arange(count) * width + rng.integers(0, width, (m, count))


def _edges(C: int) -> np.ndarray:
    """The first, middle and last class, and either side of every power of two: where loops end."""
    powers = 2 ** np.arange(1, C.bit_length())
    found: np.ndarray = np.unique(np.concatenate([[0, C // 2 - 1, C // 2, C - 1], powers, powers - 1, C - powers]))
    return found[(found >= 0) & (found < C)]


@regime("sums", "2 to 64 ordinary logits among classes that add exactly nothing: a few roundings at any class count")
def _sparse_rows(
    rng: Generator, m: int, C: int, fmt: Format, kept: int | str = 8, beside: str = MINUS_INF, scale: float = 1.0
) -> Values:
    x = np.full((m, C), _floor(beside, fmt))
    at = np.tile(_edges(C), (m, 1)) if isinstance(kept, str) else _places(rng, m, C, min(kept, C))
    np.put_along_axis(x, at, rng.standard_normal(at.shape) * scale, axis=1)
    return x


@regime("sums", "logits of 0 and of nothing: every partial sum is an integer, so that one missing class shows")
def _exact_sums(
    rng: Generator,
    m: int,
    C: int,
    fmt: Format,
    by: str = "halves",
    beside: str = MINUS_INF,
    at: int = 0,
    of: int = 1,
) -> Values:
    # A part is every class k with k = at modulo `of`. By halves, rows 2k and 2k + 1 are complements of one another; by
    # bits, row k holds the classes with bit k set, so that any class among 2^17 is told by 17 rows. Class 0 is always
    # there: lazy and online maxima agree then.
    if by == "part":
        there = np.tile(np.arange(C) % of == at, (m, 1))
    elif by == "bits":
        bits = max(1, (C - 1).bit_length())
        there = (np.arange(C)[None, :] >> (np.arange(m)[:, None] % bits)) & 1 == 1
    else:
        drawn = rng.integers(0, 2, ((m + 1) // 2, C)) == 1
        there = np.stack([drawn, ~drawn], axis=1).reshape(-1, C)[:m]
    x = np.where(there, 0.0, _floor(beside, fmt))
    x[:, 0] = 0.0
    return np.asarray(x)


@regime("sums", "about a hundred equal logits and nothing beside them: each class has a probability near one percent")
def _one_percent(rng: Generator, m: int, C: int, fmt: Format, tied: int = 100, beside: str = FAR) -> Values:
    x = np.full((m, C), _floor(beside, fmt))
    # Between 90 and 110 of them, so that p is no round number.
    count = min(C, tied + int(rng.integers(-tied // 10, tied // 10 + 1)))
    np.put_along_axis(x, _places(rng, m, C, count), 0.0, axis=1)
    return x


@regime("sums", "about 300 ordinary logits, all others 30 below: nearly the whole mass in a few hundred terms")
def _concentrated(rng: Generator, m: int, C: int, fmt: Format, large: int = 300, below: float = 30.0) -> Values:
    x = rng.standard_normal((m, C)) - below
    at = _places(rng, m, C, min(large, C))
    np.put_along_axis(x, at, rng.standard_normal(at.shape), axis=1)
    return x


@regime("batch", "losses of exactly 0 but in one row, in some rows with powers of two, or in every n-th row")
def _unequal_losses(
    rng: Generator, m: int, C: int, fmt: Format, losses: str = "one", at: int = -1, of: int = 2
) -> Values:
    # The label is class 0 (recipe labels "first"). Its loss is 0 where every other class adds exactly nothing.
    x = np.full((m, C), nothing(fmt))
    x[:, 0] = 0.0
    if losses == "one":
        x[at % m] = rng.standard_normal(C)
    elif losses == "part":
        # The loss is the gap itself, a power of two: sums of these are exact too.
        x[at % of :: of, 0] = -_POWER
        x[at % of :: of, 1:2] = 0.0
    else:
        powers = np.exp2(np.arange(6.0, -18.0, -1))[:m]
        rows = rng.permutation(m)[: len(powers)]
        # log(1 + e^g) = loss for a second class that lies g above: g = log(e^loss - 1).
        x[rows, 1:2] = (powers + np.log(-np.expm1(-powers)))[:, None]
    return x
