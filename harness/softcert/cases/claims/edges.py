"""The edges of the domain that a contract claims: the fewest and the most classes, the most rows, the largest logit.

A contract draws these edges where the battery has no case, and a lie about one shows there: a function that fails for
the very number that it says it accepts.
"""

from __future__ import annotations

from collections.abc import Iterator

from softcert.cases.case import Case
from softcert.cases.inputs import round_to
from softcert_implementations.contract import ResolvedContract
from softcert_oracle import operations
from softcert_oracle.numbers.formats import Format

_LOGITS = 1 << 18  # of one case: an edge beyond is not reached, as the hull of what was run shows
_TURNS = (1, 2, 3, 5, 7, 12, 33)  # multiples of a step between class counts


def cases(operation: str, fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """Cases at the edges of the contract's domain; the default contract has none."""
    if operation not in operations.CORE:
        return
    for m, C in _shapes(terms):
        if m * C <= _LOGITS:
            yield Case.of("ordinary", m, C, fmt.name, (("scale", 2.0),), labels="last")
    yield from _largest(fmt, terms)


def _shapes(terms: ResolvedContract) -> Iterator[tuple[int, int]]:
    """Rows and class counts just inside the domain."""
    step = terms.classes_multiple_of
    least = -(-terms.min_classes // step) * step
    if terms.min_classes > 1:
        yield from ((1, least), (4, least), (3, least + step))
    if step > 1:
        yield from ((2, least + (k - 1) * step) for k in _TURNS)
    if terms.max_classes is not None:
        most = terms.max_classes // step * step
        yield from ((m, C) for m, C in ((1, most), (3, most), (2, most - step)) if least <= C)
    if terms.max_rows is not None:
        near = max(3, least) if step == 1 else least
        yield from ((m, C) for m in (terms.max_rows, terms.max_rows - 1) if m > 0 for C in (near, near + 7 * step))


def _largest(fmt: Format, terms: ResolvedContract) -> Iterator[Case]:
    """Logits of the largest size that is claimed, of either sign, alone and on both sides of 0."""
    if terms.max_abs_logit is None:
        return
    largest = round_to(min(terms.max_abs_logit, fmt.largest), fmt)
    if largest > terms.max_abs_logit:  # rounded up, out of the domain
        largest = round_to(largest * (1 - 2 * fmt.unit_roundoff), fmt)
    step = terms.classes_multiple_of
    least = max(2, -(-terms.min_classes // step) * step)
    for first, others in ((largest, 0.0), (-largest, 0.0), (largest, -largest), (largest, largest)):
        row = tuple(float(v).hex() for v in (first, *[others] * (least - 1)))
        yield Case.of("ordinary", 1, least, fmt.name, rows=(row,), labels="first")
