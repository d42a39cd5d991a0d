"""All mechanisms, in the order that decides ties in the diagnosis."""

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

_MODULES = (
    shifts,
    blocks,
    sizes,
    floors,
    precision,
    exponentials,
    special,
    labels,
    gradients,
    batches,
    functions,
)

MECHANISMS: tuple[Mechanism, ...] = tuple(mechanism for module in _MODULES for mechanism in module.TABLE.mechanisms)
"""Every mechanism, with all its constants."""


@lru_cache(maxsize=8)
def models(operation: str) -> tuple[Model, ...]:
    """Every mechanism of an operation, with each of its constants, in each algorithm that it is tried in.

    Parameters
    ----------
    operation
        The name of one of the five core operations; any other has no models.

    Returns
    -------
    tuple[Model, ...]
        The models, in the order of `MECHANISMS`.

    Examples
    --------
    >>> models("softmax")[0].behaves
    'does not subtract the maximum'
    """
    return tuple(model for mechanism in MECHANISMS for model in mechanism.models(operation))
