"""Which of several failures tells a person most: the order of witnesses, and of findings.

An ordinary input comes before one with special values, an error many times the limit before one at the margin, and a
small input before a large one. A failure at the margin reads as rounding, and one on a special value as a matter of
taste, where the same function is plainly wrong elsewhere.
"""

from __future__ import annotations

import math

from softcert.cases.case import Case
from softcert.cases.regimes.special_values import NONE, SPECIAL
from softcert.executors.protocol import FaultKind
from softcert.properties.check import Check

PLAIN_RATIO = 16.0
"""From so many times the limit on, no one takes an error for rounding."""

LARGE = 4096
"""Logits from which on a case is too large to be looked at."""

COSTLY = (FaultKind.HANG, FaultKind.MEMORY)
"""Faults that each call pays with the whole limit."""

_CLEAR_RATIO = 4.0
_SPECIAL_REGIMES = frozenset({"special", "minus inf block", "all minus inf", "extreme pair"})
_NOT_FINITE = frozenset({"inf", "-inf", "nan"})


def has_special_values(case: Case) -> bool:
    """Whether a recipe puts infinities, NaN or the largest number into the logits, or has none.

    Examples
    --------
    >>> has_special_values(Case.of("ordinary", 2, 5, "float32"))
    False
    >>> has_special_values(Case.of("ordinary", 1, 2, "float32", rows=(("-inf", "0x0p+0"),)))
    True
    """
    if case.size == 0:
        return True
    if case.rows is not None:
        return any(text in _NOT_FINITE for row in case.rows for text in row)
    given = dict(case.parameters)
    return case.regime in _SPECIAL_REGIMES or given.get(SPECIAL, NONE) != NONE or given.get("beside") == "-inf"


def margin(ratio: float) -> int:
    """0 for an error of many times the limit (or none that is finite), 1 for a clear one, 2 for one at the margin."""
    if math.isnan(ratio) or ratio >= PLAIN_RATIO:
        return 0
    return 1 if ratio >= _CLEAR_RATIO else 2


def order_of_witnesses(case: Case, check: Check) -> tuple[bool, int, int, bool]:
    """The sort key of a failing case: the most telling first."""
    return has_special_values(case), margin(check.ratio), case.size, case.rows is None


def order_of_findings(case: Case, check: Check) -> tuple[bool, bool, int]:
    """The sort key of a finding by its witness: the most telling first."""
    late = check.cause in COSTLY or case.size > LARGE
    return has_special_values(case), late, margin(check.ratio)
