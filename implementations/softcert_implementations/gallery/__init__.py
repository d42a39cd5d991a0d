"""The gallery: executable models of defects, correct implementations, variants and degenerate ones."""

from __future__ import annotations

from collections.abc import Iterable

from softcert_implementations.gallery.correct import CORRECT
from softcert_implementations.gallery.defects import DEFECTS, FAMILIES
from softcert_implementations.gallery.degenerate import DEGENERATE
from softcert_implementations.gallery.model import Correct, Defect, Family
from softcert_implementations.gallery.variants import VARIANTS

__all__ = ["CORRECT", "DEFECTS", "DEGENERATE", "FAMILIES", "VARIANTS", "Correct", "Defect", "Family", "by_family"]


def by_family(defects: Iterable[Defect] = DEFECTS) -> dict[str, tuple[Defect, ...]]:
    """The defects of each family, families and defects in the order of the gallery."""
    found: dict[str, tuple[Defect, ...]] = {}
    for defect in defects:
        found[defect.family] = (*found.get(defect.family, ()), defect)
    return found
