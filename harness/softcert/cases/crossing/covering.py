"""Covering arrays: a few points in which every possible pair (or triple) of values occurs together.

The library covertable builds them, greedily and under the rules; it takes seconds. Arrays of the usual spaces are
therefore shipped (``arrays.json``), found by a digest of the space, and any other is built when it is needed. After a
change of axes or rules run ``python -m softcert.cases.crossing.ship``; a test fails where that was forgotten.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import numpy as np
from cachetools import LRUCache

from softcert.cases.crossing.axes import CHEAPEST_FIRST, Point, Rule, Space

SHIPPED = Path(__file__).with_name("arrays.json")
Rows = Sequence[Sequence[int]]
"""An array by the numbers of its values, one row a point."""

_BUILT: LRUCache[str, Rows] = LRUCache(32)


def array(space: Space) -> tuple[Point, ...]:
    """The points of a covering array of the space's strength.

    Values of axes that no rule looks at change places by the seed; so do the points of different seeds, and every
    pair or triple is still met.
    """
    name = digest(space)
    rows = shipped().get(name) or _BUILT.get(name)
    if rows is None:
        rows = _BUILT[name] = build(space)
    values = list(_changed_places(space).values())
    return tuple(dict(zip(space.axes, (v[k] for v, k in zip(values, row, strict=True)), strict=True)) for row in rows)


def digest(space: Space) -> str:
    """Eight hexadecimal digits from axes, forbidden values and strength."""
    forbidden = [(rule.axes, sorted(_forbidden(rule, space.axes))) for rule in _looked_at(space)]
    return f"{zlib.crc32(repr((tuple(space.axes.items()), forbidden, space.strength)).encode()):08x}"


def build(space: Space) -> Rows:
    """An array built by the library, the same each time."""
    from covertable import criteria, make  # type: ignore[import-untyped]  # takes longer to load than a shipped array to read

    axes = {axis: list(range(len(values))) for axis, values in space.axes.items()}
    constraints = [_constraint(rule, space.axes) for rule in _looked_at(space)]
    criterion = criteria.greedy if space.strength == 2 else criteria.simple  # triples take minutes otherwise
    points = make(axes, strength=space.strength, criterion=criterion, constraints=constraints)
    return _cheaper([[point[axis] for axis in axes] for point in points], space)


def _cheaper(rows: list[list[int]], space: Space) -> Rows:
    """The same array with cheap values wherever a dear one meets nothing that does not meet elsewhere."""
    names = list(space.axes)
    met = Counter(chain.from_iterable(_combinations(row, space.strength) for row in rows))
    for row in rows:
        for axis in (a for a in CHEAPEST_FIRST if a in names):
            place = names.index(axis)
            for value in range(row[place]):
                trial = [*row[:place], value, *row[place + 1 :]]
                lost = _combinations(row, space.strength) - _combinations(trial, space.strength)
                point = {name: space.axes[name][k] for name, k in zip(names, trial, strict=True)}
                if all(met[one] > 1 for one in lost) and next(space.forbidding(point), None) is None:
                    met.subtract(_combinations(row, space.strength))
                    met.update(_combinations(trial, space.strength))
                    row[:] = trial
                    break
    return [row for number, row in enumerate(rows) if row not in rows[:number]]


def _combinations(row: Sequence[int], strength: int) -> set[tuple[tuple[int, int], ...]]:
    return set(combinations(enumerate(row), strength))


def _changed_places(space: Space) -> Mapping[str, Sequence[str]]:
    ruled = {axis for rule in _looked_at(space) for axis in rule.axes}
    rng = np.random.default_rng([space.seed, len(space.axes)])
    return {
        axis: values if axis in ruled else [values[k] for k in rng.permutation(len(values))]
        for axis, values in space.axes.items()
    }


def _looked_at(space: Space) -> list[Rule]:
    return [rule for rule in space.rules if set(rule.axes) <= set(space.axes)]


def _forbidden(rule: Rule, axes: Mapping[str, Sequence[str]]) -> set[tuple[str, ...]]:
    return {values for values in product(*(axes[axis] for axis in rule.axes)) if rule.forbids(*values)}


def _constraint(rule: Rule, axes: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    """A rule in the library's form: true for what may meet. It is asked often, so the answers stand in a table."""
    looked_at = rule.axes
    words = _forbidden(rule, axes)
    forbidden = {tuple(axes[axis].index(value) for axis, value in zip(looked_at, row, strict=True)) for row in words}

    def evaluate(row: Mapping[str, int]) -> bool:
        return tuple([row[axis] for axis in looked_at]) not in forbidden

    return {"operator": "fn", "requires": list(looked_at), "evaluate": evaluate}


@cache
def shipped() -> Mapping[str, Rows]:
    """The shipped arrays, by the digests of their spaces."""
    found: Mapping[str, Rows] = json.loads(SHIPPED.read_text("ascii")) if SHIPPED.exists() else {}
    return found
