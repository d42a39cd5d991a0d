"""What computes enclosures of rows, and which of the two does it here: the compiled fast path or Arb."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from functools import cache

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
    if os.environ.get("SOFTCERT_NO_NUMBA") or not _installed():
        return "arb"
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return "arb" if disabled else "fast"  # the kernels exist only compiled


@cache
def _installed() -> bool:
    """Asked once: a search of all folders of modules takes longer than judging a small case."""
    return all(importlib.util.find_spec(module) is not None for module in ("numba", "softcert_oracle.fast"))
