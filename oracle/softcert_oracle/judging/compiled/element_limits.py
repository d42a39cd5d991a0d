"""The limits of one number of a result at three levels, from the coefficients of its row; compiled.

All in units of q (1 or 2^-600), so that a limit is the exact value times a factor, and what underflows on top. The
order of `limits`: sound, stable, accurate.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.elementary import LARGE, expm1, pair, unit_of

_WIDER = 2.0**-46
"""Relative error of a limit for each unit of an exponent above `LARGE`: the argument of exp rounds, there and here."""

_INFINITY = np.inf


@embedded_inner
def _grown(p: float, exponent: float, surprisal: float, unit: float) -> Any:
    """``p (e^exponent - 1)`` in units of 1/unit, and its relative error beside the band of all limits.

    As `softcert_oracle.judging.compiled.elementary.grown`. Beyond e^709 it is infinite, below e^-1000 nothing beside
    what may underflow.
    """
    if exponent <= LARGE:
        return p * expm1(exponent), 0.0
    power, wider = exponent - surprisal, _WIDER * (exponent + surprisal)
    if power - wider > 709.0:
        return _INFINITY, 0.0
    if power + wider < -1000.0:
        return 0.0, 0.0
    return math.exp(power) * unit if power < 709.0 else _INFINITY, wider


@embedded
def probability_limits(p: float, d: float, q: int, k: Any, c: Any) -> Any:
    """``(sound, default stable, accurate, named, widest, wider)`` of a probability p at distance d.

    ``accurate`` is not yet capped; ``named`` is infinite without a named algorithm; ``widest`` adds to the band of
    "sound", ``wider`` to that of the others; c are the `ROW_STATE`.
    """
    surprisal, unit = d + c.log_sum, unit_of(q)
    small = p < pair(k.below_normal, k.below_normal_scaled, q) and p > 0.0
    tiny = pair(c.underflow, c.underflow_scaled, q) if small else 0.0
    exponent = c.stable + c.stable_slope * d
    default, wider = _grown(p, exponent, surprisal, unit)
    default += tiny
    sound, widest = _grown(p, c.displacement, surprisal, unit)
    sound, widest = sound + default, max(wider, widest)
    accurate, more = _grown(p, c.accurate + c.accurate_slope * d, surprisal, unit)
    accurate, wider = accurate + tiny, max(wider, more)
    named = _INFINITY
    if k.named:
        own = c.named + c.named_slope * d + (c.named_off_maximum if d > 0.0 else 0.0)
        lost = (pair(c.named_below, c.named_below_scaled, q) if d >= k.threshold else 0.0) + (
            pair(c.named_underflow, c.named_underflow_scaled, q) if small else 0.0
        )
        if k.saved:
            lost *= math.exp(k.u_saved * surprisal + k.half_saved)
        named, more = _grown(p, own, surprisal, unit)
        named, wider = named + lost, max(wider, more)
    return sound, default, accurate, named, widest, wider


@embedded
def gradient_limits(p: float, d: float, size: float, q: int, is_label: bool, rows: float, k: Any, c: Any) -> Any:
    """``(sound, stable, accurate, widest, wider)`` of a gradient, p its probability, ``size`` = |p - t|.

    A label on a class of -inf (d infinite) has the probability 0 exactly, whatever happens to the row's sum.
    """
    sound = stable = accurate = named = widest = wider = 0.0
    if d < _INFINITY:
        sound, stable, accurate, named, widest, wider = probability_limits(p, d, q, k, c)
    sound = sound * (1.0 + k.u) + size * k.u
    stable = stable * (1.0 + k.u) + size * k.u
    if is_label:
        other = size * c.label + pair(c.lost, c.lost_scaled, q)
        sound, stable, accurate = max(sound, other), max(stable, other), other
    accurate = min(accurate, stable)
    if k.named:
        stable = min(stable, named * (1.0 + k.u) + size * k.u)
    if k.mean:
        more = size * k.gradient_grown
        sound = (sound * (1.0 + k.gradient_grown) + more) / rows + pair(k.half, k.half_scaled, q)
        stable = (stable * (1.0 + k.gradient_grown) + more) / rows + pair(k.half, k.half_scaled, q)
        accurate = (accurate * (1.0 + k.gradient_grown) + more) / rows + pair(k.half, k.half_scaled, q)
    return sound, stable, accurate, widest, wider


@embedded
def logarithm_limits(size: float, d: float, q: int, k: Any, c: Any) -> Any:
    """``(sound, stable, accurate)`` of a log-probability or a loss: ``size`` = |l| in units of q."""
    unit = unit_of(q)
    default = c.stable + c.stable_slope * d
    stable = min(default, c.named + c.named_slope * d) if k.named else default
    surprisal = d + c.log_sum
    share = min(c.log_sum / surprisal, 1.0) if surprisal > 0.0 else 0.0
    accurate = (
        size * _relative(c.accurate + c.accurate_slope * share) + pair(c.lost, c.lost_scaled, q) + 2.0 * c.moved * unit
    )
    default, stable, sound = default * unit, stable * unit, c.displacement * unit
    if k.operation == 3 and k.saved:
        default, stable, accurate = (
            _saved(default, size, q, k),
            _saved(stable, size, q, k),
            _saved(accurate, size, q, k),
        )
    return default + sound, stable, min(accurate, default)


@embedded
def shifted_limits(size: float, largest: float, q: int, k: Any, c: Any) -> Any:
    """``(sound, stable, accurate)`` of log-sum-exp: ``size`` = |y| in units of q, ``largest`` = max |x|."""
    unit = unit_of(q)
    default = c.stable * unit
    stable = min(default, c.named * unit) if k.named else default
    accurate = max(size * _relative(c.accurate + c.accurate_slope), 2.0 * k.u * largest * unit)
    accurate += pair(c.lost, c.lost_scaled, q) + c.moved * unit
    return default + c.displacement * unit, stable, min(accurate, default)


@embedded_inner
def _saved(limit: float, size: float, q: int, k: Any) -> Any:
    """A log-probability that was rounded to the format in which it is saved."""
    return limit * (1.0 + k.u_saved) + k.u_saved * size + pair(k.half_saved, k.half_saved_scaled, q)


@embedded_inner
def _relative(exponent: float) -> Any:
    return expm1(exponent) if exponent < 709.5 else _INFINITY


@embedded_inner
def rounded(limit: float, size: float, q: int, k: Any) -> Any:
    """The limit of a result that is rounded to a narrower format; a limit of 0 on an exact 0 stays."""
    if not k.narrow_result or (limit == 0.0 and size == 0.0):
        return limit
    return limit * (1.0 + k.u_result) + k.u_result * size + pair(k.half_result, k.half_result_scaled, q)


@embedded_inner
def flushed(limit: float, size: float, band: float, q: int, k: Any) -> Any:
    """The limit of a result that may be flushed to zero; and whether its exact value is clearly on one side of that."""
    if not k.flush or limit == _INFINITY:
        return limit, True
    most = limit + pair(k.flushed, k.flushed_scaled, q)
    clear = abs(size - most) > (band + 2.0**-48) * most
    return max(limit, size) if size <= most else limit, clear


@embedded_inner
def returned(limits: Any, bands: Any, size: float, q: int, k: Any) -> Any:
    """The three limits of a result in its own format, flushed to zero where the contract says so; and if that is clear.

    ``bands`` are the relative errors of the limits, ``size`` = |v| in units of q.
    """
    sound, one = flushed(rounded(limits[0], size, q, k), size, bands[0], q, k)
    stable, two = flushed(rounded(limits[1], size, q, k), size, bands[1], q, k)
    accurate, three = flushed(rounded(limits[2], size, q, k), size, bands[2], q, k)
    return (sound, stable, accurate), one and two and three
