"""The enclosure: an interval that is proven to hold an exact value, and three-valued decisions on it.

Centre in double-double with a binary exponent of its own (the range of exp is far wider than float64's),
radius in units of that exponent. Everything that is decided about a subject is decided on enclosures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle.numbers.scaled import NO_EXPONENT, Scaled, shift

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Decision(IntEnum):
    """The answer to a question about an exact value that is known only as an interval."""

    NO = 0
    YES = 1
    UNDECIDED = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Enclosure:
    """Arrays of intervals: each holds its exact value v with ``|v - (hi + lo) 2^exponent| <= radius 2^exponent``.

    An interval of positive radius is open: v is strictly inside. Hence ``hi = lo = radius = 1/2`` says "positive and
    below 2^exponent", and no interval of a value that is not zero needs to admit zero.

    Parameters
    ----------
    hi
        The leading part of the centre, float64 of any shape: the float64 nearest to ``hi + lo``. +inf, -inf and 0 are
        exact; NaN means that the value does not exist (a row of -inf has no softmax).
    lo
        The tail of the centre, of the same shape; 0 where ``hi`` is 0 or special.
    exponent
        The power of two that centre and radius are multiplied by, int64 of the same shape; 0 where ``hi`` is 0 or
        special.
    radius
        The half-width in units of 2^exponent, of the same shape; 0 for exact values, special ones included.

    Examples
    --------
    >>> third = Enclosure(
    ...     hi=np.array(1 / 3), lo=np.array(2.0**-55 / 1.5), exponent=np.array(0), radius=np.array(2.0**-105)
    ... )
    >>> float(third.to_float()), bool(third.is_finite)
    (0.3333333333333333, True)
    >>> Enclosure.exactly([1.0, np.inf]).radius.tolist()
    [0.0, 0.0]
    """

    hi: Float
    lo: Float
    exponent: Int
    radius: Float

    @classmethod
    def exactly(cls, values: ArrayLike) -> Enclosure:
        """Intervals of no width around float64 values (special values included)."""
        hi = np.array(values, dtype=np.float64)
        return cls(hi=hi, lo=np.zeros_like(hi), exponent=np.zeros(hi.shape, np.int64), radius=np.zeros_like(hi))

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape of the four arrays."""
        return self.hi.shape

    @property
    def is_finite(self) -> NDArray[np.bool_]:
        """Where the exact value is a finite real number."""
        return np.isfinite(self.hi)

    @cached_property
    def normalised(self) -> tuple[Float, Float, Int, Float]:
        """Centre, tail, exponent and radius with the centre in +-[1/2, 1); zeros get `NO_EXPONENT`; specials stay.

        A tail that falls out of float64's range moves into the radius (2^-1074, far below every radius in use).
        """
        hi, k = np.frexp(self.hi)
        k = np.where(np.isfinite(hi), k, 0)
        lo = shift(self.lo, -k)
        radius = shift(self.radius, -k)
        lost = shift(lo, k) != self.lo
        radius = np.where(lost | ((radius == 0) & (self.radius != 0)), radius + 2.0**-1074, radius)
        exponent = np.where((hi == 0) | ~np.isfinite(hi), NO_EXPONENT, self.exponent + k)
        return hi, lo, exponent, radius

    def __getitem__(self, index: Any) -> Enclosure:
        return self._each(lambda a: np.asarray(a[index]))

    def reshape(self, *shape: int) -> Enclosure:
        """The same intervals in another shape."""
        return self._each(lambda a: a.reshape(*shape))

    def broadcast_to(self, shape: tuple[int, ...]) -> Enclosure:
        """The same intervals repeated to a shape (views; as `numpy.broadcast_to`)."""
        return self if self.shape == shape else self._each(lambda a: np.broadcast_to(a, shape))

    def negated(self) -> Enclosure:
        """Enclosures of -v."""
        return Enclosure(hi=-self.hi, lo=-self.lo, exponent=self.exponent, radius=self.radius)

    def scaled_by(self, power: ArrayLike) -> Enclosure:
        """Enclosures of ``v * 2^power`` (exact)."""
        moved = np.where(self.is_finite & (self.hi != 0), self.exponent + np.asarray(power, np.int64), self.exponent)
        return Enclosure(hi=self.hi, lo=self.lo, exponent=moved, radius=self.radius)

    def relative_radius(self) -> Float:
        """``radius / |hi|`` as float64: 0 for exact values, special ones included."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.radius == 0, 0.0, self.radius / np.abs(self.hi))

    def to_scaled(self) -> Scaled:
        """The centre to float64 precision, with its own exponent."""
        return Scaled.of(self.hi, self.exponent)

    def to_float(self) -> Float:
        """The centre as float64, for reading and plotting (not correctly rounded where it is subnormal)."""
        return self.to_scaled().to_float()

    @staticmethod
    def concatenate(parts: list[Enclosure], axis: int = 0) -> Enclosure:
        """Join enclosures along an axis."""

        def joined(name: str) -> Any:
            return np.concatenate([getattr(part, name) for part in parts], axis)

        return Enclosure(hi=joined("hi"), lo=joined("lo"), exponent=joined("exponent"), radius=joined("radius"))

    def _each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Enclosure:
        return Enclosure(
            hi=change(self.hi), lo=change(self.lo), exponent=change(self.exponent), radius=change(self.radius)
        )
