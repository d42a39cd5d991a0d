"""SymPy's part of the ground truth: nothing is assumed, everything is differentiated from the definition.

`proofs` is the list of what is proven, `evaluate` the third witness in numbers. SymPy is imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from softcert_oracle.symbolic.proof import Outcome, Proof, every, prove

if TYPE_CHECKING:
    from softcert_oracle.symbolic.expressions import lambdified
    from softcert_oracle.symbolic.theorems import proofs
    from softcert_oracle.symbolic.witness import evaluate

__all__ = ["Outcome", "Proof", "evaluate", "every", "lambdified", "proofs", "prove"]

_LAZY = {"evaluate": "witness", "lambdified": "expressions", "proofs": "theorems"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
