"""The relative limit of what is formed from the sum of the others: the true class's gradient, -(1 - p_y).

Two right algorithms form it so: minus the sum of the other probabilities, and expm1(-loss). Neither rounds p_y - 1, so
next to zero they are far more accurate than the difference, and next to one they have the errors of any other sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.numbers.scaled import Float, Scaled


def constant(t: RowQuantities, growth: Float) -> Float:
    """4u + 2 (k_e + k_l) u and the growth of the sum that the result is made of (m, 1): K u but for the distances."""
    a = t.arithmetic
    return np.asarray(3.0 * a.rounding + a.division + growth + a.exp + a.log)


def lost(t: RowQuantities) -> Scaled:
    """n_s omega + eta/2 (m, 1): what the underflowed terms of tau lose, and the result's own underflow."""
    count = np.count_nonzero(t.below_normal, axis=1, keepdims=True)
    return (t.arithmetic.omega * count.astype(np.float64)) + t.arithmetic.half


def gradient(t: RowQuantities, labels: NDArray[np.intp]) -> Scaled:
    """The limit of 1 - p_y formed from the sum of the others: the magnitude of the true class's gradient.

    Parameters
    ----------
    t
        The quantities of the rows.
    labels
        Class indices (m,).

    Returns
    -------
    Scaled
        (1 - p_y) [(4 + 3 D_o + D + 2 (2 k_e + k_l)) u + g + g_o] and underflow, absolute, shape (m,); 0 for rows of a
        special class.

    Notes
    -----
    D_o is the mean distance of the others; g and g_o are the growths of both sums, that of all exponentials, by which
    each probability is divided, and that of the others. The second 2 k_e is that of expm1, which turns a loss that is
    relatively accurate into p_y loss / (1 - p_y) <= 1 times its relative error.
    """
    a = t.arithmetic
    distances = a.u * (3.0 * t.mean_distance_without(labels)[:, 0] + t.mean_distance[:, 0])
    growth = t.growth + t.lazy_shift + t.growth_without(labels)
    relative = np.expm1(distances + constant(t, growth)[:, 0] + a.exp + 2.0 * t.moved[:, 0])
    own = t.rows.complement[np.arange(t.m), labels].to_scaled() * relative + lost(t)[:, 0]
    return own if t.all_ordinary else own.where(t.rows.ordinary, 0.0)


def true_class(t: RowQuantities, labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The entries of the labels, shape (m, C)."""
    return np.asarray(np.arange(t.n) == labels[:, None])
