"""What computes enclosures of rows, and which of the two does it here: the compiled fast path or Arb."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable

from softcert_oracle.numbers.row_enclosures import Float, RowEnclosures

Backend = Callable[[Float], RowEnclosures]


def default() -> Backend:
    """The fast path where Numba is installed and compiles, and SOFTCERT_NO_NUMBA is unset or empty; else Arb.

    Only a missing or disabled Numba selects Arb: a fast path that fails to import for any other reason raises.
    """
    if name() == "fast":
        enclose: Backend = importlib.import_module("softcert_oracle.fast.enclose").enclose
        return enclose
    from softcert_oracle.reference import arb

    return arb.enclose


def name() -> str:
    """Which backend `default` returns, "fast" or "arb"."""
    if os.environ.get("SOFTCERT_NO_NUMBA") or importlib.util.find_spec("numba") is None:
        return "arb"
    if importlib.util.find_spec("softcert_oracle.fast") is None:
        return "arb"
    numba = importlib.import_module("numba")
    return "arb" if numba.config.DISABLE_JIT else "fast"  # the kernels exist only compiled
