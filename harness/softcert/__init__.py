"""softcert certifies implementations of softmax, log-softmax, log-sum-exp, cross-entropy and their gradients.

    >>> import numpy as np
    >>> from softcert import Implementation, certify
    >>> def softmax(x):
    ...     e = np.exp(x - x.max(axis=-1, keepdims=True))
    ...     return e / e.sum(axis=-1, keepdims=True)
    >>> certify(Implementation(name="mine", ops={"softmax": softmax}, dtypes=("float32",)), effort="quick").certified
    True

Names are imported when they are first used, so that the isolated worker, which needs none of them, starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softcert.api import certify, prove, rerun
    from softcert.graders.judge import Judge
    from softcert.pytest_plugin import parametrize_with_checks
    from softcert.results.certificate import Certificate
    from softcert_implementations.contract import Contract
    from softcert_implementations.implementation import Implementation
    from softcert_oracle.errors import UsageError
    from softcert_reports.document import Finding

_HOMES = {
    "Certificate": "softcert.results.certificate",
    "Contract": "softcert_implementations.contract",
    "Finding": "softcert_reports.document",
    "Implementation": "softcert_implementations.implementation",
    "Judge": "softcert.graders.judge",
    "UsageError": "softcert_oracle.errors",
    "certify": "softcert.api",
    "parametrize_with_checks": "softcert.pytest_plugin",
    "prove": "softcert.api",
    "rerun": "softcert.api",
}

__all__ = [
    "Certificate",
    "Contract",
    "Finding",
    "Implementation",
    "Judge",
    "UsageError",
    "certify",
    "parametrize_with_checks",
    "prove",
    "rerun",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'softcert' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
