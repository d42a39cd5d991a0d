"""Our own level-4 implementation: every result is the floating-point number nearest to the exact value."""

from softcert_implementations.bundled.faithful.implementation import (
    DTYPES,
    IMPLEMENTATION,
    cross_entropy,
    cross_entropy_grad,
    log_softmax,
    logsumexp,
    softmax,
)

__all__ = [
    "DTYPES",
    "IMPLEMENTATION",
    "cross_entropy",
    "cross_entropy_grad",
    "log_softmax",
    "logsumexp",
    "softmax",
]
