"""Numbers with an exponent of their own: float64 significand times a power of two.

The range of exp is far wider than float64's, and half the smallest subnormal of float64 is not a float64,
so errors and limits are kept as pairs. Each operation is correct to a few units of 2^-53 relative; the
judging code leaves that margin (see `softcert_oracle.decide.decisions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]

NO_EXPONENT = np.int64(-(2**40))  # of an exact zero: smaller than every exponent that can occur
_SAFE = (2.0**-900, 2.0**900)  # factors by which a significand neither overflows nor becomes subnormal


@dataclass(frozen=True, eq=False)
class Scaled:
    """``significand * 2^exponent``: numbers far beyond the range of float64, elementwise.

    Parameters
    ----------
    significand
        float64 of any shape, in +-[1/2, 1), or 0, infinite or NaN.
    exponent
        int64 of the same shape; `NO_EXPONENT` where the significand is 0.

    Notes
    -----
    Sums, products and quotients are correct to a few units of 2^-53 relative. Shapes broadcast.

    Examples
    --------
    >>> tiny = Scaled.of(1.0, -5000)
    >>> float(tiny.to_float()), float((tiny / Scaled.of(1.0, -5001)).to_float())
    (0.0, 2.0)
    >>> (Scaled.of([3.0]) * tiny).exponent.tolist()
    [-4998]
    """

    significand: Float
    exponent: Int

    @classmethod
    def of(cls, values: ArrayLike, exponent: ArrayLike = 0) -> Scaled:
        """``values * 2^exponent``, normalised. Shapes broadcast."""
        significand, shift = np.frexp(np.asarray(values, dtype=np.float64))
        total = np.asarray(np.add(shift, exponent, dtype=np.int64))
        if significand.shape != total.shape:
            significand, total = np.broadcast_arrays(significand, total)
        zero = significand == 0
        return cls(np.asarray(significand), np.where(zero, NO_EXPONENT, total) if zero.any() else total)

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape of both arrays."""
        return self.significand.shape

    def __getitem__(self, index: Any) -> Scaled:
        return Scaled(np.asarray(self.significand[index]), np.asarray(self.exponent[index]))

    def __mul__(self, other: Scaled | ArrayLike) -> Scaled:
        if isinstance(other, float) and _SAFE[0] < abs(other) < _SAFE[1]:
            return Scaled.of(self.significand * other, self.exponent)
        b = as_scaled(other)
        return Scaled.of(self.significand * b.significand, self.exponent + b.exponent)

    __rmul__ = __mul__

    def __truediv__(self, other: Scaled | ArrayLike) -> Scaled:
        b = as_scaled(other)
        with np.errstate(divide="ignore", invalid="ignore"):
            return Scaled.of(self.significand / b.significand, self.exponent - b.exponent)

    def __add__(self, other: Scaled | ArrayLike) -> Scaled:
        b = as_scaled(other)
        top = np.maximum(self.exponent, b.exponent)
        return Scaled.of(self._in_units_of(top) + b._in_units_of(top), top)

    __radd__ = __add__

    def __neg__(self) -> Scaled:
        return Scaled(-self.significand, self.exponent)

    def __sub__(self, other: Scaled | ArrayLike) -> Scaled:
        return self + -as_scaled(other)

    def __abs__(self) -> Scaled:
        return Scaled(np.abs(self.significand), self.exponent)

    def at_least_zero(self) -> Scaled:
        """The larger of this and 0, elementwise; NaN stays."""
        below = self.significand < 0
        return self.where(~below, 0.0) if below.any() else self

    def exceeds(self, other: Scaled) -> NDArray[np.bool_]:
        """``self > other`` for numbers of at least 0, exactly: exponents first. False where either is NaN."""
        deeper = (self.exponent == other.exponent) & (self.significand > other.significand)
        known = ~(np.isnan(self.significand) | np.isnan(other.significand))
        return np.asarray(((self.exponent > other.exponent) | deeper) & known)

    def maximum(self, other: Scaled | ArrayLike) -> Scaled:
        """Elementwise maximum."""
        return self.where((self - other).significand >= 0, other)

    def where(self, condition: ArrayLike, other: Scaled | ArrayLike) -> Scaled:
        """This where the condition holds, the other elsewhere."""
        b = as_scaled(other)
        keep = np.asarray(condition)
        return Scaled(np.where(keep, self.significand, b.significand), np.where(keep, self.exponent, b.exponent))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Scaled:
        """Sum along an axis (pairwise, relative to the largest exponent)."""
        top = np.max(self.exponent, axis=axis, keepdims=True, initial=NO_EXPONENT)
        total = np.sum(self._in_units_of(top), axis=axis, keepdims=keepdims)
        return Scaled.of(total, top if keepdims else np.squeeze(top, axis=axis))

    def _in_units_of(self, top: Int) -> Float:
        """The numbers divided by 2^top (what is 2^-1000 below the top is lost, by design)."""
        return shift(self.significand, self.exponent - top)

    def to_float(self) -> Float:
        """As float64: overflows to infinity and underflows to zero as float64 does."""
        return shift(self.significand, self.exponent)

    def ratio(self, other: Scaled | ArrayLike) -> Float:
        """``self / other`` as float64, with 0/0 = 0: an error of nothing exceeds no limit."""
        b = as_scaled(other)
        quotient = (self / b).to_float()
        return np.where(self.significand == 0, 0.0, quotient)


def as_scaled(values: Scaled | ArrayLike) -> Scaled:
    """A Scaled as it is, anything else as float64."""
    return values if isinstance(values, Scaled) else Scaled.of(values)


def shift(a: Float, power: Int) -> Float:
    """``a * 2^power``, powers of any size: beyond +-5000 a float64 is 0 or infinite anyway."""
    with np.errstate(under="ignore", over="ignore"):
        return np.asarray(np.ldexp(a, np.minimum(np.maximum(power, -5000), 5000).astype(np.int32)))
