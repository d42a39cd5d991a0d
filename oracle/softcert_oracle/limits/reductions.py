"""From limits of rows to limits of what is returned: sums and means over the batch, results of a narrower format.

Higham, "Accuracy and Stability of Numerical Algorithms", section 4.2, for the sum over the batch.
"""

from __future__ import annotations

import numpy as np

from softcert_oracle.limits import concentration
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Scaled


def losses(t: RowQuantities, limits: Scaled, truth: Enclosure) -> Scaled:
    """The limit of a reduced loss, from those of the rows.

    Parameters
    ----------
    t
        The quantities of the rows; their parameters name the reduction.
    limits, truth
        Limits and exact losses of the rows, (m,).

    Returns
    -------
    Scaled
        [e^g (1+u) sum(limit_b + loss_b) - sum loss_b] / m + eta/2, shape (), with g the growth of that sum; without
        the division for a sum, and the rows' own for "none". A reduced loss that is not finite has limit 0.
    """
    p = t.parameters
    if p.reduction == "none":
        return limits
    if t.m == 0 or not np.all(truth.is_finite):
        return Scaled.of(np.float64(0.0))
    a = t.arithmetic
    mean = p.reduction == "mean"
    losses = abs(truth.to_scaled())
    growth = concentration.batch_growth(losses + limits, p)
    grown = float(np.expm1(growth + (a.division if mean else 0.0)))
    limit = limits.sum() * (1.0 + grown) + losses.sum() * grown
    if p.flush_subnormals:  # a loss that is flushed beside one that is not
        limit = limit + a.omega * float(t.m - 1)
    return limit / float(t.m) + a.half if mean else limit


def gradient(t: RowQuantities, limits: Scaled, truth: Enclosure) -> Scaled:
    """The limit of the gradient of a reduced loss, from that of each row's own loss; shape (m, C).

    Returns
    -------
    Scaled
        [limit (1+u)^3 + ((1+u)^3 - 1) |p_j - t_j|] / m + eta/2 for a mean: 1/m, the product and one factor more. The
        rows' own for a sum and "none".

    Notes
    -----
    Where log-probabilities are saved in a narrower format v, so is the upstream gradient 1/m: m is rounded to v (257
    is 256 in bfloat16), and so is the quotient: (1+u_v)^2 more.
    """
    if t.parameters.reduction != "mean" or t.m == 0:
        return limits
    a = t.arithmetic
    saved = 0.0 if a.saved is None else 2.0 * np.log1p(a.saved.unit_roundoff)
    grown = float(np.expm1(2.0 * a.rounding + a.division + saved))
    size = abs(truth.to_scaled())
    size = size if t.all_ordinary else size.where(truth.is_finite, 0.0)
    limit = (limits * (1.0 + grown) + size * grown) / float(t.m) + a.half
    return limit if t.all_ordinary else limit.where(t.rows.ordinary[:, None], 0.0)


def flushed(t: RowQuantities, limit: Scaled, truth: Enclosure | Scaled) -> Scaled:
    """The limit of a result that may be flushed to zero: a zero is right where the exact value is below N.

    Below N and the limit itself: a computed number below N may belong to an exact one that is as much above.
    """
    smallest = t.arithmetic.flushed
    if smallest is None:
        return limit
    value = abs(truth.to_scaled().where(truth.is_finite, 0.0)) if isinstance(truth, Enclosure) else abs(truth)
    with np.errstate(invalid="ignore"):
        excused = (value - (limit + smallest)).significand <= 0
    return limit.where(~excused, limit.maximum(value))


def rounded(t: RowQuantities, limit: Scaled, truth: Enclosure) -> Scaled:
    """limit (1 + u_o) + u_o |v| + eta_o/2 where the result's format is narrower than the working precision."""
    a = t.arithmetic
    if not a.narrow_result:
        return limit
    u = a.result.unit_roundoff
    finite = truth.is_finite
    value = abs(truth.to_scaled()).where(finite, 0.0)
    wide = limit * (1.0 + u) + value * u + a.half_result
    exact = (limit.significand == 0) & ((value.significand == 0) | ~finite)
    return wide.where(~exact, limit)
