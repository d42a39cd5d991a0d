"""From probabilities and log s to everything else about a row.

1 - p of a small p, d - L and m + L lose nothing to cancellation, so they are finished in double-double, vectorised;
for the largest probability 1 - p comes from tau, the sum of the others, and never from s - 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.double_double import exact_difference, exact_plus, one_minus
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.row_enclosures import RowEnclosures

Float = NDArray[np.float64]


def assemble(
    x: Float,
    argmax: NDArray[np.intp],
    softmax: Enclosure,
    top_complement: Enclosure,
    log_sum: Enclosure,
    logsumexp: Enclosure,
    s: Float,
    tau: Float,
) -> RowEnclosures:
    """All enclosures of rows from their probabilities and what a row has once.

    Parameters
    ----------
    x, argmax
        Logits (m, C) and the class of each row's first maximum (m,), which is finite.
    softmax
        p, shape (m, C).
    top_complement, log_sum, logsumexp
        1 - p of the maximum, L = log s, and max + L, shape (m,).
    s, tau
        The sum of e^d and that of all but the maximum, float64 of shape (m,).

    Returns
    -------
    RowEnclosures
        With 1 - p of small probabilities and log p = d - L, which lose nothing to cancellation.
    """
    rows = np.arange(len(x))
    complement = put(one_minus(softmax), (rows, argmax), top_complement)
    return RowEnclosures(
        softmax=softmax,
        complement=complement,
        log_softmax=log_probabilities(x, argmax, log_sum),
        logsumexp=logsumexp,
        s=s,
        tau=tau,
        L=log_sum.to_float(),
    )


def log_probabilities(x: Float, argmax: NDArray[np.intp], log_sum: Enclosure) -> Enclosure:
    """Enclosures of d - L: x (m, C) with finite maxima at ``argmax`` (m,), L (m,). -inf stays -inf."""
    infinite = x == -np.inf
    top = x[np.arange(len(x)), argmax][:, None]
    out = log_probability(np.where(infinite, top, x), top, log_sum.reshape(-1, 1))
    return fill(out, infinite, -np.inf)


def log_probability(x: Float, largest: Float, log_sum: Enclosure) -> Enclosure:
    """Enclosures of (x - max) - L, all finite; shapes broadcast."""
    a1, a2, exponent = exact_difference(x, largest)
    return exact_plus(a1, a2, exponent, log_sum.negated())


def put(e: Enclosure, where: tuple[NDArray[np.intp], ...], values: Enclosure) -> Enclosure:
    """A copy of ``e`` with ``values`` at an index."""
    hi, lo, exponent, radius = e.hi.copy(), e.lo.copy(), e.exponent.copy(), e.radius.copy()
    hi[where], lo[where], exponent[where], radius[where] = values.hi, values.lo, values.exponent, values.radius
    return Enclosure(hi=hi, lo=lo, exponent=exponent, radius=radius)


def fill(e: Enclosure, where: NDArray[np.bool_], value: float) -> Enclosure:
    """``e`` with an exact (or special) value wherever the mask holds."""
    if not bool(np.any(where)):
        return e
    return Enclosure(
        hi=np.where(where, value, e.hi),
        lo=np.where(where, 0.0, e.lo),
        exponent=np.where(where, 0, e.exponent),
        radius=np.where(where, 0.0, e.radius),
    )
