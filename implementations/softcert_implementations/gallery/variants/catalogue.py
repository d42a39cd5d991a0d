"""All variants. Importing a module registers its variants: the order of the imports is that of a family's variants."""

from __future__ import annotations

from softcert_implementations.gallery.model import Defect
from softcert_implementations.gallery.variants import losses, registry, stability, structural, torch_models

MODULES = (losses, stability, structural, torch_models)
"""The modules of variants, in the order in which they are imported."""

VARIANTS: tuple[Defect, ...] = registry.all_registered()
"""Every variant, family by family."""
