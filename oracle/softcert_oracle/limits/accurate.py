"""Level "accurate": a small relative error in every component, next to zero too; only underflow is absolute.

The limit is K u relative to the exact value, K = 4 + g/u + 2 (k_e + k_l), g the growth of the sum that makes the value
up, and a term for the distances of those logits whose exponentials are summed: 3|d_j| + D for p_j; for L, a
log-probability, a loss and the true class's gradient the mean distance of the *others* counts, because tau = sum of the
others carries u|d_k| from each of them
(docs/numerics.md: with 3|d_j| alone, log1p(tau) itself would exceed the limit at [0.1, -80.3]).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import complement, stable
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Float, Scaled


def softmax(t: RowQuantities) -> Scaled:
    """p_j [(4 + 3|d_j| + D + 2k_e + 2k_l) u + g] and underflow."""
    u = t.arithmetic.u
    constant = complement.constant(t, t.growth + t.lazy_shift)
    exponent = 3.0 * u * t.distance + (u * t.mean_distance + constant + 2.0 * t.moved)
    return stable.with_underflow(t, t.relative(exponent))


def of_others(t: RowQuantities) -> Float:
    """The part of K u that does not depend on distances (m, 1): the sum of all but the maximum, and 1 added to it."""
    return complement.constant(t, t.growth_without_maximum + t.arithmetic.rounding)


def log_sum_constant(t: RowQuantities) -> Float:
    """3 D_o u (m, 1): what the distances of all but the maximum add to the relative error of L."""
    return np.asarray(3.0 * t.arithmetic.u * t.mean_distance_without(t.rows.argmax))


def log_softmax(t: RowQuantities) -> Scaled:
    """|l_j| [(5 + 3 D_o L/|l_j| + 2k_e + 2k_l) u + g_o] and underflow of tau."""
    share = np.minimum(t.log_sum / np.where(t.surprisal > 0, t.surprisal, 1.0), 1.0)
    relative = np.expm1(of_others(t) + log_sum_constant(t) * share)
    truth = abs(t.rows.log_softmax.to_scaled()).where(~t.absent, 0.0)
    limit = truth * relative + (complement.lost(t) + Scaled.of(2.0 * t.moved))
    return limit.where(~t.absent, 0.0)


def logsumexp(t: RowQuantities) -> Scaled:
    """The larger of K u |y|, K as for L, and 2u max|x|: next to y = 0 the condition number is unbounded."""
    truth = abs(t.rows.logsumexp.to_scaled())
    if not t.all_ordinary:
        truth = truth.where(t.rows.ordinary, 0.0)
    relative = np.expm1(of_others(t) + log_sum_constant(t))[:, 0]
    limit = (truth * relative).maximum(2.0 * t.arithmetic.u * t.largest_logit[:, 0]) + complement.lost(t)[:, 0]
    limit = limit + t.moved[:, 0]
    return limit if t.all_ordinary else limit.where(t.rows.ordinary, 0.0)


def loss(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """That of the label's log-probability."""
    limit = log_softmax(t)[np.arange(t.m), labels]
    saved = t.arithmetic.saved
    if saved is None:
        return limit
    truth = abs(t.rows.log_softmax.to_scaled())[np.arange(t.m), labels]
    rounded = limit * (1.0 + saved.unit_roundoff) + truth * saved.unit_roundoff
    return limit.where(t.absent[np.arange(t.m), labels], rounded + Scaled.of(0.5, saved.quantum_exponent))


def gradient(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """p_j as softmax for the wrong classes; the true one from the others."""
    limit = softmax(t)
    return limit.where(~complement.true_class(t, labels), complement.gradient(t, labels)[:, None])
