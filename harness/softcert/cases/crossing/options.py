"""Crossings of the options: values with rows, class counts, layouts, regimes, states and label rules.

One option is given at a time; all of them together stand in `softcert.cases.option_battery`. So an option meets batches
of thousands of rows, multiples of 32 among them, as plain calls do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from softcert.cases.case import Case, LabelRule, Layout, State
from softcert.cases.crossing.axes import CLASSES, LABELS, LAYOUT, REGIME, ROWS, STATE, Point, Rule, Space
from softcert.cases.crossing.covering import array
from softcert.cases.crossing.parameters import parameters
from softcert_oracle.numbers.formats import Format

VALUE = "value"
BUDGET = 1 << 13  # logits: exact results of calls with options come from Arb in part, which is slower

_ROWS = ("1", "3", "17", "64", "96", "1025")
_MANY_ROWS = 8192  # with two classes, for one value of each option: a second of exact results where there are vectors
_CLASSES = ("2", "3", "10", "100", "1000")
_LAYOUTS = (Layout.C, Layout.FORTRAN, Layout.COLUMN_STRIDE, Layout.REVERSED_ROWS)
_REGIMES = ("ordinary", "ties", "peak", "heavy tail")
_STATES = (State.ONCE, State.TWICE)
_RULES = (LabelRule.FIRST, LabelRule.LAST, LabelRule.ARGMAX, LabelRule.ARGMIN)


def space(count: int, seed: int) -> Space:
    """The axes of an option that has ``count`` values."""
    axes = {
        VALUE: tuple(map(str, range(count))),
        ROWS: _ROWS,
        CLASSES: _CLASSES,
        LAYOUT: tuple(map(str, _LAYOUTS)),
        REGIME: _REGIMES,
        STATE: tuple(map(str, _STATES)),
        LABELS: tuple(map(str, _RULES)),
    }
    too_large = Rule(
        axes=(ROWS, CLASSES),
        forbids=lambda rows, classes: int(rows) * int(classes) > BUDGET,
        reason=f"a case would have more than {BUDGET} logits",
        by_size=True,
    )
    return Space(axes=MappingProxyType(axes), rules=(too_large,), strength=2, seed=seed, budget=BUDGET)


def cases(option: str, values: Sequence[Any], fmt: Format, seed: int) -> Iterator[tuple[Case, Any]]:
    """Cases without the option, each with the value that the option takes there, the small ones first.

    Parameters
    ----------
    option
        The option's name.
    values
        Its values; for the axis of the classes, with leading shapes that are made to fit the rows.
    fmt, seed
        The format of the logits, and the seed.
    """
    made = parameters(fmt)
    found = [
        (_case(point, made, number, fmt, seed), values[int(point[VALUE])])
        for number, point in enumerate(array(space(len(values), seed)))
    ]
    for case, value in sorted(found, key=lambda pair: pair[0].size):
        fitted = _folded(value, case.rows_count) if option == "axis" else value
        if fitted is not None:
            yield case, fitted
    fitted = _folded(values[0], _MANY_ROWS) if option == "axis" else values[0]
    if fitted is not None:
        yield Case.of("ordinary", _MANY_ROWS, 2, fmt.name, seed=seed, labels=LabelRule.LAST), fitted


def _case(point: Point, made: Mapping[str, Any], number: int, fmt: Format, seed: int) -> Case:
    choices = made[point[REGIME]]
    # Mild logits: with a temperature of 1/16 others would leave the format.
    return Case.of(
        point[REGIME],
        int(point[ROWS]),
        int(point[CLASSES]),
        fmt.name,
        choices[number % 2],
        layout=point[LAYOUT],
        state=point[STATE],
        labels=point[LABELS],
        seed=seed,
    )


def _folded(value: Any, rows: int) -> Any | None:
    """The axis with a leading shape of so many rows; None where the rows do not divide."""
    axis, lead = value
    before = 1
    for length in lead[:-1]:
        before *= length
    return None if rows % before else (axis, (*lead[:-1], rows // before))
