"""The working precisions of Ziv's loop, in bits; apart from it, so that what needs no arrays loads no NumPy."""

from __future__ import annotations

FIRST_BITS = 256
"""The first precision that is tried."""

CAP_BITS = 4096
"""Where escalation ends and "undecided" stays: enough to see any float64 magnitude (down to 2^-1074) beside any other
(up to 2^1024) with 2000 bits to spare. What only a direction can decide is decided by open intervals before."""
