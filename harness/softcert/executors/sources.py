"""The source of a subject, wherever it was read: here, or in the worker that resolved it."""

from __future__ import annotations

from softcert.executors.factory import Remote
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import source_digest


def digest(implementation: Implementation) -> str:
    """``sha256:...`` over the tokens of the subject's source; see `softcert_implementations.resolving.source_digest.digest`."""
    for function in implementation.ops.values():
        if isinstance(function, Remote):
            return function.source.digest
    return source_digest.digest(implementation)


def home(implementation: Implementation, operation: str) -> str:
    """``module:name`` of the function of an operation; "" where it cannot be imported again."""
    function = implementation.ops[operation]
    return function.home if isinstance(function, Remote) else source_digest.home(function)
