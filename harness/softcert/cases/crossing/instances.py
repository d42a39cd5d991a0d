"""From points of a covering array to cases: each class of sizes becomes a count, each regime gets its parameters.

For every two classes of sizes one case is as large as half of the budget allows, because defects of size show at the
far corner. Every further case is small, and takes a count that no case had before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

from softcert.cases.case import AT, Case, LabelRule, Parameters, State
from softcert.cases.crossing import axes, sizes
from softcert.cases.crossing.axes import CHOSEN, CLASSES, LABEL_TYPE, LABELS, LAYOUT, REGIME, ROWS, STATE, Point, Space
from softcert.cases.crossing.covering import array
from softcert.cases.crossing.parameters import parameters
from softcert.cases.layouts import LAYOUTS
from softcert.cases.regimes.special_values import NONE, SPECIAL
from softcert.cases.regimes.sums import DENSE, EDGES
from softcert_oracle.numbers.formats import Format


def cases(space: Space, fmt: Format, met: Iterable[int] = ()) -> Iterator[Case]:
    """A case for each point of the space's array, the small ones first.

    Parameters
    ----------
    space
        What is crossed.
    fmt
        The format of the logits.
    met
        Class counts that other cases have: they need not have a turn here.
    """
    maker = _Maker(space, fmt, met)
    yield from sorted((maker.case(point) for point in array(space)), key=lambda case: case.size)


def corners(space: Space, fmt: Format, others: Iterable[Case] = ()) -> Iterator[Case]:
    """For every two classes of sizes a case near their far corner, where that is no single row and no few logits.

    Parameters
    ----------
    space, fmt
        What is crossed, and the format of the logits.
    others
        Cases that exist: where one of them is half as large, the corner is held.
    """
    held: Counter[tuple[str, str]] = Counter()
    for case in others:
        place = sizes.row_count_class(case.rows_count), sizes.size_class(case.classes)
        held[place] = max(held[place], case.size)
    rows, classes = sizes.row_counts(), sizes.class_counts(space.seed)
    for number, place in enumerate(product(rows, classes)):
        shapes = [(m, C) for m in rows[place[0]] for C in classes[place[1]] if m > 1 and C > 3]
        fitting = [shape for shape in shapes if axes.fits(*shape, State.ONCE, NONE, space.budget)]
        if not fitting:
            continue
        half = [shape for shape in fitting if _size(shape) <= space.budget // 2]
        m, C = max(half, key=_size) if half else min(fitting, key=_size)
        if m * C >= max(2 * held[place], space.budget // 8):
            rule, layout = _CORNER_LABELS[number % 3], LAYOUTS[number % len(LAYOUTS)]
            yield Case.of("ordinary", m, C, fmt.name, _WIDER, layout=layout, labels=rule, seed=space.seed)


_CORNER_LABELS = (LabelRule.ARGMIN, LabelRule.LAST, LabelRule.FIRST)
_WIDER = (("scale", 3.0),)


def _size(shape: tuple[int, int]) -> int:
    return shape[0] * shape[1]


def counts_left(fmt: Format, seed: int, met: set[int], more: bool = False) -> Iterator[Case]:
    """Cases for every class count that has none yet: all that are named, and all remainders modulo 64.

    Two rows, or one of a vocabulary. The layouts take turns in each class of sizes: whatever reads a stride wrongly
    meets logits there that show it.
    """
    remainders = {count % sizes.MODULUS for count in met if count > sizes.ABOVE}
    for counts in sizes.class_counts(seed, more).values():
        turn = 0
        for count in counts:
            known = count in {*sizes.NAMED, *sizes.MORE, *sizes.BLOCKS}
            if count not in met and (known or count % sizes.MODULUS not in remainders):
                remainders.add(count % sizes.MODULUS)
                m = 2 if count <= _TWO_ROWS else 1
                layout = LAYOUTS[turn % len(LAYOUTS)]
                # Limits of wide rows are narrow only where few classes count; each of these then is some percent.
                regime, own = (
                    ("peak", (("at", count // 2), ("height", 3.0))) if count <= DENSE else ("sparse rows", EDGES)
                )
                turn += 1
                yield Case.of(regime, m, count, fmt.name, own, layout=layout, labels=LabelRule.LAST, seed=seed)


_TWO_ROWS = 8192


class _Maker:
    """Makes cases from points; remembers which counts and parameters had their turn."""

    def __init__(self, space: Space, fmt: Format, met: Iterable[int]) -> None:
        self.space, self.fmt = space, fmt
        self.classes, self.rows = sizes.class_counts(space.seed, space.more), sizes.row_counts()
        self.parameters = parameters(fmt)
        self.turns: Counter[str] = Counter()
        self.used = {(CLASSES, count) for count in met}

    def case(self, point: Point) -> Case:
        """The case of one point."""
        m, C = self._shape(point)
        special = point[SPECIAL]
        own = self._parameters(point[REGIME])
        rule = point[LABELS]
        if rule == CHOSEN:
            rule = f"{AT}{self._turn(CHOSEN) * 7919 % C}"
        return Case.of(
            point[REGIME],
            m,
            C,
            self.fmt.name,
            own if special == NONE else (*own, (SPECIAL, special)),
            layout=point[LAYOUT],
            state=point[STATE],
            labels=rule,
            label_dtype=point.get(LABEL_TYPE, "int64"),
            seed=self.space.seed,
        )

    def _turn(self, name: str) -> int:
        self.turns[name] += 1
        return self.turns[name] - 1

    def _parameters(self, regime: str) -> Parameters:
        choices = self.parameters[regime]
        return choices[self._turn(regime) % len(choices)]

    def _shape(self, point: Point) -> tuple[int, int]:
        fitting = [
            (m, C)
            for m in self.rows[point[ROWS]]
            for C in self.classes[point[CLASSES]]
            if axes.fits(m, C, point[STATE], point[SPECIAL], self.space.budget) and self._holds(point, C)
        ]
        # Each row is called by itself: the fewest tell as much.
        chosen = min(fitting, key=_size if point[STATE] == State.ALONE else self._worth)
        self.used |= {(ROWS, chosen[0]), (CLASSES, chosen[1])}
        return chosen

    def _holds(self, point: Point, C: int) -> bool:
        """Whether the label type holds the last class."""
        return LABEL_TYPE not in point or axes.holds(point[LABEL_TYPE], C)

    def _worth(self, shape: tuple[int, int]) -> tuple[bool, bool, bool, int]:
        """Class counts that were not used come first, named ones before others; then the smallest case."""
        m, C = shape
        return (CLASSES, C) in self.used, C not in sizes.NAMED, (ROWS, m) in self.used, m * C
