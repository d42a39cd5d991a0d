"""The axes of the crossings, their values, and which values cannot meet, with the reason.

A point names a value for each axis. Whatever forbids one looks at two or three axes only, and gives a reason that the
results document repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from softcert.cases.case import AT, Case, LabelRule, State
from softcert.cases.crossing import sizes
from softcert.cases.effort import Effort
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes import special_values
from softcert.cases.regimes.special_values import NONE, SPECIAL
from softcert_oracle.numbers.formats import Format

Point = Mapping[str, str]
"""A value for each axis, or for some of them."""

REGIME, LAYOUT, CLASSES, ROWS = "regime", "layout", "classes", "rows"
STATE, LABELS, LABEL_TYPE = "state", "labels", "label type"

CHEAPEST_FIRST = (STATE, SPECIAL, ROWS, CLASSES)
"""Axes whose values cost more the later they stand; the dearest axis first."""

CHOSEN = "chosen class"
"""The label rules that name one class."""

QUICK_REGIMES = (
    "ordinary", "offset", "gap", "spread", "ties", "ladder", "peak", "far rows", "any float",
    "sparse rows", "exact sums", "one percent",
)  # fmt: skip
REGIMES = (*QUICK_REGIMES, "edge", "absorption", "reach", "tiny", "heavy tail", "concentrated")
"""Regimes that mean something at any size and with any labels; the others have cases of their own.

A quick run crosses twelve of them: the other six are near relatives, and each would cost it ten cases.
"""

CHEAP_REGIMES = ("ordinary", "offset", "gap", "spread", "ties", "peak", "far rows", "sparse rows")
LABEL_RULES = (
    LabelRule.FIRST, LabelRule.LAST, LabelRule.ARGMAX, LabelRule.ARGMIN, LabelRule.SAME, LabelRule.MINUS_INF, CHOSEN,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What cannot meet: the axes that are looked at, a test of their values, and why. ``by_size``: for size alone."""

    axes: tuple[str, ...]
    forbids: Callable[..., bool]
    reason: str
    by_size: bool = False


@dataclass(frozen=True, kw_only=True)
class Space:
    """Axes with their values, and the rules of what cannot meet.

    Attributes
    ----------
    axes
        Values by axis.
    rules
        What cannot meet.
    strength
        How many values meet: 2 for all pairs, 3 for all triples.
    seed
        What the array and the sizes are drawn from.
    budget
        The most logits that a case may be worth (`softcert.cases.crossing.sizes.cost`).
    more
        Whether the vocabularies that a quick run leaves out take their turn.
    """

    axes: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    strength: int
    seed: int
    budget: int
    more: bool = False

    def forbidding(self, point: Point) -> Iterator[Rule]:
        """The rules that a point breaks, of those whose axes it names."""
        for rule in self.rules:
            if all(axis in point for axis in rule.axes) and rule.forbids(*(point[axis] for axis in rule.axes)):
                yield rule

    def completes(self, point: Point) -> bool:
        """Whether values can be found for the other axes so that no rule is broken."""
        if next(self.forbidding(point), None) is not None:
            return False
        # Only axes that a rule looks at beside those of the point can stand in the way.
        missing = [a for a in self.axes if a not in point and any(a in rule.axes for rule in self.rules)]
        if not missing:
            return True
        axis = missing[0]
        return any(self.completes({**point, axis: value}) for value in self.axes[axis])


def plain(fmt: Format, label_types: tuple[str, ...], strength: int, seed: int, effort: Effort) -> Space:
    """The space of plain calls: all axes for pairs; for triples those whose cases are small.

    Parameters
    ----------
    fmt
        The format, which may have no infinity.
    label_types
        The label types that the contract claims.
    strength, seed
        As `Space` has them.
    effort
        Says how large a case may be.
    """
    classes, rows = sizes.smallest_classes(), sizes.row_counts()
    names = sorted(classes, key=classes.__getitem__)
    cheap = strength > 2
    axes = {
        REGIME: CHEAP_REGIMES if cheap else QUICK_REGIMES if effort.thin else REGIMES,
        LAYOUT: tuple(LAYOUTS),
        CLASSES: tuple(names[1:5] if cheap else names),
        ROWS: tuple(rows)[:3] if cheap else tuple(rows),
        STATE: tuple(str(s) for s in State),
        LABELS: tuple(r for r in LABEL_RULES if fmt.has_infinity or r != LabelRule.MINUS_INF),
        SPECIAL: special_values.ways(fmt),
    }
    if len(label_types) > 1:
        axes[LABEL_TYPE] = label_types
    return Space(
        axes=MappingProxyType({axis: tuple(map(str, values)) for axis, values in axes.items()}),
        rules=(*_RULES, *_size_rules(classes, rows, effort.logits)),
        strength=strength,
        seed=seed,
        budget=effort.logits,
        more=not effort.thin,
    )


