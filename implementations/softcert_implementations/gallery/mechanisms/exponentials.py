"""How the exponential and the logarithm are computed: cut off, approximated, to another base."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from softcert_implementations.gallery.mechanisms.mechanism import LOSSES, Table
from softcert_implementations.gallery.mechanisms.shared import cut_to
from softcert_implementations.gallery.mechanisms.textbook_parts import Parts, sum_rows
from softcert_implementations.gallery.textbook import Array

TABLE = Table()
add = TABLE.add
CUTS = (4, 5, 6, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 24, 25, 30, 40, 50, 60, 64, 80, 87, 88)


def _series(order: int) -> Callable[[Array], Array]:
    def exp(d: Array) -> Array:
        t = np.ones_like(d)
        for n in range(order, 0, -1):
            t = 1 + t * d / d.dtype.type(n)
        return t

    return exp


def _reduced(order: int) -> Callable[[Array], Array]:
    """2^k times a short series for the rest, |r| <= log(2)/2."""

    def exp(d: Array) -> Array:
        k = np.rint(np.maximum(d, -1e4) * d.dtype.type(1 / math.log(2)))
        return np.ldexp(_series(order)(np.maximum(d, -1e4) - k * d.dtype.type(math.log(2))), k.astype(np.int32))

    return exp


def _power(n: int) -> Callable[[Array], Array]:
    return lambda d: np.maximum(1 + d / d.dtype.type(n), 0) ** n


def _written_into_the_bits(shift: float) -> Callable[[Array], Array]:
    """Schraudolph's: the number as an exponent field."""

    def exp(d: Array) -> Array:
        bits = np.maximum(d.astype(np.float32) * np.float32(12102203.0) + np.float32(1065353216.0 - shift), 0)
        return np.nan_to_num(bits).astype(np.int32).view(np.float32).astype(d.dtype)

    return exp


def _table(step: float) -> Callable[[Array], Array]:
    grid = np.arange(-32, step / 2, step)
    return lambda d: np.interp(d, grid, np.exp(grid), left=0.0).astype(d.dtype)


def _steps(step: float) -> Callable[[Array], Array]:
    """A table without interpolation."""
    return lambda d: np.exp(np.rint(d / d.dtype.type(step)) * d.dtype.type(step))


def _rounded(levels: int) -> Callable[[Array], Array]:
    return lambda d: np.round(np.exp(d) * d.dtype.type(levels)) / d.dtype.type(levels)


def _halved_quotient(d: Array, halvings: int) -> Array:
    h = d / d.dtype.type(2**halvings)
    return np.maximum((2 + h) / (2 - h), 0) ** (2**halvings)


