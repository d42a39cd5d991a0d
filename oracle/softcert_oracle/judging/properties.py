"""Structural properties of results in NumPy: sums, ranges, signs, order, ties; their slack is a level's limits.

Signed errors are exact to float64, so a sum of n of them is known to n 2^-53 of the sum of their limits: below `MARGIN`
for every row of fewer than 2^22 classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.judging.layout import (
    CHECKED,
    INDEX,
    LIMIT,
    MEASURED,
    RATIO,
    STRUCTURAL_LEVELS,
    STRUCTURE,
    UNDECIDED,
    VIOLATED,
    Raw,
)

Float = NDArray[np.float64]

MARGIN = 2.0**-30
EVALUATION = 2.0**-51  # relative: a comparison of two results evaluated in float64 (two roundings each side)


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """The results of a case, (R, C) or (R,), with errors and limits of a level; ``divisor`` is the m of a mean."""

    x: Float
    labels: NDArray[np.int64] | None
    got: Float
    truth: Float
    error: Float
    limit: Float
    divisor: int


def enter(operation: str, stable: View, sound: View, out: Raw) -> None:
    """Enter every property at "stable", and in rows that violate one of them also at "sound"."""
    again = np.zeros(len(stable.got), bool)
    for level, view in enumerate((stable, sound)):
        for number, ratios in enumerate(BY_OPERATION[operation]):
            if ratios is not None:
                with np.errstate(all="ignore"):
                    _enter(out, STRUCTURE + STRUCTURAL_LEVELS * number + level, np.asarray(ratios(view)), again)
        if level == 0:
            again = np.all(out.counts[:, STRUCTURE::2, VIOLATED] == 0, axis=1)


def _enter(out: Raw, slot: int, ratios: Float, skipped: NDArray[np.bool_]) -> None:
    ratios = np.reshape(np.where(np.isnan(ratios), np.inf, ratios), (len(ratios), -1))
    violated = ratios > 1 + MARGIN
    worst = np.argmax(ratios, axis=1)
    out.counts[:, slot, CHECKED] = ratios.shape[1]
    out.counts[:, slot, VIOLATED] = violated.sum(axis=1)
    out.counts[:, slot, UNDECIDED] = ((ratios > 1 - MARGIN) & ~violated).sum(axis=1)
    out.counts[:, slot, INDEX] = worst
    out.sizes[:, slot, RATIO] = out.sizes[:, slot, MEASURED] = ratios[np.arange(len(ratios)), worst]
    out.sizes[:, slot, LIMIT] = 1.0
    out.counts[skipped, slot], out.sizes[skipped, slot] = 0, 0.0


def _over(excess: Float, slack: Float) -> Float:
    """excess/slack where excess is positive; inf where there is no slack. NaN has no size: `finite` speaks of it."""
    return np.asarray(np.where(excess > 0, excess / slack, 0.0))


def _sum_of_errors(v: View) -> Float:
    # The exact values sum to 1 (or 0), so the results miss that by the sum of their errors. A NaN is no sum.
    missing = np.abs(v.error.sum(axis=1))
    return np.where(np.isnan(v.got).any(axis=1), np.nan, _over(missing, v.limit.sum(axis=1)))


def _probability_range(v: View) -> Float:
    # Below 0 there is no slack: no algorithm for probabilities ends in a subtraction that could leave it.
    below = np.where(v.got < 0, np.inf, 0.0)
    return np.asarray(np.maximum(below, _over(v.got - 1, v.limit)))


def _log_range(v: View) -> Float:
    return _over(v.got, v.limit)


def _order(v: View) -> Float:
    by_logit = np.argsort(v.x, axis=1, kind="stable")
    got, limit = (np.take_along_axis(a, by_logit, axis=1) for a in (v.got, v.limit))
    certain = got - limit
    reached = np.maximum.accumulate(np.where(np.isnan(certain), -np.inf, certain), axis=1)
    # As a ratio to the slack of the later one: how far it lies below what an earlier one certainly has.
    ratios = _over(reached - got, limit + EVALUATION * np.abs(got))
    back = np.empty_like(ratios)
    np.put_along_axis(back, by_logit, ratios, axis=1)
    return back


def _ties(v: View) -> Float:
    by_logit = np.argsort(v.x, axis=1, kind="stable")
    x, got, limit = (np.take_along_axis(a, by_logit, axis=1) for a in (v.x, v.got, v.limit))
    apart = np.where(x[:, 1:] == x[:, :-1], np.abs(got[:, 1:] - got[:, :-1]), 0.0)
    ratios = _over(apart, limit[:, 1:] + limit[:, :-1] + EVALUATION * np.abs(got[:, 1:]))
    back = np.zeros_like(v.got)
    np.put_along_axis(back, by_logit[:, 1:], ratios, axis=1)
    return back


def _signs(v: View) -> Float:
    assert v.labels is not None
    sign = np.ones_like(v.got)
    sign[np.arange(len(sign)), v.labels] = -1.0
    towards = v.got * sign  # should not be negative
    wrong = (towards < 0) & (np.abs(v.got) > v.limit)
    wrong |= (towards <= 0) & (np.abs(v.truth) > v.limit)
    wrong |= np.isnan(v.got) & (np.abs(v.truth) > v.limit)
    return np.asarray(np.where(wrong, np.maximum(np.abs(v.error) / v.limit, 2.0), 0.0))


def _gradient_range(v: View) -> Float:
    return _over(np.abs(v.got) - 1 / v.divisor, v.limit + EVALUATION / v.divisor)


def _loss_sign(v: View) -> Float:
    return _over(-v.got, v.limit)


def _lse_bounds(v: View) -> Float:
    top, n = v.x.max(axis=1), np.isfinite(v.x).sum(axis=1)
    slack = v.limit + EVALUATION * (np.abs(top) + np.log(n))
    return np.asarray(np.maximum(_over(top - v.got, slack), _over(v.got - (top + np.log(n)), slack)))


BY_OPERATION: Mapping[str, tuple[Callable[[View], Float] | None, ...]] = {
    "softmax": (_sum_of_errors, _probability_range, _order, _ties),
    "log_softmax": (None, _log_range, _order, _ties),
    "logsumexp": (_lse_bounds,),
    "cross_entropy": (_loss_sign,),
    "cross_entropy_grad": (_signs, _sum_of_errors, _gradient_range),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "softmax": ("sum_to_one", "range", "order", "ties"),
    "log_softmax": ("", "range", "order", "ties"),
    "logsumexp": ("lse_bounds",),
    "cross_entropy": ("loss_sign",),
    "cross_entropy_grad": ("gradient_signs", "gradient_sum", "gradient_range"),
}
"""By operation: its structural properties, in the order of the slots."""
