"""A second, separately written set of defects, each under the family that the diagnosis ought to name."""

from __future__ import annotations

from softcert_implementations.gallery.model import Defect
from softcert_implementations.gallery.variants import losses, stability, structural, torch_models
from softcert_implementations.gallery.variants.registry import gathered

_MODULES = (stability, structural, losses, torch_models)

VARIANTS: tuple[Defect, ...] = gathered()
