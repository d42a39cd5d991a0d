"""How far the logits that a subject computes may lie from the exact ones: soft cap, temperature, linear layer.

Running-error analysis with `softcert_oracle.limits.running_error`; docs/options.md, "Shaped logits". The error is 0
where no option shapes the logits, or only a temperature that is a power of two does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softcert_oracle.limits import LimitParameters
from softcert_oracle.limits.running_error import Arithmetic, Bounded, div, mul, sub
from softcert_oracle.numbers import formats
from softcert_oracle.numbers.scaled import Scaled
from softcert_oracle.options.canonical_call import CanonicalCall

Float = NDArray[np.float64]

_OWN = 2.0**-51
"""Relative error of the float64 logits that limits are evaluated at: tanh within 2 ulp, two divisions, a product."""


def arithmetic(p: LimitParameters) -> Arithmetic:
    """The working precision as the algebra of `softcert_oracle.limits.running_error` takes it."""
    return Arithmetic.of(
        p.working_precision, flush=p.flush_subnormals, exp_ulp=p.exp_ulp, log_ulp=p.log_ulp, div_ulp=p.div_ulp
    )


def scalar(value: float, p: LimitParameters) -> Bounded:
    """A scalar option: exact where the working precision holds it, else rounded to it once."""
    working = formats.lookup(p.working_precision)
    with np.errstate(over="ignore", under="ignore"):
        held = float(np.asarray(value).astype(working.dtype).astype(np.float64)) == value
    return Bounded(Scaled.of(value), Scaled.of(0.0 if held else working.unit_roundoff * abs(value)))


def power_of_two(value: float) -> bool:
    """Whether dividing by the value is exact (but for under- and overflow)."""
    return abs(float(np.frexp(value)[0])) == 0.5


def errors(call: CanonicalCall, p: LimitParameters) -> Float:
    """How far each shaped logit may be off, |computed - exact|, absolute.

    Parameters
    ----------
    call
        The call whose options shape the logits.
    p
        The subject's claims.

    Returns
    -------
    numpy.ndarray
        float64 of shape (m, C); 0 where a class does not take part, infinite where the logit overflows the working
        precision on the way: then nothing is claimed of the row.
    """
    z = call.logits()
    if call.linear is not None:
        error = _linear(call, p)
    elif call.softcap is None and call.temperature == 1.0:
        return np.zeros_like(z)
    elif call.softcap is None and power_of_two(call.temperature):
        subnormal = (np.abs(z) < 2.0 ** (formats.lookup(p.working_precision).emin + 1)) & (z != 0)
        error = np.where(subnormal, arithmetic(p).tiny.to_float(), 0.0)
    else:
        error = _shaped(call, p) + _OWN * np.where(np.isfinite(z), np.abs(z), 0.0)
    finite = np.isfinite(z)
    overflows = finite & (np.abs(z) >= formats.lookup(p.working_precision).largest)
    return np.where(overflows, np.inf, np.where(finite, error, 0.0))


def _shaped(call: CanonicalCall, p: LimitParameters) -> Float:
    assert call.x is not None
    by = arithmetic(p)
    present = np.isfinite(call.x) if call.mask is None else np.isfinite(call.x) & call.mask
    z = Bounded.exact(np.where(present, call.x, 0.0))
    if call.softcap is not None:
        z = mul(scalar(call.softcap, p), tanh(call, z, p), by)
    if call.temperature != 1.0:
        z = over(z, call.temperature, p)
    return np.where(present, z.error.to_float(), 0.0)


def over(a: Bounded, divisor: float, p: LimitParameters) -> Bounded:
    """``a / divisor`` or ``a * (1 / divisor)``: a division and one rounding more; exact for a power of two."""
    by = arithmetic(p)
    if power_of_two(divisor):
        quotient = a.scaled_by(1 - int(np.frexp(divisor)[1]))
        return Bounded(quotient.value, quotient.error + by.tiny)
    quotient = div(a, scalar(divisor, p), by)
    return Bounded(quotient.value, quotient.error * (1.0 + by.u) + abs(quotient.value) * by.u)


def tanh(call: CanonicalCall, x: Bounded, p: LimitParameters) -> Bounded:
    """The hyperbolic tangent of x / cap, with absolute error (2 k_e + 4) u.

    So 2 sigmoid(2a) - 1 and (e^2a - 1)/(e^2a + 1) are covered. The argument's error counts with the slope 1 - tanh^2 at
    the smallest argument that it allows.
    """
    assert call.softcap is not None
    a = over(x, call.softcap, p)
    at, off = np.abs(a.value.to_float()), a.error.to_float()
    with np.errstate(over="ignore"):
        slope = 1.0 / np.cosh(np.maximum(at - off, 0.0)) ** 2
    own = (2.0 * p.exp_ulp + 4.0) * arithmetic(p).u
    return Bounded(Scaled.of(np.tanh(a.value.to_float())), Scaled.of(np.minimum(off * slope, 2.0) + own))


def slope(call: CanonicalCall, p: LimitParameters, *, relative: bool) -> Bounded | None:
    """The soft cap's derivative 1 - tanh^2, shape (m, C), or None without one.

    Parameters
    ----------
    call, p
        The call whose options shape the logits, and the subject's claims.
    relative
        Formed from a tanh, the derivative is known absolutely. Level "accurate" asks for 1 / cosh^2 with relative error
        (6 |a| + 8 k_e + 8) u: the argument's 3u|a| counts twice, the exponential of either sign twice.
    """
    if call.softcap is None:
        return None
    assert call.x is not None
    by = arithmetic(p)
    x = np.where(np.isfinite(call.x), call.x, 0.0)
    th = tanh(call, Bounded.exact(x), p)
    absolute = sub(Bounded.exact(np.ones_like(x)), mul(th, th, by), by).error
    a = np.abs(x / call.softcap)
    with np.errstate(over="ignore", under="ignore"):
        exact = Scaled.of(np.where(np.isfinite(call.x), 1.0 / np.cosh(np.minimum(a, 700.0)) ** 2, 0.0))
    if not relative:
        return Bounded(exact, absolute + by.tiny)
    close = exact * np.expm1(np.minimum((6.0 * a + 8.0 * p.exp_ulp + 8.0) * by.u, 30.0)) + by.eta
    return Bounded(exact, close.where((close - absolute).significand < 0, absolute))


def _linear(call: CanonicalCall, p: LimitParameters) -> Float:
    """((1+u)^(K+1) - 1) (|X| |W|^T + |b|): K products and K additions in any order, fused or not."""
    assert call.linear is not None
    features, weights, bias = call.linear
    by = arithmetic(p)
    count = features.shape[1] + 1
    grown = by.depth_growth(count) + np.expm1(count * 2.0**-53)  # the subject's logits, and the float64 ones here
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.abs(features) @ np.abs(weights).T + np.abs(bias)
        error = grown * size + count * by.tiny.to_float()
        saved = formats.lookup(p.saved_format)
        if saved.precision < formats.lookup(p.working_precision).precision:
            error = error + saved.unit_roundoff * (size + error) + saved.smallest_subnormal
    return np.asarray(error)
