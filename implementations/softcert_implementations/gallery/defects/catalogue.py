"""All defects of the gallery, in the order that decides ties in the diagnosis and the order of docs/defects.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from softcert_implementations.gallery.defects.arithmetic import (
    cancellation,
    clamping,
    epsilon,
    exponential,
    online,
    precision,
    shift,
    special,
)
from softcert_implementations.gallery.defects.calling import batch, results, state
from softcert_implementations.gallery.defects.formula import (
    axis,
    built_in_scale,
    functions,
    gradient,
    labels,
    loss,
    normalisation,
    second_derivative,
    ties_and_zeros,
)
from softcert_implementations.gallery.defects.memory import capacity, layout, vector_tail
from softcert_implementations.gallery.defects.options import logits, targets, upstream, weights
from softcert_implementations.gallery.model import Defect, Family

_MODULES = (
    shift,
    clamping,
    axis,
    vector_tail,
    capacity,
    online,
    precision,
    exponential,
    epsilon,
    cancellation,
    loss,
    normalisation,
    labels,
    gradient,
    second_derivative,
    special,
    functions,
    ties_and_zeros,
    built_in_scale,
    layout,
    state,
    batch,
    results,
    weights,
    targets,
    upstream,
    logits,
)

FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
"""Every family, the usual mistakes of the usual algorithm first."""

DEFECTS: tuple[Defect, ...] = tuple(defect for family in FAMILIES for defect in family.members)
"""Every defect, family by family."""

REMEDIES: Mapping[str, str] = {family.name: family.remedy for family in FAMILIES}
"""The remedy of each family, by its name."""


def by_family(defects: Iterable[Defect] = DEFECTS) -> dict[str, tuple[Defect, ...]]:
    """Group defects by the name of their family.

    Parameters
    ----------
    defects
        The defects to group, all of the gallery's unless given.

    Returns
    -------
    dict[str, tuple[Defect, ...]]
        Families in the order in which they first occur, and their defects in the order given.

    Examples
    --------
    >>> next(iter(by_family()))
    'no max shift'
    """
    families: dict[str, list[Defect]] = {}
    for defect in defects:
        families.setdefault(defect.family, []).append(defect)
    return {name: tuple(members) for name, members in families.items()}
