"""How a variant is registered: under the family that the diagnosis ought to name, with that family's remedy.

Variants are written apart from the models and call none of them: other block sizes, constants, orders, libraries.
They measure whether the diagnosis recognises a mistake when somebody else makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from softcert_implementations.gallery.defects import REMEDIES
from softcert_implementations.gallery.model import Defect, F, Family, Witness

_FAMILIES: dict[str, Family] = {}


def variant(family: str, format_names: str, witness: Witness, behaves: str, **more: Any) -> Callable[[F], F]:
    """Decorator: register the function below as a variant of a family.

    Parameters
    ----------
    family
        The name of a family in the gallery of defects.
    format_names
        Names of the formats in which the variant is wrong, separated by spaces.
    witness
        An input on which it is wrong.
    behaves
        What it does, as the rest of a sentence that begins with the variant's name.
    **more
        Further arguments of `softcert_implementations.gallery.model.Family.defect`.

    Raises
    ------
    KeyError
        If the gallery has no family of that name.
    """
    own = _FAMILIES.setdefault(family, Family(family, REMEDIES[family]))
    return own.defect(
        format_names, trigger="that of its family", behaves=behaves, witness=witness, reference="variant", **more
    )


def all_registered() -> tuple[Defect, ...]:
    """All variants registered so far, family by family."""
    return tuple(defect for family in _FAMILIES.values() for defect in family.members)
