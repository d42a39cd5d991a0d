"""The floating-point environment of this thread: probed by arithmetic, restored through the C library.

A subject that leaves flush-to-zero or a directed rounding mode behind would change every later result, and the
harness's own arithmetic where it runs in the same process. Probing needs no access to control registers:
IEEE 754 fixes what each sum and product below is in the default environment, and in each other one.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_LIBM: Any = None if sys.platform == "win32" else ctypes.CDLL(None)
_ENV_BYTES = 256  # fenv_t: 32 bytes in glibc on x86-64, 8 to 16 elsewhere


def probe() -> str:
    """The deviations from the default environment, in words; "" where there is none."""
    tiny, small, one = _OPERANDS
    deviations = []
    if tiny * 0.5 == 0.0:  # 2^-1023 is subnormal: only flush-to-zero makes it 0
        deviations.append("subnormal results are flushed to zero")
    if not small > 0.0:  # only denormals-are-zero makes 2^-1074 equal 0
        deviations.append("subnormal operands count as zero")
    quarter = one * 2.0**-54
    if one + quarter > one:  # a quarter of the spacing above 1 rounds up in one mode only
        deviations.append("rounding is upward")
    if -one - quarter < -one:
        deviations.append("rounding is downward")
    elif one - quarter * 0.5 < one:  # a quarter of the spacing below 1: also by truncation
        deviations.append("rounding is toward zero")
    return ", ".join(deviations)


_OPERANDS = (2.0**-1022, 5e-324, 1.0)  # variables, so that the interpreter folds no constant


class Environment:
    """A saved floating-point environment, to be restored after a call."""

    def __init__(self) -> None:
        self._saved = ctypes.create_string_buffer(_ENV_BYTES)
        self._held = _LIBM is not None and _LIBM.fegetenv(self._saved) == 0

    def restore(self) -> None:
        """Put the saved environment back, where the platform's C library can."""
        if self._held:
            _LIBM.fesetenv(self._saved)
