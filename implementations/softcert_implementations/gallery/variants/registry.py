"""How a variant is registered: under the family that the diagnosis ought to name, with that family's remedy.

Variants are written apart from the models and call none of them: other block sizes, constants, orders, libraries.
They measure whether the diagnosis knows a mistake again when somebody else makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softcert_implementations.gallery.defects import REMEDIES
from softcert_implementations.gallery.model import Defect, F, Family, Witness

_BY_NAME: dict[str, Family] = {}


def variant(family: str, formats: str, witness: Witness, behaves: str, **more: Any) -> Callable[[F], F]:
    """Decorator: the function below is a variant of that family's mechanism, shown by ``witness``."""
    kept = _BY_NAME.setdefault(family, Family(family, REMEDIES[family]))
    return kept.defect(
        formats, trigger="that of its family", behaves=behaves, witness=witness, reference="variant", **more
    )


def gathered() -> tuple[Defect, ...]:
    """All variants registered so far."""
    return tuple(defect for family in _BY_NAME.values() for defect in family.members)
