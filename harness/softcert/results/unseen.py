"""Which uniform relative errors would have passed the limits of a unit, by class count, for the results document."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.certification.plan import Plan
from softcert.certification.result import UnitResult
from softcert_oracle import operations
from softcert_oracle.levels import Level
from softcert_oracle.unseen import unseen
from softcert_reports import document as doc

COUNTS = (10, 1000, 32000)
"""Class counts that are told of; beyond effort quick the largest one too, which takes longer than all others."""

LARGEST = 131072


def passing(unit: UnitResult, plan: Plan) -> Iterator[doc.Unseen]:
    """What passes unseen at the level asked for, at class counts up to the largest that was run."""
    if unit.operation not in operations.CORE or unit.tally.domain.classes is None:
        return
    # Faithful and correct rounding leave an ulp at any class count; the widest level with a limit says no less.
    level = min(plan.level, Level.ACCURATE)
    counts = COUNTS if plan.effort.thin else (*COUNTS, LARGEST)
    for classes in counts:
        if classes <= unit.tally.domain.classes[1]:
            found = unseen(unit.operation, str(level), classes, unit.terms.limit_parameters)
            least = min(found.sparse, found.exact)
            yield doc.Unseen(
                classes=classes, level=doc.Level(level), ordinary=found.dense, least=least, missing=found.missing
            )
