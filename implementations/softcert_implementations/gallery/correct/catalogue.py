"""All correct implementations, in the order of docs/defects.md."""

from __future__ import annotations

from softcert_implementations.gallery.correct import (
    exponential,
    logarithm,
    online,
    precision,
    structure,
    summation,
    torch_models,
)
from softcert_implementations.gallery.model import Correct

_MODULES = (structure, summation, exponential, online, logarithm, precision, torch_models)

CORRECT: tuple[Correct, ...] = tuple(each for module in _MODULES for each in module.CORRECT)
"""Every correct implementation, with the level that it must hold."""
