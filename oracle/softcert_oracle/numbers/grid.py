"""Where an enclosure lies on a format's grid: floor, ceiling and nearest number, vectorised and without error.

A magnitude v is written as (f + rem + tail) quanta, f an integer and a quantum the format's spacing in the binade of
the centre; every comparison with a grid point or a midpoint is then one exact TwoSum. Midpoints and spacing as in
Muller et al., "Handbook of Floating-Point Arithmetic", sections 2.2 and 2.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.numbers.double_double import two_sum
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.scaled import shift

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

UNKNOWN = np.int8(2)  # of a comparison: the interval holds numbers on both sides

_FAR_BELOW = 70  # binary orders below the smallest subnormal where only "positive and below half of it" matters


@dataclass(frozen=True, eq=False, kw_only=True)
class Position:
    """Magnitudes as ``(floor + rem + tail +- radius)`` quanta of ``2^quantum``; ``negative`` is their sign.

    ``below`` is the distance (in quanta) from ``floor`` to its lower neighbour on the grid: 1/2 where ``floor`` is a
    power of two at the bottom of a binade, else 1. ``wide`` marks intervals as wide as the grid, or of unknown sign.
    """

    floor: Float
    rem: Float
    tail: Float
    radius: Float
    quantum: Int
    below: Float
    negative: Bool
    wide: Bool

    def side_of(self, point: float | Float) -> NDArray[np.int8]:
        """Whether v lies below (-1), on (0) or above (1) the point ``floor + point`` quanta, or UNKNOWN.

        Exact: ``rem - point`` has no rounding where it is small enough to matter (Sterbenz), TwoSum has none.
        """
        w, e = two_sum(self.rem - point, self.tail)
        r = self.radius
        on = (r == 0) & (w == 0)
        # The interval is open, so touching its end decides as well.
        above = ((w > r) | ((w == r) & (e >= 0))) & ~on
        under = ((w < -r) | ((w == -r) & (e <= 0))) & ~on
        return np.where(on, 0, np.where(above, 1, np.where(under, -1, UNKNOWN))).astype(np.int8)

    def value(self, steps: Float, fmt: Format) -> Float:
        """The grid point ``floor + steps`` as a float64, without sign, +inf beyond the largest number."""
        with np.errstate(over="ignore"):
            magnitude = shift(self.floor + steps, self.quantum)
        return np.where(magnitude > fmt.largest, np.inf, magnitude)


def locate(e: Enclosure, fmt: Format) -> Position:
    """The position of finite, non-zero enclosures (others get a harmless one, to be replaced by the caller)."""
    hi, lo, exponent, radius = e.normalised
    ordinary = np.isfinite(hi) & (hi != 0)
    negative = hi < 0
    a = np.where(ordinary, np.abs(hi), 0.5)
    lo = np.where(negative, -lo, lo)
    exponent = np.where(ordinary, exponent, 0)
    quantum = np.maximum(exponent - 1, fmt.emin) - fmt.precision + 1
    power = exponent - quantum
    far = power < -_FAR_BELOW
    power = np.where(far, 0, power)
    t = shift(a, power)
    floor = np.floor(t)
    rem, tail, width = t - floor, shift(lo, power), shift(radius, power)
    # A tail or a radius that left float64's range (ratios below 2^-1000 only) widens the interval instead.
    lost = ((tail == 0) & (lo != 0)) | ((width == 0) & (radius != 0))
    width = np.where(lost, width + 2.0**-1074, width)
    near_zero = 2.0**-_FAR_BELOW
    floor, rem = np.where(far, 0.0, floor), np.where(far, near_zero, rem)
    tail, width = np.where(far, 0.0, tail), np.where(far, near_zero, width)
    bottom = (floor == 2.0 ** (fmt.precision - 1)) & (exponent - 1 > fmt.emin)
    wide = (width > 0.125) | (radius > a)
    return Position(
        floor=floor,
        rem=rem,
        tail=tail,
        radius=width,
        quantum=quantum,
        below=np.where(bottom, 0.5, 1.0),
        negative=negative,
        wide=wide,
    )


def brackets(e: Enclosure, fmt: Format) -> tuple[Float, Float, Float, Bool]:
    """The grid around each interval.

    Parameters
    ----------
    e
        Enclosures of any shape, special values included.
    fmt
        The format whose numbers are the grid.

    Returns
    -------
    low, inner, high, decided
        Arrays of e's shape, numbers of the format as float64. Where ``decided``, RD(v) = low and RU(v) = high.
        Elsewhere v is about ``inner``, and its neighbours lie between low and high. Exact numbers of the format have
        all three equal. Above the largest number RD stops there and RU is infinite (NaN in a format without infinity).
    """
    at = locate(e, fmt)
    zero, one = at.side_of(0.0), at.side_of(1.0)
    s0 = np.where(at.floor == 0, np.where(zero == UNKNOWN, 1, zero), zero)  # v > 0: zero is never its lower side
    under, on, inside = s0 == -1, s0 == 0, (s0 == 1) & (one == -1)
    decided = (under | on | inside | ((s0 == 1) & (one != UNKNOWN))) & ~at.wide
    low = np.where(under | (s0 == UNKNOWN), -at.below, np.where(on | (one == -1) | (one == UNKNOWN), 0.0, 1.0))
    high = np.where(under | on, 0.0, np.where((s0 == 1) & ((one == UNKNOWN) | (one == 1)), 2.0, 1.0))
    high = np.where((s0 == 1) & (one == 0), 1.0, high)
    inner = np.where(s0 == UNKNOWN, 0.0, np.where(one == UNKNOWN, 1.0, low))
    lower, middle, upper = (at.value(k, fmt) for k in (low, inner, high))
    lower, upper = _capped(lower, fmt, False), _capped(upper, fmt, True)
    middle = _capped(middle, fmt, True)
    n = at.negative
    lower, middle, upper = np.where(n, -upper, lower), np.where(n, -middle, middle), np.where(n, -lower, upper)
    return *_with_specials(e, fmt, lower, middle, upper), decided | ~np.isfinite(e.hi) | (e.hi == 0)


def nearest(e: Enclosure, fmt: Format) -> tuple[Float, Bool]:
    """The number of a format that is nearest to each value, ties to even.

    Returns
    -------
    value, decided
        Arrays of e's shape: RN(v) as float64, and whether the interval decides it. Elsewhere the value is a candidate.
    """
    at = locate(e, fmt)
    under, half, beyond = at.side_of(-0.5 * at.below), at.side_of(0.5), at.side_of(1.5)
    odd = np.mod(at.floor, 2.0) == 1
    steps = np.where(half == -1, 0.0, np.where(half == 0, np.where(odd, 1.0, 0.0), 1.0))
    steps = np.where((half == 1) & (beyond == 1), 2.0, steps)
    # A tie with the lower neighbour: floor - 1/2 is the odd one below a power of two.
    steps = np.where((under == -1) | ((under == 0) & odd & (at.below == 1)), -at.below, steps)
    decided = (under != UNKNOWN) & (half != UNKNOWN) & ((half != 1) | (beyond == -1)) & ~at.wide
    decided |= (at.floor == 0) & (half == -1) & ~at.wide
    magnitude = at.value(steps, fmt)
    if not fmt.has_infinity:
        magnitude = np.where(np.isinf(magnitude), np.nan, magnitude)
    value = np.where(at.negative, -magnitude, magnitude)
    (value,) = _with_specials(e, fmt, value)
    return value, decided | ~np.isfinite(e.hi) | (e.hi == 0)


def _capped(magnitude: Float, fmt: Format, upper: bool) -> Float:
    """Overflow of a bracket: RD stops at the largest number, RU is infinite (NaN in a format without infinity)."""
    over = magnitude > fmt.largest
    if not upper:
        return np.where(over, fmt.largest, magnitude)
    return np.where(over, np.inf if fmt.has_infinity else np.nan, magnitude)


def _with_specials(e: Enclosure, fmt: Format, *values: Float) -> tuple[Float, ...]:
    """Zero, infinities and NaN stand for themselves (NaN for an infinity that the format does not have)."""
    special = ~np.isfinite(e.hi) | (e.hi == 0)
    if not bool(np.any(special)):
        return values
    own = np.where(np.isinf(e.hi) & (not fmt.has_infinity), np.nan, e.hi)
    return tuple(np.where(special, own, v) for v in values)