def place(case: Case) -> dict[str, str]:
    """Where a case stands on each axis; values that are none of a space's simply meet nothing there."""
    labels = CHOSEN if case.labels.startswith(AT) else str(case.labels)
    return {
        REGIME: case.regime,
        LAYOUT: str(case.layout),
        CLASSES: sizes.size_class(case.classes),
        ROWS: sizes.row_count_class(case.rows_count),
        STATE: str(case.state),
        LABELS: labels,
        SPECIAL: str(dict(case.parameters).get(SPECIAL, NONE)),
        LABEL_TYPE: case.label_dtype,
    }


def holds(label_type: str, classes: int) -> bool:
    """Whether a label type holds the last class."""
    return bool(np.iinfo(label_type).max >= classes - 1)


_RULES = (
    Rule(
        axes=(SPECIAL, CLASSES),
        forbids=lambda special, classes: special != NONE and classes == "1",
        reason="one class that is no number has no right answer",
    ),
    Rule(
        axes=(SPECIAL, LABELS),
        forbids=lambda special, labels: labels == LabelRule.MINUS_INF and not special.startswith("-inf"),
        reason="no class is -inf",
    ),
    Rule(
        axes=(STATE, ROWS),
        forbids=lambda state, rows: state in (State.ALONE, State.REORDERED) and rows == "1",
        reason="one row is alone, and has no other order",
    ),
    Rule(
        axes=(STATE, ROWS),
        forbids=lambda state, rows: state == State.ALONE and rows not in ("1", "2", "3 to 64"),
        reason="a call for each row",
        by_size=True,
    ),
    Rule(
        axes=(STATE, CLASSES),
        forbids=lambda state, classes: state == State.ALTERED and classes in ("1", "2", "3"),
        reason="fewer than four classes have no inner logits to exchange",
    ),
    Rule(
        axes=(STATE, REGIME),
        forbids=lambda state, regime: state == State.ALTERED and regime not in ("ordinary", "ladder", "peak"),
        reason="a cache confuses inputs by their place, whatever they are",
    ),
    Rule(
        axes=(STATE, SPECIAL),
        forbids=lambda state, special: state == State.ALTERED and special != NONE,
        reason="results that are no numbers tell nothing of a cache",
    ),
    Rule(
        axes=(REGIME, ROWS),
        forbids=lambda regime, rows: regime == "far rows" and rows == "1",
        reason="one row lies far from no other",
    ),
    Rule(
        axes=(REGIME, ROWS),
        # The mean is a dyadic number but for e^-10^19 there: its rounding is sought in vain, with all rows at once.
        forbids=lambda regime, rows: regime == "spread" and rows not in ("1", "2", "3 to 64"),
        reason="whether a mean of so many exact losses is a tie asks for too many digits",
        by_size=True,
    ),
    Rule(
        axes=(LABEL_TYPE, CLASSES),
        forbids=lambda label_type, classes: not holds(label_type, sizes.smallest_classes()[classes]),
        reason="the label type does not hold the last class",
    ),
)


def _size_rules(classes: Mapping[str, int], rows: Mapping[str, tuple[int, ...]], budget: int) -> tuple[Rule, ...]:
    def too_large(row_class: str, size_class: str, state: str = State.ONCE, special: str = NONE) -> bool:
        return not fits(min(rows[row_class]), classes[size_class], state, special, budget)

    def too_large_if_special(row_class: str, size_class: str, special: str) -> bool:
        return too_large(row_class, size_class, special=special)

    reason = f"a case would be worth more than {budget} logits"
    return (
        Rule(axes=(ROWS, CLASSES), forbids=too_large, reason=reason, by_size=True),
        Rule(axes=(ROWS, CLASSES, STATE), forbids=too_large, reason=reason, by_size=True),
        Rule(axes=(ROWS, CLASSES, SPECIAL), forbids=too_large_if_special, reason=reason, by_size=True),
    )


def fits(rows: int, classes: int, state: str, special: str, budget: int) -> bool:
    """Whether a case is worth no more than the budget. A single row called once may be twice as long."""
    factor = 2 if rows == 1 and state == State.ONCE else 1
    return sizes.cost(rows, classes, state, special) <= factor * budget
