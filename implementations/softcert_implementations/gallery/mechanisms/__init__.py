"""Mechanisms: the families of defects as single parts of the textbook algorithm, with the constants that they may have.

The gallery holds what was seen; real code has other block sizes, epsilons and bounds, in other operations. A failing
subject is held against both.
"""

from __future__ import annotations

from functools import lru_cache

from softcert_implementations.gallery.mechanisms import (
    batches,
    blocks,
    exponentials,
    floors,
    functions,
    gradients,
    labels,
    precision,
    shifts,
    sizes,
    special,
)
from softcert_implementations.gallery.mechanisms.mechanism import Mechanism, Model

__all__ = ["MECHANISMS", "Mechanism", "Model", "models"]

_MODULES = (shifts, blocks, sizes, floors, precision, exponentials, special, labels, gradients, batches, functions)

MECHANISMS: tuple[Mechanism, ...] = tuple(row for module in _MODULES for row in module.TABLE.rows)


@lru_cache(maxsize=8)
def models(operation: str) -> tuple[Model, ...]:
    """Every mechanism of an operation, with each of its constants, in each algorithm that it is met in."""
    return tuple(model for mechanism in MECHANISMS for model in mechanism.models(operation))
