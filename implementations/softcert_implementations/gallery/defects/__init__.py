"""Models of defects, in a folder for each thing that goes wrong.

``arithmetic``: range, rounding, cancellation and special values. ``formula``: another function, axis, label, divisor or
derivative than the right one. ``memory``: elements left out, read twice, read from the wrong place, or overwritten.
``options``: weights, targets, upstream gradients and options that change the logits. ``calling``: what depends on
earlier calls, other rows or chance, and the form of a result. ``catalogue`` puts them in order.
"""

from __future__ import annotations

from softcert_implementations.gallery.defects.catalogue import DEFECTS, FAMILIES, REMEDIES, by_family

__all__ = ["DEFECTS", "FAMILIES", "REMEDIES", "by_family"]
