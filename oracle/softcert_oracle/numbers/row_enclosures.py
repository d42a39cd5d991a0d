"""Enclosures of everything that the rows of one array need: what each backend of the reference returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.enclosure import Enclosure

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class RowEnclosures:
    """Exact values for rows with a finite maximum, x of shape (m, C).

    Parameters
    ----------
    softmax, complement, log_softmax
        p, 1 - p and log p, shape (m, C).
    logsumexp
        max + L, shape (m,).
    s, tau, L
        The sum of e^d, the sum of all but the first largest (s - 1), and log s, float64 of shape (m,), to a few units
        of 2^-53 relative.
    """

    softmax: Enclosure
    complement: Enclosure
    log_softmax: Enclosure
    logsumexp: Enclosure
    s: Float
    tau: Float
    L: Float
