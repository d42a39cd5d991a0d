"""The distance of a result from the exact value, with an exponent of its own, and what infinities and NaN count.

Overflow convention: an infinity of the right sign is no error where |v| >= (2 - u) 2^emax, since it is the correct
rounding there; elsewhere it counts as 2^(emax+1), the number that it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softcert_oracle.numbers.double_double import two_sum
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.formats import Format
from softcert_oracle.numbers.grid import nearest
from softcert_oracle.numbers.scaled import NO_EXPONENT, Scaled, shift

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

ARITHMETIC = 2.0**-49
"""Relative error granted to a distance: one rounding of its tail (at most the whole, so 2^-53), one where tail and
head join, and at most six in the sums and products of `Scaled` that follow: 8 * 2^-53 = 2^-50, doubled."""


@dataclass(frozen=True, eq=False)
class Distance:
    """The distance of results from exact values, as far as it is known.

    Parameters
    ----------
    signed
        got - centre, absolute; infinite where no finite number says it (NaN for a number), zero where special values
        agree.
    radius
        The radius of the exact value's interval, absolute.
    exact
        Where ``signed`` is not rounded.
    """

    signed: Scaled
    radius: Scaled
    exact: Bool

    @property
    def centre(self) -> Scaled:
        """|got - centre|."""
        return abs(self.signed)

    @cached_property
    def low(self) -> Scaled:
        """A lower bound of |got - v|, at least 0."""
        slack = np.where(self.exact, 0.0, ARITHMETIC)
        return (self.centre * (1.0 - slack) - self.radius).at_least_zero()

    @cached_property
    def high(self) -> Scaled:
        """An upper bound of |got - v|."""
        return self.centre * (1.0 + np.where(self.exact, 0.0, ARITHMETIC)) + self.radius


def distance(got: ArrayLike, e: Enclosure, fmt: Format | None = None) -> Distance:
    """The distance of results from exact values.

    Parameters
    ----------
    got
        The subject's results as float64; its shape and that of ``e`` broadcast.
    e
        The exact values.
    fmt
        The format of the results. Without one every infinity for a number is infinitely far.

    Returns
    -------
    Distance
        NaN for a number, or a number for an infinity or for no value, is infinitely far; NaN for NaN and equal
        infinities are at no distance. In a format without infinity an overflow may give NaN or the largest number. In
        one that saturates it gives the largest number, and an infinity for a number is infinitely far.

    Examples
    --------
    >>> from softcert_oracle.numbers.formats import lookup
    >>> e = Enclosure.exactly([1.0, 7e4, 1e9])
    >>> distance([1.25, np.inf, np.inf], e, lookup("float16")).signed.to_float().tolist()
    [0.25, 0.0, 0.0]
    """
    given, _ = np.broadcast_arrays(np.asarray(got, dtype=np.float64), e.hi)
    e = e.broadcast_to(given.shape)
    agreed, stands = _conventions(given, e, fmt)
    far = ~agreed & (~np.isfinite(e.hi) | ~(np.isfinite(given) | stands))
    plain = ~agreed & ~far
    hi, lo, exponent, radius = e.normalised
    g, k = np.frexp(np.where(np.isfinite(given) & plain, given, 0.0))
    ge = np.where(g == 0, NO_EXPONENT, k.astype(np.int64))
    if fmt is not None and bool(np.any(stands)):
        g, ge = np.where(stands, np.sign(given) * 0.5, g), np.where(stands, fmt.emax + 2, ge)
    hi, lo = np.where(plain, hi, 0.0), np.where(plain, lo, 0.0)
    exponent = np.where(plain, exponent, NO_EXPONENT)
    top = np.maximum(ge, exponent)
    s, t = two_sum(shift(g, ge - top), -shift(hi, exponent - top))
    b, c = two_sum(t, -shift(lo, exponent - top))
    head, d = two_sum(s, b)
    tail = d + c
    # Beyond 900 binary orders apart, shifting drops bits that float64 cannot hold beside the larger of the two.
    apart = (np.abs(ge - exponent) > 900) & (g != 0) & (hi != 0)
    signed = Scaled.of(np.where(far, np.inf, head + tail), np.where(plain, top, 0))
    width = Scaled.of(np.where(plain, radius, 0.0), np.where(plain, exponent, 0))
    return Distance(signed, width, (tail == 0) & ~apart)


def _conventions(given: Float, e: Enclosure, fmt: Format | None) -> tuple[Bool, Bool]:
    """Where a special or saturated result is right, and where an infinity stands for 2^(emax+1)."""
    agreed = (~np.isfinite(e.hi)) & ((given == e.hi) | (np.isnan(given) & np.isnan(e.hi)))
    stands = np.zeros(given.shape, bool)
    if fmt is None:
        return agreed, stands
    odd = (~np.isfinite(given) | (np.abs(given) == fmt.largest)) & np.isfinite(e.hi)
    if not bool(np.any(odd)):
        return agreed, stands
    where = odd  # a mask, because 0-d arrays have no index lists
    value, (rounded, _) = given[where], nearest(e[where], fmt)
    overflows = ~np.isfinite(rounded)
    saturated = (np.abs(value) == fmt.largest) & (np.sign(value) == np.sign(e.hi[where]))
    if fmt.saturates:
        right = overflows & saturated
    elif fmt.has_infinity:
        right = np.isinf(value) & (rounded == value)
    else:
        right = overflows & (np.isnan(value) | saturated)
    agreed = np.array(agreed)
    agreed[where] = right
    stands[where] = np.isinf(value) & ~right & (not fmt.saturates)
    return agreed, stands
