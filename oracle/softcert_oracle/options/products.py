"""Products, composed of row limits: vector-Jacobian and Hessian-vector products, and gradients of a linear layer.

docs/options.md derives each step; shapes are canonical, (m, C), but for the three gradients of the layer.
"""

from __future__ import annotations

import numpy as np

from softcert_oracle.levels import Level
from softcert_oracle.limits import sums
from softcert_oracle.limits.running_error import Bounded, mul, sub
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing
from softcert_oracle.options.gradients import chained, gradient, without_gradient
from softcert_oracle.options.losses import divided_as_mean
from softcert_oracle.options.row_limits import RowLimits


def _probabilities(limits: RowLimits) -> Bounded:
    """Probabilities as a backward pass has them: saved in the contract's format."""
    limit, saved = limits.softmax(saved=limits.level != Level.ACCURATE), limits.t.arithmetic.saved
    if saved is not None:
        limit = limit * (1.0 + saved.unit_roundoff) + limits.p * saved.unit_roundoff
        limit = (limit + Scaled.of(0.5, saved.quantum_exponent)).where(~limits.t.absent, 0.0)
    return Bounded.within(limits.p, limit)


def _upstream(limits: RowLimits) -> Bounded:
    assert limits.call.upstream is not None
    return Bounded.exact(limits.call.upstream)


def softmax_vjp(limits: RowLimits) -> Bounded:
    """p_i (w_i - sum p_j w_j), or p_i w_i - p_i sum p_j w_j: one rounding more than the first."""
    return _by_given_logits(limits, _centred(limits, _probabilities(limits), Scaled.of(0.0), 1))


def _centred(limits: RowLimits, p: Bounded, shift: Scaled, apart: int) -> Bounded:
    """p_i (w_i - sum p_j w_j), where w may first be moved by up to ``shift`` (m, 1) or ().

    ``apart`` roundings may act on each of the terms p_i w_i and p_i sum p_j w_j alone.
    """
    by, w = limits.by, _upstream(limits)
    grown, moved = sums.growth(limits.call.classes, limits.parameters), abs(w.value) + shift
    sum_ = composing.total(mul(p, w, by), grown, axis=1)
    error = composing.total(mul(p, Bounded(moved, w.error), by), grown, axis=1).error
    centre = composing.column(Bounded(sum_.value, error))
    v = mul(p, sub(w, centre, by), by)
    more = limits.p * (moved + abs(centre.value) + shift) * by.depth_growth(apart)
    return Bounded(v.value, v.error + more + by.tiny * 2.0 * apart)


def cross_entropy_hvp(limits: RowLimits) -> Bounded:
    """p_i (w_i - sum p_j w_j), divided by m for a mean, as a graph of operations is differentiated twice.

    The terms p_i w_i and p_i sum p_j w_j then come from nodes of their own: each is multiplied, divided by the sum
    of exponentials (the second by its square), and multiplied by 1/m, itself rounded. That is six roundings apart.
    Where the label's gradient is minus the sum of the others, the label's w is subtracted from all; and its
    probability may be known as its gradient is, p - 1, to which 1 is added ("accurate" asks for more).
    """
    p, labels, shift = _probabilities(limits), limits.call.labels, Scaled.of(0.0)
    assert labels is not None
    assert limits.call.upstream is not None
    if limits.call.classes:
        at = np.arange(limits.call.m), labels
        if limits.level != Level.ACCURATE:
            known: Scaled = limits.formulas.gradient(limits.t, labels)[at] + Scaled.of(limits.by.u)
            p = Bounded(p.value, composing.assigned(p.error, at, p.error[at].maximum(known)))
        shift = Scaled.of(np.abs(limits.call.upstream[at]))[:, None]
    h = _centred(limits, p, shift, 6)
    h = divided_as_mean(limits, h) if limits.call.reduction == "mean" else h
    # The harness differentiates half the loss and doubles the result, which is exact but for underflow.
    return _by_given_logits(limits, Bounded(h.value, h.error + limits.by.tiny * 4.0))


def log_softmax_vjp(limits: RowLimits) -> Bounded:
    """w_i - p_i sum w_j."""
    by, p, w = limits.by, _probabilities(limits), _upstream(limits)
    total = composing.column(composing.total(w, sums.growth(limits.call.classes, limits.parameters), axis=1))
    return _by_given_logits(limits, sub(w, mul(p, total, by), by))


def _by_given_logits(limits: RowLimits, v: Bounded) -> Bounded:
    gone = without_gradient(limits)
    if limits.call.operation != "log_softmax_vjp":
        gone = gone | limits.t.absent
    return composing.zeroed(chained(limits, v), gone)


def linear_gradients(limits: RowLimits) -> list[Bounded]:
    """By X (m, K), W (C, K) and b (C,): products of G = dL/dz with W, X and 1."""
    call, p, by = limits.call, limits.parameters, limits.by
    assert call.linear is not None
    features, weights, _ = (Bounded.exact(v) for v in call.linear)
    g = gradient(limits)
    over_classes, over_rows = sums.growth(call.classes, p), sums.batch_growth(call.m, p)
    more = limits.t.arithmetic.rounding  # a reduction that is applied to the product
    by_features = composing.total(mul(g[:, :, None], weights[None], by), over_classes + more, axis=1)
    by_weights = composing.total(mul(g[:, :, None], features[:, None], by), over_rows + more, axis=0)
    return [by_features, by_weights, composing.total(g, over_rows + more, axis=0)]
