"""Losses with options, composed of row limits: weights, smoothing, soft targets, z-loss and the reduction.

docs/options.md derives each step. A loss is a sum of coefficients c_j times surprisals -l_j; what is not finite
counts as 0 with no error, because special values are judged by their own rules.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.levels import Level
from softcert_oracle.limits import sums
from softcert_oracle.limits.running_error import Bounded, add, div, mul
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import composing, shaping
from softcert_oracle.options.row_limits import RowLimits


def surprisal(limits: RowLimits) -> Bounded:
    """-l_j (m, C) as a loss is made of it; 0 where it is infinite.

    The limit of a log-probability, with what a loss may round more, u and eps_l relative, and what saving it in a
    narrower format does; at the label never less than the limit of the loss itself.
    """
    own, a = limits.log_softmax(), limits.t.arithmetic
    size = abs(limits.log_p)
    if limits.level != Level.ACCURATE:
        own = own + size * (2.0 * a.u + a.log)
        if a.saved is not None:
            own = own * (1.0 + a.saved.unit_roundoff) + size * a.saved.unit_roundoff
            own = own + Scaled.of(0.5, a.saved.quantum_exponent)
    elif a.saved is not None:
        own = own * (1.0 + a.saved.unit_roundoff) + size * a.saved.unit_roundoff
    return Bounded.within(size, own.where(~limits.t.absent, 0.0))


def row_losses(limits: RowLimits) -> Bounded:
    """Losses of the rows (m,), with their limits; 0 where a row does not count or its loss is not finite."""
    call, by = limits.call, limits.by
    each = surprisal(limits)
    if call.weight is not None or limits.dense:
        each = mul(limits.coefficients, each, by)
    else:
        each = Bounded(each.value * limits.coefficients.value, each.error * limits.coefficients.value)
    each = each if not np.any(limits.t.absent) else composing.zeroed(each, limits.t.absent)
    grown = 2.0 * limits.t.arithmetic.rounding + sums.growth(call.classes, limits.parameters) if limits.dense else 0.0
    losses = composing.total(each, grown, axis=1)
    if call.z_loss:
        lse = limits.logsumexp
        losses = add(losses, mul(mul(shaping.scalar(call.z_loss, limits.parameters), lse, by), lse, by), by)
    assert call.kept is not None
    return composing.zeroed(losses, ~(call.kept & finite_losses(limits)))


def finite_losses(limits: RowLimits) -> NDArray[np.bool_]:
    """Rows (m,) whose loss is a number: no target on a class of probability 0, and a finite maximum."""
    wanted = limits.coefficients.value.significand != 0
    return np.asarray(~np.any(wanted & limits.t.absent, axis=1) & limits.rows.ordinary)


def reduced_loss(limits: RowLimits) -> Bounded:
    """The loss as it is returned: (m,) or ()."""
    call, a = limits.call, limits.t.arithmetic
    losses = row_losses(limits)
    if call.reduction == "none":
        return losses
    assert call.kept is not None
    if not np.all(finite_losses(limits) | ~call.kept):
        return Bounded.exact(0.0)
    grown = sums.batch_growth(call.m, limits.parameters)
    if call.reduction == "mean":
        grown += a.rounding + a.division
    joined = composing.total(losses, grown, axis=0)
    if limits.parameters.flush_subnormals:
        joined = Bounded(joined.value, joined.error + a.omega * float(call.m))
    return joined if call.reduction == "sum" else divided_as_mean(limits, joined)


def divided_as_mean(limits: RowLimits, b: Bounded) -> Bounded:
    """Divided by the divisor of a mean, which may itself be a rounded sum; 0 with no error where the divisor is 0."""
    divisor = composing.divisor(limits.call, limits.parameters, limits.t.arithmetic)
    if not float(divisor.value.to_float()):
        return Bounded(b.value * 0.0, b.error * 0.0)
    return div(b, divisor, limits.by)
