"""Ground truth for softmax, its losses and its gradients: proven enclosures, derived limits, symbolic proofs.

`truth` answers for whole arrays, `ask` for one row in decimal; `decisions` holds a subject's results against either.
Names are imported when they are first used: a subject's process that needs a format need not load Arb and mpmath.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softcert_oracle.errors import UsageError as UsageError
    from softcert_oracle.mp.ask import Answer as Answer
    from softcert_oracle.mp.ask import answer as answer
    from softcert_oracle.numbers.enclosure import Decision as Decision
    from softcert_oracle.numbers.enclosure import Enclosure as Enclosure
    from softcert_oracle.numbers.formats import FORMATS as FORMATS
    from softcert_oracle.numbers.formats import Format as Format
    from softcert_oracle.numbers.scaled import Scaled as Scaled
    from softcert_oracle.operations import CORE as CORE
    from softcert_oracle.operations import OPERATIONS as OPERATIONS
    from softcert_oracle.operations import Operation as Operation
    from softcert_oracle.reference.truth import RowKind as RowKind
    from softcert_oracle.reference.truth import Rows as Rows
    from softcert_oracle.reference.truth import jacobian as jacobian
    from softcert_oracle.reference.truth import refine as refine
    from softcert_oracle.reference.truth import rows as rows

_HOMES = {
    "Answer": "mp.ask",
    "CORE": "operations",
    "Decision": "numbers.enclosure",
    "Enclosure": "numbers.enclosure",
    "FORMATS": "numbers.formats",
    "Format": "numbers.formats",
    "OPERATIONS": "operations",
    "Operation": "operations",
    "RowKind": "reference.truth",
    "Rows": "reference.truth",
    "Scaled": "numbers.scaled",
    "UsageError": "errors",
    "answer": "mp.ask",
    "jacobian": "reference.truth",
    "refine": "reference.truth",
    "rows": "reference.truth",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
