"""Level "stable": limits that every shift-invariant algorithm keeps, whatever its exponential, division or order.

Blanchard, D. J. Higham and N. J. Higham (IMA J. Numer. Anal. 2021, theorems 4.2-4.4) bound shift-divide and x - m - L;
the constants 4, 3 and 2 widen that to reciprocals, base 2 and exp(log_softmax), as docs/numerics.md derives.
Shapes: (m, C) for softmax, log_softmax and gradient, (m,) for logsumexp and loss, each of a row's own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import complement
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Float, Scaled


def sum_error(t: RowQuantities) -> Float:
    """A_s = g + lazy shift + log sum p_j exp(3u|d_j| + eps_e) over d_j != 0, and n_s omega / s; (m, 1)."""
    return t.sum_error(3.0) + t.lazy_shift


def softmax(t: RowQuantities, *, saved: bool = False) -> Scaled:
    """p_j expm1(4u + 3u|d_j| + u L + eps_e + eps_l L + A_s) and underflow; with ``saved`` also u_v |l_j|."""
    a = t.arithmetic
    exponent = 3.0 * a.rounding + a.division + a.exp + 3.0 * a.u * t.distance
    exponent = exponent + ((a.u + a.log + a.kept_log * (1.0 + a.log)) * t.log_sum + sum_error(t) + 2.0 * t.moved)
    if saved and a.saved is not None:
        exponent = exponent + (a.saved.unit_roundoff * t.surprisal + a.saved.smallest_subnormal / 2.0)
    return with_underflow(t, t.relative(exponent))


def with_underflow(t: RowQuantities, limit: Scaled) -> Scaled:
    """Adds, where p_j < 2N, the larger of k_e eta (exp of a log-probability) and k_e eta/s + eta/2 (a quotient)."""
    where = t.probability_below_normal
    if not np.any(where):
        return limit
    a = t.arithmetic
    # twice: what was lost is itself off by e^{A}
    tiny = a.underflow.maximum(a.underflow / Scaled.of(t.sum) + a.half) * 2.0
    return limit.where(~where, limit + tiny)


def log_softmax(t: RowQuantities) -> Scaled:
    """(2u|d_j| + 2uL + A_s + eps_l (L + A_s)) (1+u) + 2u|l_j| + eta/2."""
    a = t.arithmetic
    inner = 2.0 * a.u * t.distance + (2.0 * a.u * t.log_sum + t.log_error(sum_error(t)) + 2.0 * t.moved)
    return t.absolute(inner * (1.0 + a.u) + 2.0 * a.u * t.surprisal + a.half.to_float())


def logsumexp(t: RowQuantities) -> Scaled:
    """(2uL + A_s + eps_l (L + A_s)) (1+u) + 3.5u|y| + eta/2: in base 2, (m log2 e + log2 s) ln 2 rounds so often."""
    a = t.arithmetic
    inner = 2.0 * a.u * t.log_sum + t.log_error(sum_error(t)) + t.moved
    value = np.abs(np.where(t.rows.ordinary, t.rows.logsumexp.to_float(), 0.0))[:, None]
    limit = inner * (1.0 + a.u) + a.half.to_float()
    return t.by_row(limit) + t.by_row(value) * (3.5 * a.u)


def loss(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """A_s (1 + eps_l) (1+u) + (3u + eps_l) loss + 2uL + eta/2; u_v loss more where log-probabilities are saved in v."""
    a = t.arithmetic
    chosen = np.arange(t.m), labels
    value = t.surprisal[chosen][:, None]
    log = a.log + a.kept_log * (1.0 + a.log)
    inner = sum_error(t) * (1.0 + log) + (2.0 * a.u + a.kept_log) * t.log_sum + 2.0 * t.moved
    relative = 3.0 * a.u + a.log
    limit = inner * (1.0 + a.u) + relative * (1.0 + a.u) * value + a.half.to_float()
    if a.saved is not None:
        limit = limit * (1.0 + a.saved.unit_roundoff) + a.saved.unit_roundoff * value
        limit = limit + a.saved.smallest_subnormal / 2.0
    gone = t.absent[chosen]
    result = Scaled.of(np.where(gone, 0.0, limit[:, 0]))
    return result * np.where(t.beyond[chosen], 4.0, 1.0) if np.any(t.beyond[chosen]) else result


def gradient(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """limit(p_j) (1+u) + u |p_j - t_j|: relative for the wrong classes, limit(p_y) absolute for the true one."""
    return of_any_form(t, difference(t, softmax(t, saved=True), labels), labels)


def of_any_form(t: RowQuantities, limit: Scaled, labels: NDArray[np.intp]) -> Scaled:
    """The limit of p - t widened, for the true class, to that of minus the sum of the others where it is the larger."""
    other = limit.maximum(complement.gradient(t, labels)[:, None])
    return limit.where(~complement.true_class(t, labels), other)


def difference(t: RowQuantities, probability: Scaled, labels: NDArray[np.intp]) -> Scaled:
    """The limit of p - t from that of p: the subtraction rounds once, and is exact where it is subnormal."""
    truth = abs(t.rows.gradient(labels).to_scaled())
    if np.any(t.absent) and not t.all_ordinary:
        truth = truth.where(t.rows.ordinary[:, None], 0.0)
    limit = probability * (1.0 + t.arithmetic.u) + truth * t.arithmetic.u
    return limit if t.all_ordinary else limit.where(t.rows.ordinary[:, None], 0.0)
