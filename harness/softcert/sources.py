"""The source of a subject, wherever it was read: here, or in the worker that resolved it."""

from __future__ import annotations

from softcert.executors.opening import Remote
from softcert_implementations import sources
from softcert_implementations.implementation import Implementation


def digest(implementation: Implementation) -> str:
    """``sha256:...`` over the tokens of the subject's source; see `softcert_implementations.sources.digest`."""
    for function in implementation.ops.values():
        if isinstance(function, Remote):
            return function.source.digest
    return sources.digest(implementation)


def home(implementation: Implementation, operation: str) -> str:
    """``module:name`` of the function of an operation; "" where it cannot be imported again."""
    function = implementation.ops[operation]
    return function.home if isinstance(function, Remote) else sources.home(function)
