"""Numbers by which kernels and their callers name operations and the state of a row (plain integers for Numba)."""

from __future__ import annotations

SOFTMAX, LOG_SOFTMAX, LOGSUMEXP, LOSS, GRADIENT = range(5)

DECIDED, UNDECIDED, SPECIAL = range(3)
"""State of a row: correctly rounded; some result lies too near a rounding boundary; no finite maximum, or NaN."""

LANES = 32
"""Independent partial sums of a row: enough to hide the latency of an addition."""
