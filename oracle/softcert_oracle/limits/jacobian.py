"""The limit of the Jacobian of softmax, p_i (delta_ij - p_j), formed from computed probabilities."""

from __future__ import annotations

import numpy as np

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import reductions, stable
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.reference.truth import Rows


def jacobian(rows: Rows, p: LimitParameters) -> Scaled:
    """Limits of the Jacobian of softmax at level "stable", absolute.

    Parameters
    ----------
    rows
        The exact values of the rows, (m, C).
    p
        The subject's claims.

    Returns
    -------
    Scaled
        Shape (m, C, C), 0 for rows of a special class.

    Notes
    -----
    With limit(p_i) = b_i: off the diagonal b_i p_j + b_j p_i + b_i b_j and one rounding of the product; on it
    |p'(1-p') - p(1-p)| = |p' - p| |1 - p - p'| <= b_i (1 + b_i) and two roundings of p_i (1 - p_i); eta/2.
    """
    t = RowQuantities(rows, p)
    a = t.arithmetic
    with np.errstate(over="ignore", under="ignore"):
        b, q = stable.softmax(t), t.probability
        wide = b[:, :, None] * q[:, None, :] + q[:, :, None] * b[:, None, :] + b[:, :, None] * b[:, None, :]
        wide = wide * (1.0 + a.u) + q[:, :, None] * q[:, None, :] * a.u + a.half
        grown = float(np.expm1(2.0 * a.rounding))
        other = rows.complement.to_scaled()
        other = other if t.all_ordinary else other.where(rows.ordinary[:, None], 0.0)
        own = b * (b + 1.0) * (1.0 + grown) + q * other * grown + a.half
        diagonal = np.eye(t.n, dtype=bool)[None]
        full = wide.where(~diagonal, Scaled(own.significand[:, :, None], own.exponent[:, :, None]))
        if a.narrow_result:
            u = a.result.unit_roundoff
            value = (q[:, :, None] * q[:, None, :]).where(~diagonal, (q * other)[:, :, None])
            full = full * (1.0 + u) + value * u + a.half_result
        if a.flushed is not None:
            exact = (q[:, :, None] * q[:, None, :]).where(~diagonal, (q * other)[:, :, None])
            full = reductions.flushed(t, full, exact)
    return full if t.all_ordinary else full.where(rows.ordinary[:, None, None], 0.0)
