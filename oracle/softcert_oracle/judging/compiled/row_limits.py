"""The coefficients of a row's limits: what the modules of `softcert_oracle.limits` say, compiled.

Every limit of a row is linear in |d_j| up to one expm1, so a row needs a dozen numbers and an element a few
operations. The terms are positive, so each of at most 64 operations adds 2^-53 relative, expm1 of an exponent up to
30 amplifies that to 2^-42, sums over n classes add n 2^-53, and the specification's own evaluation is granted 2^-45:
together below ``BAND + n 2^-51``. Where 1 - lost comes near 0, or a growth may lie on either side of a step
(`growth.of_parts`), the row is `uncertain` and left to the specification.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import power_of_two
from softcert_oracle.fast.jit import embedded, embedded_inner, merged
from softcert_oracle.fast.row import unscaled
from softcert_oracle.judging.compiled.constants import (
    EXPONENTIAL_OF_DIFFERENCE,
    FROM_BASE_2,
    FROM_LOG1P,
    FROM_LSE,
    GRADIENT,
    LOG_SOFTMAX,
    LOGSUMEXP,
    LOSS,
    QUOTIENT,
    SOFTMAX,
)
from softcert_oracle.judging.compiled.elementary import LARGE
from softcert_oracle.judging.compiled.growth.of_parts import row_growths

BAND = 2.0**-38
"""Relative: closer to its limit than this, a distance is left to the exact path."""

_FEW = 2.0**-800
_INFINITY = np.inf


@embedded
def _joined(total: float, underflow: float) -> Any:
    """``log(1 + total)`` less what underflow takes from below, and whether that is ill-conditioned."""
    factor = math.log1p(total)
    if underflow <= 0.0:
        return factor, False
    lost = underflow * math.exp(factor)
    if lost >= 1.0:
        return (factor, True) if lost < 1.1 else (_INFINITY, False)
    return factor - math.log1p(-lost), lost > 0.9


@embedded
def row_limits(k: Any, row: Any, y: float, classes: int, at: Any, claim: Any, c: Any) -> None:
    """Fill the limits of c from its sums: y is log-sum-exp, ``at`` = (place of the maximum, label, gap below it)."""
    place, label, gap = at
    u, log_sum = k.u, row.log_h * power_of_two(row.log_n)
    moved = u * c.largest + k.half if k.narrow_input else 0.0
    count = c.below_normal
    underflow = (count + (classes if k.online else 0)) * k.omega / row.s_h
    error, unsure = _joined(c.joined, underflow)
    is_maximum = label == place
    bare = (
        k.operation == LOG_SOFTMAX
        or (k.operation == LOSS and is_maximum)
        or (k.operation == LOGSUMEXP and abs(y) < _FEW)
    )
    how = (k.operation == GRADIENT and not is_maximum, bare)
    unsure |= row_growths(row=row, gap=gap, underflow=underflow, how=how, k=k, claim=claim, c=c)
    error += c.growth_lazy
    delta = k.displaced * abs(y)
    if k.logaddexp:
        delta = (min(float(classes - c.absent) - 1.0, claim.levels) + 3.0) * k.displaced * max(c.largest, abs(y))
    constant = 3.0 * k.rounding + k.division + k.exp + k.eps_log
    others = c.growth_maximum if is_maximum else c.growth_label
    true = u * (3.0 * c.without_label + c.mean_distance) + (constant + c.growth_lazy + others) + k.exp + 2.0 * moved
    overflow = k.operation == GRADIENT and 709.0 < true < 710.0  # next to where expm1 overflows
    c.log_sum, c.moved, c.label = log_sum, moved, math.expm1(true) if true < 709.5 else _INFINITY
    c.lost, c.lost_scaled = count * k.omega + k.half, count * k.omega_scaled + k.half_scaled
    c.underflow = 2.0 * max(k.underflow, k.underflow / row.s_h + k.half)
    c.underflow_scaled = 2.0 * max(k.underflow_scaled, k.underflow_scaled / row.s_h + k.half_scaled)
    probability = k.operation == SOFTMAX or k.operation == GRADIENT
    if probability:
        c.stable, c.stable_slope = _probability(k, log_sum, error, moved)
        c.accurate, c.accurate_slope = u * c.mean_distance + (constant + c.growth_lazy) + 2.0 * moved, 3.0 * u
    else:
        c.stable, c.stable_slope = _logarithm(k, log_sum, error, moved, abs(y))
        c.accurate, c.accurate_slope = constant + (c.growth_maximum + k.rounding), 3.0 * u * c.without_maximum
    c.displacement = delta if k.operation == LOGSUMEXP else 2.0 * delta
    if k.named:
        unsure |= _named(k=k, row=row, y=y, underflow=underflow, probability=probability, c=c)
    c.uncertain = 1.0 if unsure or overflow else 0.0


@embedded
def _named(k: Any, row: Any, y: float, underflow: float, probability: bool, c: Any) -> Any:
    """Fill what a named algorithm has of its own; whether the sum's error is ill-conditioned."""
    own, unsure = _joined(c.named_joined, underflow)
    own += c.growth
    if not probability:
        once = (abs(y), c.below_normal, c.others_joined, c.growth_maximum)
        c.named, c.named_slope = _named_logarithm(k, c.log_sum, own, row, once)
        return unsure
    c.named, c.named_slope, c.named_off_maximum = _named_probability(k, c.log_sum, own, row, y, c.common)
    lost = math.exp(min(own + k.named_roundings, 700.0)) / row.s_h if k.named == QUOTIENT else 0.0
    c.named_below, c.named_below_scaled = k.underflow * lost, k.underflow_scaled * lost
    c.named_underflow = k.half if k.named == QUOTIENT else k.underflow
    c.named_underflow_scaled = k.half_scaled if k.named == QUOTIENT else k.underflow_scaled
    return unsure


