"""The models of defects, one file for each group of families."""

from __future__ import annotations

from softcert_implementations.gallery.defects.arithmetic import (
    blocks,
    cancellation,
    exponential,
    online,
    precision,
    shift,
    special,
)
from softcert_implementations.gallery.defects.calling import layout, options, results, shaping, state
from softcert_implementations.gallery.defects.formula import (
    axis,
    functions,
    gradient,
    labels,
    loss,
    normalisation,
    second,
    upstream,
)
from softcert_implementations.gallery.model import Defect, Family

_MODULES = (
    shift,
    axis,
    blocks,
    online,
    precision,
    exponential,
    cancellation,
    loss,
    normalisation,
    labels,
    gradient,
    second,
    special,
    functions,
    layout,
    state,
    results,
    options,
    upstream,
    shaping,
)

FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
DEFECTS: tuple[Defect, ...] = tuple(defect for family in FAMILIES for defect in family.members)

REMEDIES = {family.name: family.remedy for family in FAMILIES}
"""The remedy of each family, by its name."""
