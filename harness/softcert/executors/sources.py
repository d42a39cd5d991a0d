"""The source code of a subject, whether it was read in this process or in the worker that resolved the subject."""

from __future__ import annotations

from softcert.executors.factory import Remote
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import source_digest


def digest(implementation: Implementation) -> str:
    """``sha256:...`` over the tokens of the subject's source, as `source_digest.digest` computes it."""
    for function in implementation.ops.values():
        if isinstance(function, Remote):
            return function.source.digest
    return source_digest.digest(implementation)


def home(implementation: Implementation, operation: str) -> str:
    """``module:name`` of the function of an operation; "" where it cannot be imported again."""
    function = implementation.ops[operation]
    return function.home if isinstance(function, Remote) else source_digest.home(function)
