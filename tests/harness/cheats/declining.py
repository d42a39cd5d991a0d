"""Cheats that decline what they cannot do."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from tests.harness.cheats.cheat import REFUSED, cheat, honest

from softcert_implementations.adapters import UnavailableError, UnsupportedError


def _hard(x: np.ndarray) -> bool:
    return bool(x.size) and not np.abs(x).max() <= 5


@cheat(REFUSED)
def raises_for_large_logits():
    """Raises for every logit beyond 5."""

    def softmax(x):
        if _hard(x):
            raise ValueError("too large")
        return honest(x)

    return softmax


@cheat(REFUSED)
def unsupported_for_large_logits():
    """Raises the adapters' UnsupportedError for every logit beyond 5."""

    def softmax(x):
        if _hard(x):
            raise UnsupportedError("large logits are not supported")
        return honest(x)

    return softmax


@cheat(REFUSED)
def unavailable_for_special_values():
    """Raises the adapters' UnavailableError for infinities and NaN."""

    def softmax(x):
        if not np.isfinite(x).all():
            raise UnavailableError("not here")
        return honest(x)

    return softmax


@cheat(REFUSED)
def unsupported_by_a_class_of_its_own():
    """Raises a subclass of UnsupportedError for every logit beyond 5."""

    class BusyError(UnsupportedError):
        pass

    def softmax(x):
        if _hard(x):
            raise BusyError("come back later")
        return honest(x)

    return softmax


@cheat(REFUSED)
def unsupported_after_a_while():
    """Declines everything from the thirtieth call on."""
    calls = [0]

    def softmax(x):
        calls[0] += 1
        if calls[0] > 30:
            raise UnsupportedError("enough")
        return honest(x)

    return softmax


_PROGRAM = """
import struct, sys
import numpy as np
reading, writing = sys.stdin.buffer, sys.stdout.buffer
while len(head := reading.read(32)) == 32:
    version, operation, format, label_bytes, m, C = struct.unpack("<IIIIQQ", head)
    x = np.frombuffer(reading.read(4 * m * C), np.float32).reshape(m, C)
    if format != 2 or (x.size and not np.abs(x).max() <= 5):
        writing.write(struct.pack("<q", -1))
    else:
        e = np.exp(x - x.max(-1, keepdims=True))
        y = (e / e.sum(-1, keepdims=True)).astype(np.float32)
        writing.write(struct.pack("<q", y.nbytes) + y.tobytes())
    writing.flush()
"""


@cheat(REFUSED)
def program_that_declines():
    """Answers -1 over exec: for every logit beyond 5."""
    script = Path(tempfile.gettempdir(), "softcert-cheat-softmax.py")
    script.write_text(_PROGRAM)
    return f"exec:{sys.executable} {script}"
