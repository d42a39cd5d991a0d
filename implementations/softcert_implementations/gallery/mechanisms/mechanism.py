"""A mechanism: what can go wrong in one part of the textbook algorithm, with the constants that it may have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, operation
from softcert_implementations.gallery.model import Function

LOSS, GRADIENT = ("cross_entropy",), ("cross_entropy_grad",)
LOSSES = LOSS + GRADIENT
BY_ROW = ("softmax", "log_softmax", "logsumexp")
EVERY = (*BY_ROW, *LOSSES)
USUAL = ("shifted", "by logsumexp")
EVERY_BASE = (*USUAL, "by probability")


@dataclass(frozen=True, eq=False)
class Mechanism:
    """One mistake of a family. ``behaves`` says what it does, with ``{}`` for its constant.

    ``change`` makes the parts from a constant. ``operations`` are those in which the mistake shows, ``bases`` the
    algorithms that it is tried in.
    """

    family: str
    behaves: str
    constants: tuple[Any, ...]
    change: Callable[[Any], Parts]
    operations: tuple[str, ...]
    bases: tuple[str, ...]

    def models(self, name: str) -> Iterator[Model]:
        """The mechanism in one operation: each constant in each base."""
        for constant in self.constants if name in self.operations else ():
            for base in _bases(name, self.bases):
                yield Model(self, name, base, constant)


@dataclass(frozen=True, eq=False)
class Model:
    """A mechanism with its constant in one operation and base."""

    mechanism: Mechanism
    operation: str
    base: str
    constant: Any

    @property
    def plain(self) -> bool:
        """Whether the algorithm is the one in which the mechanism is usually met."""
        return self.base == self.mechanism.bases[0]

    @property
    def behaves(self) -> str:
        """What it does, with its constant."""
        constant = f"{self.constant:.6g}" if isinstance(self.constant, float) else self.constant
        return self.mechanism.behaves.format(constant)

    @property
    def name(self) -> str:
        """What it does, and the base where that is not the usual one."""
        return self.behaves if self.plain else f"{self.behaves} ({self.base})"

    def fresh(self) -> Function:
        """The function."""
        return operation(self.mechanism.change(self.constant), self.operation, self.base)

    def near(self) -> Iterator[Model]:
        """The same mechanism with constants around this one, of those that are sizes or small numbers."""
        for constant in _around(self.constant):
            yield replace(self, constant=constant)


def _around(constant: Any) -> Iterator[Any]:
    if isinstance(constant, bool) or not isinstance(constant, int | float) or constant == 0:
        return
    if isinstance(constant, float):
        yield from (constant * factor for factor in (0.2, 0.5, 0.8, 1.25, 2.0, 5.0))
    else:
        sizes = {round(constant * f) for f in (0.55, 0.65, 0.75, 0.85, 0.93, 1.07, 1.15, 1.3, 1.5, 1.7)}
        yield from sorted(size for size in {*sizes, constant - 1, constant + 1} if size > 1 and size != constant)


def _bases(name: str, bases: tuple[str, ...]) -> tuple[str, ...]:
    """The first base alone for a log-sum-exp, which is part of both usual ones; each way to probabilities once."""
    if name == "logsumexp":
        return bases[:1]
    twice = name in ("softmax", "cross_entropy_grad") and "shifted" in bases
    return tuple(b for b in bases if not (twice and b == "by probability"))


@dataclass(frozen=True)
class Table:
    """The mechanisms of one module, in the order in which they are written; ``bases`` where one names none."""

    bases: tuple[str, ...] = USUAL
    rows: list[Mechanism] = field(default_factory=list)

    def add(
        self,
        family: str,
        behaves: str,
        change: Callable[[Any], Parts],
        constants: Iterable[Any] = ("",),
        operations: tuple[str, ...] = EVERY,
        bases: tuple[str, ...] = (),
    ) -> None:
        """Enter one mechanism."""
        self.rows.append(Mechanism(family, behaves, tuple(constants), change, operations, bases or self.bases))
