"""A small running-error algebra: forward limits of quantities composed from others.

Weights, label smoothing, soft targets, soft caps, vector-Jacobian products and linear layers have no closed
limit of their own; theirs is composed, operation by operation, from the standard model of floating-point
arithmetic (Higham, "Accuracy and Stability of Numerical Algorithms", sections 2.2 and 3.3; Wilkinson's running
error analysis). docs/numerics.md derives each rule.

A `Bounded` stands for an exact real number v through two numbers, with the invariant

    |computed - v| <= error    and    |value - v| <= error,

for every computation that performs the same operations in the given `Arithmetic` or a better one, each
quantity in any association of its sums up to the stated depth. `value` is float64 with an exponent of its
own, formed by the same operations in float64, which is at least as accurate as any arithmetic judged here:
so it satisfies the second inequality for the same reason as the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from softcert_oracle.numbers import formats
from softcert_oracle.numbers.enclosure import Enclosure
from softcert_oracle.numbers.scaled import Float, Scaled, as_scaled

_LN2_HIGH = 6.93147180369123816490e-01  # 33 leading bits of log 2: times any |k| < 2^20 it is exact (fdlibm)
_LN2_LOW = 1.90821492927058770002e-10  # log 2 - _LN2_HIGH
_PAIRWISE_BLOCK = 26.0  # NumPy sums blocks of 128 in eight lanes: depth at most 128/8 + 3 + 7, then halves
_EXPONENT_CAP = 2.0**39  # exponents beyond +-2^39 are kept there: Scaled reserves -2^40 for zero


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """What one operation may do to its exact result r: ``|computed - r| <= u |r| + tiny``.

    ``u`` is the unit roundoff and ``eta`` the smallest subnormal of the precision computed in. ``tiny`` is
    eta/2, or the smallest normal number N where subnormal results are flushed to zero. ``exp_ulp``,
    ``log_ulp`` and ``div_ulp`` are the errors of the elementary functions and of division, in ulp: k ulp are
    at most 2 k u relative.
    """

    u: float
    eta: Scaled
    tiny: Scaled
    flush: bool = False
    exp_ulp: float = 4.0
    log_ulp: float = 4.0
    div_ulp: float = 0.5

    @classmethod
    def of(
        cls, precision: str, *, flush: bool = False, exp_ulp: float = 4.0, log_ulp: float = 4.0, div_ulp: float = 0.5
    ) -> Arithmetic:
        """The arithmetic of a format, by its name; `UsageError` for a name that is none."""
        f = formats.lookup(precision)
        eta = Scaled.of(1.0, f.quantum_exponent)
        tiny = Scaled.of(1.0, f.emin) if flush else Scaled.of(0.5, f.quantum_exponent)
        return cls(
            u=f.unit_roundoff, eta=eta, tiny=tiny, flush=flush, exp_ulp=exp_ulp, log_ulp=log_ulp, div_ulp=div_ulp
        )

    def depth_growth(self, depth: int) -> float:
        """(1 + u)^depth - 1, the relative error of a sum of that depth; never rounded to 0."""
        return float(np.expm1(depth * np.log1p(self.u)))


@dataclass(frozen=True, eq=False)
class Bounded:
    """Exact real numbers, each known as ``value`` with both it and the computed number within ``error``."""

    value: Scaled
    error: Scaled

    @classmethod
    def exact(cls, values: Scaled | ArrayLike) -> Bounded:
        """Numbers that are given, such as inputs: no error. float64 values only (they are taken as exact)."""
        v = as_scaled(values)
        return cls(v, Scaled.of(np.zeros(v.shape)))

    @classmethod
    def within(cls, truth: Enclosure | Scaled, limit: Scaled) -> Bounded:
        """A quantity with a limit of its own (see `softcert_oracle.limits`) around the exact value.

        The centre of an enclosure is rounded to float64, 2^-53 relative, which is added to the limit so that
        both halves of the invariant hold.
        """
        v = truth.to_scaled() if isinstance(truth, Enclosure) else truth
        return cls(v, limit + abs(v) * 2.0**-52)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of value and error."""
        return np.broadcast_shapes(self.value.shape, self.error.shape)

    def __getitem__(self, index: Any) -> Bounded:
        return Bounded(self.value[index], self.error[index])

    def __neg__(self) -> Bounded:
        return Bounded(-self.value, self.error)

    def scaled_by(self, power: int) -> Bounded:
        """Times 2^power: exact as long as nothing under- or overflows."""
        return Bounded(_moved(self.value, power), _moved(self.error, power))

    def magnitude(self) -> Scaled:
        """|value| + error: no less than |v|."""
        return abs(self.value) + self.error


