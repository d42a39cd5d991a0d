"""Gradients of losses with options, composed of row limits: (S + 2 z lse) p_k - c_k, chain rule and reduction.

docs/options.md derives each step; shapes are canonical, (m, C).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.levels import Level
from softcert_oracle.limits import accurate, complement, sums
from softcert_oracle.limits.running_error import Bounded, add, mul, sub
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, shaping
from softcert_oracle.options.losses import divided_as_mean
from softcert_oracle.options.row_limits import RowLimits


def by_shaped(limits: RowLimits) -> Bounded:
    """(S + 2 z lse) p_k - c_k with its limit (m, C)."""
    call, by, coefficients = limits.call, limits.by, limits.coefficients
    grown = sums.growth(call.classes, limits.parameters) if limits.dense else 0.0
    factor = composing.total(coefficients, grown, axis=1)
    if limits.level == Level.ACCURATE:
        return _accurately(limits, factor)
    if call.z_loss:
        twice = mul(shaping.scalar(2.0 * call.z_loss, limits.parameters), limits.logsumexp, by)
        factor = add(factor, twice, by)
    p = Bounded.within(limits.p, limits.softmax(saved=True))
    return _of_any_form(limits, sub(mul(composing.column(factor), p, by), coefficients, by), p.error)


def _of_any_form(limits: RowLimits, g: Bounded, limit_p: Scaled) -> Bounded:
    """The label's entry may be made from the sum of the other probabilities, as `stable.of_any_form` allows."""
    if not limits.call.classes:
        return g
    marked = _labelled_class(limits)
    at = np.arange(limits.call.m), marked
    more = complement.gradient(limits.t, marked) - limit_p[at]
    own = limits.coefficients.value[at] * more.maximum(0.0)
    return Bounded(g.value, composing.assigned(g.error, at, g.error[at] + own * (1.0 + limits.by.u)))


def _labelled_class(limits: RowLimits) -> NDArray[np.intp]:
    """The label of each row, or the class with the largest target (m,)."""
    if limits.call.labels is not None:
        return limits.call.labels
    assert limits.call.targets is not None
    return np.asarray(np.argmax(limits.call.targets, axis=1))


def _accurately(limits: RowLimits, total: Bounded) -> Bounded:
    """Level "accurate": (S - c_k) p_k - c_k (1 - p_k), each part with its relative limit, and the z-loss'limits."""
    a, by = limits.t.arithmetic, limits.by
    own = limits.coefficients
    others = abs(limits.rows.complement.to_scaled()).where(limits.rows.ordinary[:, None], 0.0)
    limit_p = limits.softmax()
    limit_q = limit_p + others * (2.0 * a.u)
    at = np.arange(limits.call.m), limits.rows.argmax
    if limits.call.classes:
        nearest = accurate.gradient(limits.t, limits.rows.argmax)[at]
        limit_q = composing.assigned(limit_q, at, nearest.maximum(limit_q[at]) if np.any(limits.errors) else nearest)
    if limits.call.classes and not np.any(limits.errors):
        marked = _labelled_class(limits)
        at = np.arange(limits.call.m), marked
        limit_q = composing.assigned(limit_q, at, limit_q[at].maximum(accurate.gradient(limits.t, marked)[at]))
    left = composing.column(total).value - own.value
    rest = abs(left)
    parts = rest * limits.p + abs(own.value) * others
    grown = float(
        np.expm1(8.0 * a.rounding + (sums.growth(limits.call.classes, limits.parameters) if limits.dense else 0.0))
    )
    error = rest * limit_p + abs(own.value) * limit_q + parts * grown + own.error * others
    error = error + _error_of_the_rest(limits, total) * limits.p
    value = left * limits.p - own.value * others
    if limits.call.z_loss:
        twice = mul(shaping.scalar(2.0 * limits.call.z_loss, limits.parameters), limits.logsumexp, by)
        extra = mul(composing.column(twice), Bounded.within(limits.p, limit_p), by)
        value, error = value + extra.value, error + extra.error + abs(extra.value) * a.u
    return Bounded(value, error)


def _error_of_the_rest(limits: RowLimits, total: Bounded) -> Scaled:
    """The error of S - c_k, (m, C): none at the label if no other class counts, since S is c_k itself there."""
    error = composing.column(total).error
    if limits.dense or limits.call.labels is None:
        return error
    labelled = np.arange(limits.call.classes) == limits.call.labels[:, None]
    return error.where(~labelled, 0.0)


def gradient(limits: RowLimits) -> Bounded:
    """By the given logits, (m, C): chain rule, upstream gradient, reduction; 0 where a row does not count."""
    call, by = limits.call, limits.by
    g = chained(limits, by_shaped(limits))
    size = Scaled.of(1.0)
    if call.upstream is not None:
        weights = np.broadcast_to(call.upstream, (call.m,))[:, None]
        g, size = mul(g, Bounded.exact(weights), by), Scaled.of(1.0 + np.abs(weights))
    if call.reduction == "mean":
        saved = limits.t.arithmetic.saved  # 1/m and m are kept in it too, see `reductions.gradient`
        twice = by.depth_growth(2) if saved is None else np.expm1(2.0 * (by.u + np.log1p(saved.unit_roundoff)))
        g = divided_as_mean(limits, Bounded(g.value, g.error * (1.0 + twice) + abs(g.value) * twice))
    lost = by.tiny * size * (4.0 + 4.0 / call.temperature)  # products of three or four in any order may underflow
    g = Bounded(g.value, g.error + lost)
    return composing.zeroed(g, without_gradient(limits))


def without_gradient(limits: RowLimits) -> NDArray[np.bool_]:
    """Where the gradient is exactly 0 or no number: ignored rows, rows without a maximum, masked classes."""
    gone = np.broadcast_to(~limits.rows.ordinary[:, None], (limits.call.m, limits.call.classes))
    if limits.call.kept is not None:
        gone = gone | ~limits.call.kept[:, None]
    return np.asarray(gone if limits.call.mask is None else gone | ~limits.call.mask)


def chained(limits: RowLimits, g: Bounded) -> Bounded:
    """A derivative by the shaped logits, (m, C), turned into one by the given logits: slope of the soft cap, 1/T."""
    call = limits.call
    slope = shaping.slope(call, limits.parameters, relative=limits.level == Level.ACCURATE)
    if slope is not None:
        g = mul(g, slope, limits.by)
    return g if call.temperature == 1.0 else shaping.over(g, call.temperature, limits.parameters)