@embedded_inner
def _log_error(k: Any, log_sum: float, error: float) -> Any:
    """The error of a computed log of a sum that is off by e^error."""
    return error + k.log * (log_sum + error)


@embedded_inner
def _probability(k: Any, log_sum: float, error: float, moved: float) -> Any:
    """Exponent and slope of `softcert_oracle.limits.stable.softmax`, saved log-probabilities included."""
    exponent = 3.0 * k.rounding + k.division + k.exp + (k.u + k.log) * log_sum + error + 2.0 * moved
    if k.saved:
        return exponent + k.u_saved * log_sum + k.half_saved, 3.0 * k.u + k.u_saved
    return exponent, 3.0 * k.u


@merged
def _logarithm(k: Any, log_sum: float, error: float, moved: float, size: float) -> Any:
    """Absolute limit and slope of log_softmax, logsumexp (``size`` = |y|) or loss at "stable"."""
    u = k.u
    if k.operation == LOG_SOFTMAX:
        before = 2.0 * u * log_sum + _log_error(k, log_sum, error) + 2.0 * moved
        return before * (1.0 + u) + 2.0 * u * log_sum + k.half, 2.0 * u * (1.0 + u) + 2.0 * u
    if k.operation == LOGSUMEXP:
        before = 2.0 * u * log_sum + _log_error(k, log_sum, error) + moved
        return before * (1.0 + u) + k.half + 3.5 * u * size, 0.0
    before = error * (1.0 + k.log) + (2.0 * u + k.kept_log) * log_sum + 2.0 * moved
    relative = (3.0 * u + k.eps_log) * (1.0 + u)
    return before * (1.0 + u) + relative * log_sum + k.half, relative


@merged
def _named_probability(k: Any, log_sum: float, error: float, row: Any, y: float, common: float) -> Any:
    """Exponent, slope, and what is added off the maximum, of `softcert_oracle.limits.named`."""
    u = k.u
    saved, more = (k.u_saved * log_sum + k.half_saved, k.u_saved) if k.saved else (0.0, 0.0)
    if k.named == QUOTIENT:
        exponent = k.named_at_maximum + common + error + k.named_roundings
        return exponent + saved, k.named_distance * u + more, k.exp - k.named_at_maximum
    logarithm = _log_error(k, log_sum, error)
    exponent = logarithm * (1.0 + u) + u * log_sum + k.half + k.exp
    if k.named == EXPONENTIAL_OF_DIFFERENCE:
        exponent += (u * abs(y) + k.half) * (1.0 + u) + u * logarithm * (1.0 + u)
        return exponent + saved, u + more, 0.0
    return exponent + saved, u * (1.0 + u) + u + more, 0.0


@merged
def _named_logarithm(k: Any, log_sum: float, error: float, row: Any, once: Any) -> Any:
    """Absolute limit and slope; ``once`` = |y|, terms that underflow, error and growth of the others' sum."""
    u = k.u
    size, count, others, growth = once
    logarithm = _log_error(k, log_sum, error)
    if k.named == FROM_LOG1P:
        tau = unscaled(row.tau_h, row.tau_n)
        grown = min(math.log1p(others) + growth, LARGE)
        error = math.log1p((tau * math.expm1(grown) + count * k.omega) / (1.0 + tau))
        logarithm = _log_error(k, log_sum, error)
    if k.operation == LOGSUMEXP:
        return logarithm * (1.0 + u) + u * size + k.half, 0.0
    if k.named == FROM_LSE:
        shifted = logarithm * (1.0 + u) + u * size + k.half
        return shifted * (1.0 + u) + u * log_sum + k.half, u
    if k.named == FROM_BASE_2:
        twice = (1.0 + u) * (1.0 + u) * (1.0 + k.named_second)
        last = (2.0 * u + k.named_second) * (1.0 + u)
        return logarithm * twice + last * log_sum + k.half, (2.0 * u + k.named_constant) * twice + last
    return logarithm * (1.0 + u) + u * log_sum + k.half, u * (1.0 + u) + u
