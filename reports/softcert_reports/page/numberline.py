"""Where a result lies among the floating-point numbers next to the truth, in exact rational arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

from softcert_reports.document import Finding, Number

REACH = 12
"""Beyond so many gaps from the truth a number line shows nothing that the numbers do not."""


def number_line(finding: Finding) -> dict[str, object] | None:
    """Positions in gaps between neighbouring floats, 0 at the lower neighbour; None where a line does not help.

    ``ticks`` are the floats in view with their decimal text, ``got`` and ``exact`` positions, ``limit`` a half-width.
    """
    w = finding.witness
    if w is None or w.got is None or w.exact is None or len(w.neighbours) < 2:
        return None
    below, above, got, exact = _float(w.neighbours[0]), _float(w.neighbours[1]), _float(w.got), _exact(w.exact)
    if below is None or above is None or got is None or exact is None or not below < above:
        return None
    gap = above - below
    place = (got - below) / gap
    if abs(place) > REACH:
        return None
    limit = None
    if finding.limit is not None and math.isfinite(finding.limit):
        if finding.unit == "ulp":
            limit = finding.limit
        elif finding.unit == "absolute":
            limit = float(Fraction(finding.limit) / gap)
    ticks = sorted(
        {math.floor(place) - 1, math.ceil(place) + 1, *range(min(-1, math.floor(place)), max(3, math.ceil(place) + 1))}
    )
    return {
        "ticks": [[t, _decimal(below + t * gap)] for t in ticks],
        "got": float(place),
        "exact": float((exact - below) / gap),
        "limit": limit if limit is None or limit <= 4 * REACH else None,
    }


def _float(number: Number) -> Fraction | None:
    try:
        value = float.fromhex(number.hex) if number.hex else float(number.decimal)
    except (ValueError, OverflowError):
        return None
    return Fraction(value) if math.isfinite(value) else None


def _exact(number: Number) -> Fraction | None:
    """The exact value from its decimal text: far more digits than a float has, so that it lies between two floats."""
    text = number.decimal.strip().rstrip("….")
    try:
        value = Fraction(text) if len(text) < 400 and abs(int(text.lower().partition("e")[2] or 0)) < 400 else None
    except (ValueError, ZeroDivisionError):
        return None
    return value


def _decimal(value: Fraction) -> str:
    return f"{float(value):.9g}"
