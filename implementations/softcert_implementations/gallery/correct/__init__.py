"""The correct implementations, however unusual, with the level that each deserves."""

from __future__ import annotations

from softcert_implementations.gallery.correct import (
    exponential,
    logarithm,
    online,
    precision,
    structure,
    summation,
    torch_ones,
)
from softcert_implementations.gallery.model import Correct

_MODULES = (structure, summation, exponential, online, logarithm, precision, torch_ones)

CORRECT: tuple[Correct, ...] = tuple(each for module in _MODULES for each in module.CORRECT)
