"""Which errors pass unseen: the smallest uniform relative error that leaves a limit, by class count.

A limit grows with the terms that a sum rounds, so an error that multiplies every probability by the same factor (a
class that is missing from the sum, a constant with too few digits) hides behind it in rows of many ordinary logits.
Rows of few terms and rows whose sums are exact show it; this says how small it may be in each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from softcert_oracle import operations
from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import concentration
from softcert_oracle.limits.limit import Limit, limit
from softcert_oracle.numbers.scaled import Float, Scaled
from softcert_oracle.reference import truth

SPREAD = 2.0
"""Standard deviation of ordinary logits, as a trained classifier has about."""

FEW = 8
"""Ordinary logits of a sparse row."""

_SEED = 2026


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """The largest uniform relative errors of the probabilities (or of their sum) that pass unseen.

    Parameters
    ----------
    classes
        The class count C.
    dense
        In a row of C ordinary logits, normal with standard deviation `SPREAD`.
    sparse
        In a row of `FEW` ordinary logits among others whose exponentials are 0.
    exact
        In a row of 0 for every other class and 0 exponentials else, whose sum is an exact integer.
    missing
        How many of the terms of that last row may be missing from the sum unseen; below 1, none.
    """

    classes: int
    dense: float
    sparse: float
    exact: float
    missing: float


def unseen(operation: str, level: str, classes: int, p: LimitParameters) -> Unseen:
    """What passes unseen at a class count.

    Parameters
    ----------
    operation
        Name or alias of a core operation.
    level
        "sound", "stable" or "accurate".
    classes
        C, at least 1.
    p
        The subject's claims. Losses are those of single rows.

    Returns
    -------
    Unseen
        Relative errors. A smaller uniform error is within the limit of every number of such a row.

    Examples
    --------
    >>> at = unseen("softmax", "stable", 32000, LimitParameters(format="float32"))
    >>> at.dense > 1e-3, at.sparse < 1e-5, at.exact < 1e-5, at.missing < 1
    (True, True, True, True)
    """
    x = typical_rows(classes, p)
    rows, labels = truth.rows(x), np.argmax(x, axis=1)
    labelled = operations.lookup(operation).takes_labels
    own = replace(p, reduction="none")
    found = smallest_seen(limit(operation, level, rows, labels if labelled else None, own), operation, rows)
    dense, sparse, exact = found.tolist()
    ones = int(np.count_nonzero(x[2] == 0))
    # Of n ones k missing multiply every probability by n / (n - k).
    return Unseen(classes=classes, dense=dense, sparse=sparse, exact=exact, missing=ones * exact / (1.0 + exact))


def typical_rows(classes: int, p: LimitParameters) -> Float:
    """The dense, the sparse and the exact row of a class count, (3, C), with the values of the format."""
    rng = np.random.default_rng([_SEED, classes])
    # float8_e4m3fn ends at 448, where exp in float64 is not 0: then the row is the sparsest that the format has.
    lowest = max(-1.25 * concentration.zero_distance(p), -p.arithmetic.format.largest)
    x = np.full((3, classes), lowest)
    ordinary = rng.normal(size=classes) * SPREAD
    x[0] = ordinary
    few = rng.choice(classes, min(FEW, classes), replace=False)
    x[1, few] = ordinary[few]
    x[2, ::2] = 0.0
    return np.asarray(x.astype(p.arithmetic.format.dtype).astype(np.float64))


def smallest_seen(bound: Limit, operation: str, rows: truth.Rows) -> Float:
    """The smallest uniform relative error of a row's probabilities that exceeds one of its limits, by row (m,).

    Parameters
    ----------
    bound
        Limits of these rows, of a result that is not reduced: (m, C) or (m,).
    operation
        The operation that they limit.
    rows
        The exact values of the rows.

    Returns
    -------
    numpy.ndarray
        Relative errors; infinite for rows of a special class. An error r moves a probability by r p_j, and a
        log-probability, a log-sum-exp and a loss by r.
    """
    name = operations.lookup(operation).name
    numbers, ordinary = bound.numbers, rows.ordinary
    if len(numbers.shape) == 1:
        return np.where(ordinary, numbers.to_float(), np.inf)
    exact = rows.softmax.to_scaled().where(rows.softmax.is_finite, 0.0)
    moved = Scaled.of(np.ones(rows.shape)) if name == "log_softmax" else exact
    counted = (exact.significand > 0) & ordinary[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = numbers.ratio(moved)
    return np.asarray(np.min(np.where(counted, ratio, np.inf), axis=1, initial=np.inf))


def table(operation: str, level: str, counts: ArrayLike, p: LimitParameters) -> tuple[Unseen, ...]:
    """`unseen` at several class counts."""
    return tuple(unseen(operation, level, int(n), p) for n in np.atleast_1d(np.asarray(counts)).tolist())