def add(a: Bounded, b: Bounded, by: Arithmetic) -> Bounded:
    """``a + b``. Errors add; the sum rounds once. A subnormal sum is exact unless it is flushed."""
    with np.errstate(invalid="ignore"):
        return _rounded(a.value + b.value, a.error + b.error, by, exact_when_tiny=True)


def sub(a: Bounded, b: Bounded, by: Arithmetic) -> Bounded:
    """``a - b``; see `add`."""
    return add(a, -b, by)


def mul(a: Bounded, b: Bounded, by: Arithmetic) -> Bounded:
    """``a b``: |a'b' - ab| <= |a| e_b + |b| e_a + e_a e_b, where |a| <= |value| + e_a; rounded once."""
    with np.errstate(invalid="ignore"):
        carried = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error * 3.0
        return _rounded(a.value * b.value, carried, by)


def div(a: Bounded, b: Bounded, by: Arithmetic) -> Bounded:
    """``a / b``: |a'/b' - a/b| <= (e_a + |a/b| e_b) / |b'|, with |b'| >= |value_b| - 2 e_b.

    The error is infinite where the divisor cannot be told from zero. Division is within ``div_ulp``.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        least = abs(b.value) - b.error * 2.0
        safe = least.significand > 0
        least = least.where(safe, 1.0)
        quotient = (abs(a.value) + a.error) / least
        carried = (a.error + quotient * b.error) / least
        result = _rounded(a.value / b.value, carried, by, relative=2.0 * by.div_ulp * by.u)
    return Bounded(result.value, result.error.where(safe, np.inf))


def total(a: Bounded, by: Arithmetic, *, axis: int = -1, depth: int | None = None) -> Bounded:
    """The sum along an axis, in a tree of at most that depth (default: one less than the terms, any order).

    |computed - sum| <= sum e_i + ((1+u)^depth - 1) sum (|v_i| + e_i); each flushed addition adds ``tiny``.
    """
    count = a.shape[axis]
    grown = by.depth_growth(max(count - 1, 0) if depth is None else depth)
    if count > 1:  # value is summed in NumPy's pairwise order, whatever order is judged
        grown = max(grown, 2.0**-53 * (_PAIRWISE_BLOCK + np.log2(count)))
    error = a.error.sum(axis) * (1.0 + grown) + (abs(a.value) + a.error).sum(axis) * grown
    if by.flush and count > 1:
        error = error + by.tiny * float(count - 1) * (1.0 + grown)
    return Bounded(a.value.sum(axis), _finite_or_exact(a.value.sum(axis), error))


def dot(a: Bounded, b: Bounded, by: Arithmetic, *, axis: int = -1, depth: int | None = None) -> Bounded:
    """The sum of products along an axis; fused multiply-add only drops roundings, so it is covered."""
    return total(mul(a, b, by), by, axis=axis, depth=depth)


def exp(a: Bounded, by: Arithmetic) -> Bounded:
    """``exp(a)``: |e^{a'} - e^v| <= e^v expm1(e_a) <= e^value e^{e_a} expm1(e_a), then exp's own ``exp_ulp``."""
    value = exp_scaled(a.value.to_float())
    e = a.error.to_float()
    with np.errstate(over="ignore", invalid="ignore"):
        carried = value * (np.exp(e) * np.expm1(e))
    absolute = by.tiny if by.flush else by.eta * max(by.exp_ulp, 0.5)
    return _rounded(value, carried, by, relative=_elementary(by.exp_ulp, by), tiny=absolute)


def log(a: Bounded, by: Arithmetic) -> Bounded:
    """``log(a)`` of positive numbers, then log's own ``log_ulp``.

    |log a' - log v| <= -log1p(-e_a / v) and v >= value - e_a, so e_a / v <= 2 e_a / value while that is below 1;
    beyond, the argument cannot be told from zero and the error is infinite.
    """
    low = a.value.significand < np.sqrt(0.5)  # significands to [sqrt(1/2), sqrt 2): nothing cancels near 1
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(a.value.significand > 0, a.value.exponent - low, 0)
        value = np.log(np.where(low, 2.0, 1.0) * a.value.significand) + exponent * np.log(2.0)
        carried = -np.log1p(-np.minimum((a.error * 2.0).ratio(a.value), 1.0))
    return _rounded(Scaled.of(value), Scaled.of(carried), by, relative=_elementary(by.log_ulp, by))


def apply(
    f: Callable[[Float], Float],
    slope: float | Callable[[Float], Float],
    a: Bounded,
    by: Arithmetic,
    *,
    ulp: float,
) -> Bounded:
    """``f(a)`` for a smooth f within ``ulp`` ulp: carried error ``slope * e_a``.

    ``slope`` bounds |f'| between v and the computed argument, as a number or as a function of |value| +- error
    (it is called with the value). tanh has slope 1, the logistic function 1/4. f is evaluated in float64 here and
    must be within 2 ulp there, as NumPy's are.
    """
    at = a.value.to_float()
    steepness = slope(at) if callable(slope) else slope
    with np.errstate(invalid="ignore"):
        return _rounded(Scaled.of(f(at)), a.error * steepness, by, relative=_elementary(ulp, by))


def to_format(a: Bounded, by: Arithmetic) -> Bounded:
    """Rounded (once) to the format of ``by``: limit (1 + u) + u |v| + eta/2 (docs/numerics.md)."""
    return _rounded(a.value, a.error, by)


def exp_scaled(x: ArrayLike) -> Scaled:
    """``e^x`` with an exponent of its own, a few units of 2^-53 relative for |x| < 2^20, 0 for -inf.

    Beyond that the relative error is |x| 2^-53, that of the argument itself; the exponent stops at +-2^39.
    """
    argument = np.asarray(x, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        cap = _EXPONENT_CAP * np.log(2.0)
        bounded = np.clip(argument, -cap, cap)
        k = np.rint(bounded * (1.0 / np.log(2.0)))
        fraction = (bounded - k * _LN2_HIGH) - k * _LN2_LOW
        result = Scaled.of(np.exp(fraction), np.nan_to_num(k).astype(np.int64))
    return result.where(~np.isneginf(argument), 0.0).where(~np.isposinf(argument), np.inf)


def _elementary(ulp: float, by: Arithmetic) -> float:
    """k ulp as a relative error: 2 k u; at least 2^-51, that of ``value`` itself (float64 libm, 2 ulp)."""
    return max(2.0 * ulp * by.u, 2.0**-51)


def _rounded(
    value: Scaled,
    carried: Scaled,
    by: Arithmetic,
    *,
    relative: float | None = None,
    tiny: Scaled | None = None,
    exact_when_tiny: bool = False,
) -> Bounded:
    """One rounding after an operation whose exact operation on computed operands is off by ``carried``.

    The operation on computed operands has magnitude at most |v| + carried <= |value| + carried + E with E the new
    error, so E = carried + r (|value| + carried + E) + tiny, solved for E. r >= 1 proves nothing: E = inf.
    """
    r = by.u if relative is None else relative
    if r >= 1.0:
        return Bounded(value, _finite_or_exact(value, Scaled.of(np.full(value.shape, np.inf))))
    with np.errstate(invalid="ignore"):
        error = (carried * (1.0 + r) + abs(value) * r) * (1.0 / (1.0 - r))
        if by.flush or not exact_when_tiny:
            error = error + (by.tiny if tiny is None else tiny) * (1.0 / (1.0 - r))
    return Bounded(value, _finite_or_exact(value, error))


def _finite_or_exact(value: Scaled, error: Scaled) -> Scaled:
    """An infinite value is exact (special values are judged by policy); what is not a number has no limit."""
    significand = np.where(np.isnan(error.significand), np.inf, error.significand)
    error = Scaled(significand, error.exponent)
    infinite = np.isinf(value.significand)
    return error.where(~infinite, 0.0) if np.any(infinite) else error


def _moved(a: Scaled, power: int) -> Scaled:
    return Scaled(a.significand, np.where(a.significand == 0, a.exponent, a.exponent + power))
