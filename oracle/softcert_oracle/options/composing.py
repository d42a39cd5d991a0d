"""Steps that limits with options are composed of: targets, sums with a stated growth, divisors.

Each keeps the invariant of `softcert_oracle.limits.running_error.Bounded`: the exact value and every admissible
computed one lie within ``error`` of ``value``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limit_parameters import Arithmetic as Constants
from softcert_oracle.limits import LimitParameters, sums
from softcert_oracle.limits.running_error import Arithmetic, Bounded, add, div, mul, sub
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options import shaping
from softcert_oracle.options.canonical_call import CanonicalCall

Float = NDArray[np.float64]

_PAIRWISE = 40.0 * 2.0**-53
"""Growth of NumPy's own sums of ``value`` here: depth at most 26 + log2(n / 128), below 40 for n < 2^21."""


def coefficients(call: CanonicalCall, p: LimitParameters, by: Arithmetic) -> Bounded:
    """c_j = w_j ((1 - eps) t_j + eps / C), (m, C); exactly 0 in rows that do not count."""
    assert call.kept is not None
    if call.targets is not None:
        target = call.targets
    else:
        assert call.labels is not None
        target = np.zeros((call.m, call.classes))
        target[np.arange(call.m), call.labels] = 1.0
    coefficient = Bounded.exact(target)
    if call.smoothing > 0:
        eps = shaping.scalar(call.smoothing, p)
        share = div(eps, Bounded.exact(float(call.classes)), by)
        coefficient = add(mul(sub(Bounded.exact(1.0), eps, by), coefficient, by), share, by)
    if call.weight is not None:
        coefficient = mul(Bounded.exact(call.weight), coefficient, by)
    return zeroed(coefficient, ~call.kept)


def divisor(call: CanonicalCall, p: LimitParameters, a: Constants) -> Bounded:
    """What a mean divides by, (): a count, which is exact, or the sum of the weights of the labels that are kept."""
    assert call.kept is not None
    if call.targets is not None:
        return Bounded.exact(float(call.m))
    if call.weight is None:
        return Bounded.exact(float(np.count_nonzero(call.kept)))
    assert call.labels is not None
    weights = np.where(call.kept, call.weight[call.labels], 0.0)
    return total(Bounded.exact(weights), sums.batch_growth(call.m, p) + a.rounding, axis=0)


def total(b: Bounded, growth: float, axis: int) -> Bounded:
    """The sum along an axis where rounding may multiply each term by e^{+-growth}.

    ``value`` is NumPy's own sum, which rounds too, but not where one term stands beside zeros.
    """
    size = abs(b.value) + b.error
    several = np.count_nonzero(np.broadcast_to(size.significand, b.shape), axis=axis) > 1
    grown = np.maximum(np.expm1(growth), np.where(several, _PAIRWISE, 0.0))
    error = b.error.sum(axis)
    error = error * (1.0 + grown) + size.sum(axis) * grown if np.any(grown) else error
    return Bounded(b.value.sum(axis), error)


def widened(limit: Scaled, shift: Float) -> Scaled:
    """A row limit at logits that are off: every quantity in it changes by a factor of at most e^{4 shift}."""
    return limit * np.exp(np.minimum(4.0 * shift, 700.0))


def zeroed(b: Bounded, where: NDArray[np.bool_]) -> Bounded:
    """0 with no error where the mask (m,) or (m, C) holds."""
    keep = ~(where if where.ndim == len(b.shape) else where[:, None])
    return Bounded(b.value.where(keep, 0.0), b.error.where(keep, 0.0))


def column(b: Bounded) -> Bounded:
    """Numbers of rows (m,) as (m, 1)."""
    return b[:, None]


def assigned(a: Scaled, index: Any, values: Scaled) -> Scaled:
    """``a`` with some elements replaced."""
    significand, exponent = np.array(a.significand), np.array(a.exponent)
    significand[index], exponent[index] = values.significand, values.exponent
    return Scaled(significand, exponent)


def smaller(a: Scaled, b: Scaled) -> Scaled:
    """Elementwise minimum."""
    with np.errstate(invalid="ignore"):
        return a.where((a - b).significand <= 0, b)
