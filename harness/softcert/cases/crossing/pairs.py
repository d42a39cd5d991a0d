"""How much of what can meet has met: pairs and triples of values of the axes, and what was left out, with the reason.

What is possible is what the covering array of the space meets; a test holds that against the rules, value by value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from softcert.cases.crossing.axes import LABEL_TYPE, LABELS, Point, Space
from softcert.cases.crossing.covering import array

Values = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Met:
    """What met on two axes, or on three.

    Attributes
    ----------
    axes
        The names of the axes.
    met, possible
        How many combinations of their values met, and how many can.
    left_out
        The combinations that are left out for size, each with the reason.
    impossible
        Those that have no meaning, each with the reason.
    """

    axes: tuple[str, ...]
    met: int
    possible: int
    left_out: tuple[tuple[Values, str], ...] = ()
    impossible: tuple[tuple[Values, str], ...] = ()


def combinations_met(space: Space, points: Iterable[Point]) -> Iterator[Met]:
    """What met on every two axes of a space (on every three, for triples).

    Parameters
    ----------
    space
        The axes and what cannot meet on them.
    points
        Where the cases stand on the axes; values that no axis of the space has meet nothing.
    """
    here = [tuple(point.get(axis, "") for axis in space.axes) for point in points]
    planned = [tuple(point.values()) for point in array(space)]
    for places in combinations(range(len(space.axes)), space.strength):
        axes = tuple(list(space.axes)[k] for k in places)
        possible = {tuple(row[k] for k in places) for row in planned}
        met = {tuple(row[k] for k in places) for row in here} & possible
        left_out: list[tuple[Values, str]] = []
        impossible: list[tuple[Values, str]] = []
        for values in product(*(space.axes[axis] for axis in axes)):
            if values not in possible:
                reason, by_size = _why_not(space, dict(zip(axes, values, strict=True)))
                (left_out if by_size else impossible).append((values, reason))
        yield Met(
            axes=axes,
            met=len(met),
            possible=len(possible),
            left_out=tuple(left_out),
            impossible=tuple(impossible),
        )


def _why_not(space: Space, point: Point) -> tuple[str, bool]:
    """Why values cannot meet, and whether for size alone."""
    for rule in space.forbidding(point):
        return rule.reason, rule.by_size
    return "every case with both would break another rule", True


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What met on all axes together: ``strength`` values at a time; ``left_out`` counts by reason what size forbids."""

    strength: int
    met: int
    possible: int
    left_out: tuple[tuple[str, int], ...]


def summary(space: Space, points: Iterable[Point], labelled: bool = True) -> Summary:
    """What met on all axes of a space, in one line; without ``labelled`` on those that do not speak of labels."""
    unused = set() if labelled else {LABELS, LABEL_TYPE}
    parts = [part for part in combinations_met(space, points) if not unused & set(part.axes)]
    reasons: Counter[str] = Counter()
    for part in parts:
        for values, reason in part.left_out:
            reasons[f"{' x '.join(part.axes)}: {', '.join(values)}: {reason}"] += 1
    return Summary(
        strength=space.strength,
        met=sum(part.met for part in parts),
        possible=sum(part.possible for part in parts),
        left_out=tuple(sorted(reasons.items())),
    )
