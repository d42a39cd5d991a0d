"""Numbers with an exponent of their own: float64 significand times a power of two.

The range of exp is far wider than float64's, and half the smallest subnormal of float64 is not a float64,
so errors and limits are kept as pairs. Each operation is correct to a few units of 2^-53 relative; the
judging code leaves that margin (see `softcert_oracle.decisions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_ZERO_EXPONENT = np.int64(-(2**40))  # of an exact zero: smaller than every exponent that can occur


@dataclass(frozen=True, eq=False)
class Scaled:
    """``significand * 2^exponent``, arrays of one shape; significands in +-[1/2, 1), or 0, inf, nan."""

    significand: Float
    exponent: Int

    @classmethod
    def of(cls, values: ArrayLike, exponent: ArrayLike = 0) -> Scaled:
        """``values * 2^exponent``, normalised. Shapes broadcast."""
        significand, shift = np.frexp(np.asarray(values, dtype=np.float64))
        total = np.asarray(exponent, dtype=np.int64) + shift
        if significand.shape != total.shape:
            significand, total = np.broadcast_arrays(significand, total)
        return cls(np.asarray(significand), np.where(significand == 0, _ZERO_EXPONENT, total))

    @property
    def shape(self) -> tuple[int, ...]:
        """The common shape of both arrays."""
        return self.significand.shape

    def __getitem__(self, index: Any) -> Scaled:
        return Scaled(np.asarray(self.significand[index]), np.asarray(self.exponent[index]))

    def __mul__(self, other: Scaled | ArrayLike) -> Scaled:
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
        return Scaled.of(_shift(self, top) + _shift(b, top), top)

    __radd__ = __add__

    def __neg__(self) -> Scaled:
        return Scaled(-self.significand, self.exponent)

    def __sub__(self, other: Scaled | ArrayLike) -> Scaled:
        return self + -as_scaled(other)

    def __abs__(self) -> Scaled:
        return Scaled(np.abs(self.significand), self.exponent)

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
        top = np.max(self.exponent, axis=axis, keepdims=True, initial=_ZERO_EXPONENT)
        total = np.sum(_shift(self, top), axis=axis, keepdims=keepdims)
        return Scaled.of(total, top if keepdims else np.squeeze(top, axis=axis))

    def to_float(self) -> Float:
        """As float64: overflows to infinity and underflows to zero as float64 does."""
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(np.ldexp(self.significand, _in_range(self.exponent)))

    def ratio(self, other: Scaled | ArrayLike) -> Float:
        """``self / other`` as float64, with 0/0 = 0: an error of nothing exceeds no limit."""
        b = as_scaled(other)
        quotient = (self / b).to_float()
        return np.where(self.significand == 0, 0.0, quotient)


def as_scaled(values: Scaled | ArrayLike) -> Scaled:
    """A Scaled as it is, anything else as float64."""
    return values if isinstance(values, Scaled) else Scaled.of(values)


def _in_range(exponent: Int) -> NDArray[np.int32]:
    """Exponents that ldexp takes: beyond +-5000 a float64 is 0 or infinite anyway."""
    return np.minimum(np.maximum(exponent, -5000), 5000).astype(np.int32)


def _shift(a: Scaled, top: Int) -> Float:
    """Significands of `a` in units of 2^top (what is 2^-1000 below the top is lost, by design)."""
    with np.errstate(under="ignore"):
        return np.asarray(np.ldexp(a.significand, np.maximum(a.exponent - top, -5000).astype(np.int32)))
