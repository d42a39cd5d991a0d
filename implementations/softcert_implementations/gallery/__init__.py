"""The gallery: executable models of defects, correct implementations, variants and degenerate ones."""

from __future__ import annotations

from softcert_implementations.gallery.correct import CORRECT
from softcert_implementations.gallery.defects import DEFECTS, FAMILIES, by_family
from softcert_implementations.gallery.degenerate import DEGENERATE
from softcert_implementations.gallery.model import Correct, Defect, Family
from softcert_implementations.gallery.variants import VARIANTS

__all__ = ["CORRECT", "DEFECTS", "DEGENERATE", "FAMILIES", "VARIANTS", "Correct", "Defect", "Family", "by_family"]
