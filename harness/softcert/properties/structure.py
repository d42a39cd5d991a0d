"""Structural properties of one output: sums, ranges, signs, order, ties.

Each takes the limits of a level as its slack. Signed errors are exact to float64, so a sum of n of them is known
to n 2^-53 of the sum of their limits: below `MARGIN` for every row that the battery holds (n < 2^22).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from softcert.properties.check import NAN, VALUE, Check, from_ratios
from softcert.properties.judged_call import JudgedCall
from softcert_oracle.levels import Level
from softcert_oracle.reference.truth import RowKind

MARGIN = 2.0**-30
EVALUATION = 2.0**-51  # relative: a comparison of two results evaluated in float64 (two roundings each side)


class View:
    """The rows of an output that are ordinary, with errors and limits as float64."""

    def __init__(self, judged: JudgedCall, level: Level) -> None:
        ordinary = judged.expected.rows.kind == RowKind.ORDINARY
        scalar = judged.got.ndim == 0
        if scalar:
            ordinary = np.asarray(bool(ordinary.all()))
        self.judged, self.level = judged, level
        self.rows = np.flatnonzero(ordinary)
        pick = (lambda a: np.atleast_1d(a)) if scalar else (lambda a: a[ordinary])
        empty = scalar and not ordinary
        self.got = pick(judged.got)[:0] if empty else pick(judged.got)
        self.truth = pick(judged.expected.exact.to_float())[: len(self.got)]
        self.limit = pick(judged.limits(level))[: len(self.got)]
        self.error = pick(judged.distance.signed.to_float())[: len(self.got)]
        self.x = judged.expected.rows.x if scalar else judged.expected.rows.x[ordinary]
        labels = judged.expected.labels
        self.labels = None if labels is None or scalar else labels[self.rows]

    def check(self, property_name: str, ratios: np.ndarray) -> Check:
        """The check, with the element's index translated back to the whole output."""
        outcome = from_ratios(property_name, self.level, ratios, MARGIN)
        if not outcome.index or not self.judged.got.ndim:
            index: tuple[int, ...] = ()
        else:
            index = (int(self.rows[outcome.index[0]]), *outcome.index[1:])
        cause = ""
        if outcome.failed:
            cause = NAN if np.isnan(self.judged.got[index[:1]] if index else self.judged.got).any() else VALUE
        return replace(outcome, index=index, cause=cause, measured=outcome.ratio, limit=1.0, unit="slack")


def check(judged: JudgedCall) -> list[Check]:
    """The structural checks of the operation, at "stable", and at "sound" where that fails.

    The statements are about plain calls; a call with options has none.
    """
    ratios_by_name = _BY_OPERATION.get(judged.operation, {})
    if not ratios_by_name or judged.case.options or judged.inputs.exact.size == 0:
        return []
    stable = View(judged, Level.STABLE)
    if not len(stable.got):
        return []
    sound = None
    checks = []
    for name, ratios in ratios_by_name.items():
        outcome = stable.check(name, ratios(stable))
        if outcome.failed:
            sound = sound or View(judged, Level.SOUND)
            lower = sound.check(name, ratios(sound))
            outcome = lower if lower.failed else outcome
        checks.append(outcome)
    return checks


def _over(excess: np.ndarray, slack: np.ndarray) -> np.ndarray:
    """excess/slack where excess is positive; inf where there is no slack. NaN has no size: `finite` speaks of it."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(np.where(excess > 0, excess / slack, 0.0))


def _sum_of_errors(v: View) -> np.ndarray:
    # The exact values sum to 1 (or 0), so the results miss that by the sum of their errors. A NaN is no sum.
    with np.errstate(invalid="ignore", over="ignore"):
        missing = np.abs(v.error.sum(axis=1))
        return np.where(np.isnan(v.got).any(axis=1), np.nan, _over(missing, v.limit.sum(axis=1)))


def _probability_range(v: View) -> np.ndarray:
    # Below 0 there is no slack: no algorithm for probabilities ends in a subtraction that could leave it.
    below = np.where(v.got < 0, np.inf, 0.0)
    return np.asarray(np.maximum(below, _over(v.got - 1, v.limit)))


def _log_range(v: View) -> np.ndarray:
    return _over(v.got, v.limit)


def _order(v: View) -> np.ndarray:
    by_logit = np.argsort(v.x, axis=1, kind="stable")
    got, limit = (np.take_along_axis(a, by_logit, axis=1) for a in (v.got, v.limit))
    with np.errstate(invalid="ignore", over="ignore"):
        certain = got - limit
        reached = np.maximum.accumulate(np.where(np.isnan(certain), -np.inf, certain), axis=1)
        slack = limit + EVALUATION * np.abs(got)
        # As a ratio to the slack of the later one: how far it lies below what an earlier one certainly has.
        ratios = _over(reached - got, slack)
    back = np.empty_like(ratios)
    np.put_along_axis(back, by_logit, ratios, axis=1)
    return back


def _ties(v: View) -> np.ndarray:
    by_logit = np.argsort(v.x, axis=1, kind="stable")
    x, got, limit = (np.take_along_axis(a, by_logit, axis=1) for a in (v.x, v.got, v.limit))
    tied = x[:, 1:] == x[:, :-1]
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where(tied, np.abs(got[:, 1:] - got[:, :-1]), 0.0)
        slack = limit[:, 1:] + limit[:, :-1] + EVALUATION * np.abs(got[:, 1:])
        ratios = _over(apart, slack)
    back = np.zeros_like(v.got)
    np.put_along_axis(back, by_logit[:, 1:], ratios, axis=1)
    return back


def _signs(v: View) -> np.ndarray:
    assert v.labels is not None
    sign = np.ones_like(v.got)
    sign[np.arange(len(sign)), v.labels] = -1.0
    towards = v.got * sign  # should not be negative
    wrong = (towards < 0) & (np.abs(v.got) > v.limit)
    wrong |= (towards <= 0) & (np.abs(v.truth) > v.limit)
    wrong |= np.isnan(v.got) & (np.abs(v.truth) > v.limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(wrong, np.maximum(np.abs(v.error) / v.limit, 2.0), 0.0))


def _gradient_range(v: View) -> np.ndarray:
    m = v.judged.inputs.x.shape[0] if v.judged.terms.reduction == "mean" else 1
    return _over(np.abs(v.got) - 1 / m, v.limit + EVALUATION / m)


def _loss_sign(v: View) -> np.ndarray:
    return _over(-v.got, v.limit)


def _lse_bounds(v: View) -> np.ndarray:
    top = v.x.max(axis=1)
    n = np.isfinite(v.x).sum(axis=1)
    slack = v.limit + EVALUATION * (np.abs(top) + np.log(n))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.maximum(_over(top - v.got, slack), _over(v.got - (top + np.log(n)), slack)))


_BY_OPERATION: Mapping[str, Mapping[str, Callable[[View], np.ndarray]]] = {
    "softmax": {"sum_to_one": _sum_of_errors, "range": _probability_range, "order": _order, "ties": _ties},
    "log_softmax": {"range": _log_range, "order": _order, "ties": _ties},
    "logsumexp": {"lse_bounds": _lse_bounds},
    "cross_entropy": {"loss_sign": _loss_sign},
    "cross_entropy_grad": {"gradient_signs": _signs, "gradient_sum": _sum_of_errors, "gradient_range": _gradient_range},
}


def names(operation: str) -> tuple[str, ...]:
    """The structural properties of an operation, in the order in which they are checked."""
    return tuple(_BY_OPERATION.get(operation, ()))
