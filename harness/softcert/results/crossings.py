"""How many crossings of the taxonomy's axes a unit met, for the results document."""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.crossing import pairs, usual
from softcert.certification.plan import Plan
from softcert.certification.result import UnitResult
from softcert_oracle import operations
from softcert_oracle.numbers import formats
from softcert_reports import document as doc


def crossings(unit: UnitResult, plan: Plan) -> Iterator[doc.Crossings]:
    """The pairs that a unit met, and the triples where the effort has them; nothing for a unit that was not reached."""
    entry = operations.lookup(unit.operation)
    places = [dict(place) for place in unit.tally.domain.places]
    if not entry.takes_logits_alone or not places:
        return
    fmt = formats.lookup(unit.format)
    for space in usual.plain_spaces(fmt, plan.effort, unit.terms.label_dtypes, plan.seed):
        found = pairs.summary(space, places, entry.takes_labels)
        yield doc.Crossings(
            strength=found.strength,
            met=found.met,
            possible=found.possible,
            left_out=tuple(doc.LeftOut(reason, count) for reason, count in found.left_out),
        )
