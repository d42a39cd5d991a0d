"""A mechanism: what can go wrong in one part of the textbook algorithm, with the constants that it may have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, function_of
from softcert_implementations.gallery.model import Function

# Groups of operations and of bases that tables of mechanisms name.
LOSS, GRADIENT = ("cross_entropy",), ("cross_entropy_grad",)
LOSSES = LOSS + GRADIENT
BY_ROW = ("softmax", "log_softmax", "logsumexp")
EVERY = (*BY_ROW, *LOSSES)
USUAL = ("shifted", "by logsumexp")
EVERY_BASE = (*USUAL, "by probability")


@dataclass(frozen=True, eq=False, kw_only=True)
class Mechanism:
    """One mistake of a family, with every constant that it is tried with.

    Parameters
    ----------
    family
        The name of the family of defects.
    behaves
        What it does, with ``{}`` for its constant.
    constants
        The constants: sizes, bounds, factors or types. A mechanism without any has one, the empty string.
    change
        Makes the parts of the algorithm from a constant.
    operations
        The operations in which the mistake shows.
    bases
        The algorithms that it is tried in, the usual one first; see `textbook_parts.BASES`.
    """

    family: str
    behaves: str
    constants: tuple[Any, ...]
    change: Callable[[Any], Parts]
    operations: tuple[str, ...]
    bases: tuple[str, ...]

    def models(self, operation: str) -> Iterator[Model]:
        """The mechanism in one operation: each constant in each base; none where the mistake does not show."""
        for constant in self.constants if operation in self.operations else ():
            for base in _bases(operation, self.bases):
                yield Model(mechanism=self, operation=operation, base=base, constant=constant)


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """A mechanism with its constant, in one operation and base."""

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
        """What it does, and the base if that is not the usual one."""
        return self.behaves if self.plain else f"{self.behaves} ({self.base})"

    def fresh(self) -> Function:
        """The function, with the operation's signature. It remembers nothing between calls."""
        return function_of(self.mechanism.change(self.constant), self.operation, self.base)

    def near(self) -> Iterator[Model]:
        """The same mechanism with constants near this one; none if the constant is not a size or a small number.

        Examples
        --------
        >>> from softcert_implementations.gallery.mechanisms import models
        >>> model = next(m for m in models("softmax") if m.behaves == "does not add the last C mod 4 exponentials")
        >>> [near.constant for near in model.near()][:4]
        [2, 3, 5, 6]
        """
        for constant in _near_constants(self.constant):
            yield replace(self, constant=constant)


def _near_constants(constant: Any) -> Iterator[Any]:
    if isinstance(constant, bool) or not isinstance(constant, int | float) or constant == 0:
        return
    if isinstance(constant, float):
        yield from (constant * factor for factor in (0.2, 0.5, 0.8, 1.25, 2.0, 5.0))
    else:
        sizes = {round(constant * f) for f in (0.55, 0.65, 0.75, 0.85, 0.93, 1.07, 1.15, 1.3, 1.5, 1.7)}
        yield from sorted(size for size in {*sizes, constant - 1, constant + 1} if size > 1 and size != constant)


def _bases(operation: str, bases: tuple[str, ...]) -> tuple[str, ...]:
    """The first base alone for a log-sum-exp, which is part of both usual ones; each way to probabilities once."""
    if operation == "logsumexp":
        return bases[:1]
    twice = operation in ("softmax", "cross_entropy_grad") and "shifted" in bases
    return tuple(b for b in bases if not (twice and b == "by probability"))


@dataclass(frozen=True)
class Table:
    """The mechanisms of one module, in the order in which they are written.

    Parameters
    ----------
    bases
        The algorithms of a mechanism that names none.
    mechanisms
        The mechanisms that `add` has entered.
    """

    bases: tuple[str, ...] = USUAL
    mechanisms: list[Mechanism] = field(default_factory=list)

    def add(
        self,
        family: str,
        behaves: str,
        change: Callable[[Any], Parts],
        constants: Iterable[Any] = ("",),
        operations: tuple[str, ...] = EVERY,
        bases: tuple[str, ...] = (),
    ) -> None:
        """Enter one mechanism; the parameters are the fields of `Mechanism`."""
        self.mechanisms.append(
            Mechanism(
                family=family,
                behaves=behaves,
                constants=tuple(constants),
                change=change,
                operations=operations,
                bases=bases or self.bases,
            )
        )
