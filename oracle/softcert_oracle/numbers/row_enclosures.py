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

    ``softmax``, ``complement`` (1 - p) and ``log_softmax`` have shape (m, C), ``logsumexp`` (m,). ``s`` (the sum of
    e^d), ``tau`` (s - 1, the sum of the others) and ``L`` (log s) are float64, shape (m,), to a few units of 2^-53
    relative.
    """

    softmax: Enclosure
    complement: Enclosure
    log_softmax: Enclosure
    logsumexp: Enclosure
    s: Float
    tau: Float
    L: Float
