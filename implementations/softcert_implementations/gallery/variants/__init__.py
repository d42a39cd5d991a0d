"""A second set of defects, written apart from the models, each under the family that the diagnosis ought to name."""

from __future__ import annotations

from softcert_implementations.gallery.variants.catalogue import VARIANTS

__all__ = ["VARIANTS"]