add(
    "approximate exp",
    "returns 0 for exponents below -{}",
    lambda c: Parts(exp=lambda d: np.where(d < -c, 0, np.exp(d)).astype(d.dtype)),
    CUTS,
)
add(
    "approximate exp",
    "holds exp at its value at -{}",
    lambda c: Parts(exp=lambda d: np.exp(np.maximum(d, -c)).astype(d.dtype)),
    CUTS,
)
add("approximate exp", "uses the first {} terms of the series for exp", lambda c: Parts(exp=_series(c)), range(1, 16))
add(
    "approximate exp",
    "uses the absolute value of {} terms of the series for exp",
    lambda c: Parts(exp=lambda d: np.abs(_series(c)(d))),
    range(1, 12),
)
add(
    "approximate exp",
    "uses {} terms of the series after reduction by powers of 2",
    lambda c: Parts(exp=_reduced(c)),
    range(1, 6),
)
add(
    "approximate exp",
    "uses (1 + d/{0})^{0} for exp",
    lambda c: Parts(exp=_power(c)),
    [2**k for k in range(2, 15)] + [100, 1000],
)
add(
    "approximate exp",
    "writes the exponent into the bits of a number (shift {})",
    lambda c: Parts(exp=_written_into_the_bits(c)),
    (0, 60801, 486411, 366393, 298765, 722019),
)
add(
    "approximate exp",
    "reads exp from a table with steps of {}, interpolated",
    lambda c: Parts(exp=_table(c)),
    (1.0, 0.5, 0.25, 0.125, 0.1, 0.0625, 0.03125, 0.015625, 0.01),
)
add(
    "approximate exp",
    "reads exp from a table with steps of {}",
    lambda c: Parts(exp=_steps(c)),
    (0.5, 0.25, 0.125, 0.1, 0.0625, 0.03125, 0.015625, 0.01, 0.001),
)
add(
    "approximate exp",
    "rounds exponentials to multiples of 1/{}",
    lambda c: Parts(exp=_rounded(c)),
    (127, 128, 255, 256, 1000, 1023, 1024, 4096, 32767, 65535, 10**5, 10**6),
)
add(
    "approximate exp",
    "takes e as {}",
    lambda c: Parts(exp=lambda d: np.power(d.dtype.type(c), d)),
    (2.7, 2.71, 2.718, 2.7183, 2.71828),
)
add(
    "approximate exp",
    "takes log2(e) as {}",
    lambda c: Parts(exp=lambda d: np.exp2(d * d.dtype.type(c))),
    (1.4, 1.44, 1.442, 1.443, 1.4427, 1.5, 1.44269),
)
add(
    "approximate exp",
    "uses the quotient (2 + d)/(2 - d) halved {} times",
    lambda c: Parts(exp=lambda d: _halved_quotient(d, c)),
    range(9),
)
add(
    "approximate exp",
    "rounds the reciprocal of the sum to {} bits",
    lambda c: Parts(total=lambda e: 1 / cut_to(c)(1 / sum_rows(e))),
    (8, 10, 11, 12, 14, 16, 20),
)
add("log2", "uses 2^d and a natural logarithm", lambda _: Parts(exp=np.exp2))
add("log2", "uses e^d and a logarithm to base 2", lambda _: Parts(log=np.log2))
add("log2", "works in base 2 throughout, without converting", lambda _: Parts(exp=np.exp2, log=np.log2))
add("log2", "uses e^d and a logarithm to base 10", lambda _: Parts(log=np.log10))
add("log2", "uses 10^d", lambda _: Parts(exp=lambda d: np.power(d.dtype.type(10), d)))
add(
    "log2",
    "gives the result in bits",
    lambda _: Parts(log_probabilities=lambda y: y / y.dtype.type(math.log(2)), losses=lambda v: v),
    operations=("log_softmax", "cross_entropy"),
)
add(
    "log2",
    "multiplies where it should divide by ln 2",
    lambda _: Parts(exp=lambda d: np.exp2(d * d.dtype.type(math.log(2)))),
)
add(
    "log2",
    "leaves ln 2 out of the normaliser's conversion",
    lambda _: Parts(exp=lambda d: np.exp2(d * d.dtype.type(1 / math.log(2))), log=np.log2),
)
add(
    "log(softmax)",
    "takes the logarithm of the probabilities",
    lambda _: Parts(),
    operations=("log_softmax", "cross_entropy"),
    bases=("by probability",),
)
add(
    "log(softmax)",
    "takes minus the logarithm of 1/p",
    lambda _: Parts(log=lambda p: -np.log(1 / p)),
    operations=("log_softmax", "cross_entropy"),
    bases=("by probability",),
)
add(
    "log(softmax)",
    "takes the logarithm of the exponentials",
    lambda _: Parts(differences=lambda d: np.log(np.exp(d))),
    operations=("log_softmax", "cross_entropy"),
    bases=("shifted",),
)
add(
    "cancellation at large offset",
    "subtracts a log-sum-exp that holds the maximum",
    lambda _: Parts(),
    operations=("softmax", "log_softmax", *LOSSES),
    bases=("by logsumexp",),
)
