"""What computes enclosures of rows, and which of the two does it here: the compiled fast path or Arb."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.enclosure import Enclosure

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
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


Backend = Callable[[Float], RowEnclosures]


def default() -> Backend:
    """The fast path where Numba is installed and SOFTCERT_NO_NUMBA is unset or empty, else Arb.

    Only a missing Numba selects Arb: a fast path that fails to import for any other reason raises.
    """
    if name() == "fast":
        enclose: Backend = importlib.import_module("softcert_oracle.fast").enclose
        return enclose
    from softcert_oracle import arb

    return arb.enclose


def name() -> str:
    """Which backend `default` returns, "fast" or "arb"."""
    if os.environ.get("SOFTCERT_NO_NUMBA") or importlib.util.find_spec("numba") is None:
        return "arb"
    if importlib.util.find_spec("softcert_oracle.fast") is None:
        return "arb"
    return "fast"
