"""The sum of a case's losses, and how far roundings may move it; compiled.

`softcert_oracle.limits.concentration.batch_growth` parts the losses by powers of two of ``v = loss + limit``. Which
side of a power a v lies on is not continuous, so a v within twice its own band of one leaves the case open, unless its
loss is exactly 0 (then its limit is made of constants alone, the same here and there).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.bounds import U2
from softcert_oracle.fast.error_free import add, bits_of, multiply
from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.elementary import expm1, unit_of
from softcert_oracle.judging.compiled.growth.of_parts import compensated, grown_by

EXPONENTS = 2048
"""Places of a tally, by the exponent's bits: below 2^-1022 first, what is infinite last."""

_ADDITION = 4 * U2
"""3 u^2 and terms of third order: a double-double sum, relative to the partial sum, which is at most the whole."""

_MANY = 60.0
"""Growths from which even losses below 2^-1022 might count: left open."""

_FRACTION = (1 << 52) - 1


@embedded
def added(total: Any, v: Any, limits: Any, band: float, tallies: Any) -> Any:
    """The running sums (hi, lo, radius, sound, stable, accurate, lowest, highest, unsure) with one more loss.

    All in units of 1. What a loss below 2^-850 loses there, 2^-900, is added to the radius: sums below 2^-700 are not
    decided here. ``tallies`` (3, 2 * `EXPONENTS`) count the sizes of losses for each level, between the exponents
    ``lowest`` and ``highest``.
    """
    hi, lo, radius, sound, stable, accurate, lowest, highest, unsure = total
    vh, vl, vr, q = v
    unit = unit_of(q)
    more = 2.0**-900 if q == 1 and (vh != 0.0 or vr > 0.0) else 0.0
    size = abs(vh) / unit
    for level in range(3):
        order, near = _put(tallies[level], size + limits[level] / unit, 2.0 * band)
        lowest, highest = min(lowest, order), max(highest, order)
        unsure |= near and vh != 0.0
    hi, lo = add(hi, lo, vh / unit, vl / unit)
    radius += vr / unit + more + _ADDITION * abs(hi)
    sound, stable, accurate = sound + limits[0] / unit, stable + limits[1] / unit, accurate + limits[2] / unit
    return hi, lo, radius, sound, stable, accurate, lowest, highest, unsure


@embedded_inner
def _put(tally: Any, size: float, band: float) -> Any:
    """Count a size; its place, and whether it is too near to a power of two to be sure of it."""
    bits = bits_of(size)
    order, fraction = bits >> 52, float(bits & _FRACTION) * 2.0**-52
    tally[2 * order] += 1.0
    tally[2 * order + 1] += size
    return order, fraction < band or fraction > 1.0 - band


@embedded
def _growth(tally: Any, lowest: int, highest: int, k: Any, claim: Any) -> Any:
    """``(growth, unsure)`` of the sum of the losses of a tally, which is left empty."""
    whole, total = claim.whole, 0.0
    for order in range(lowest, highest + 1):
        total += tally[2 * order + 1]
    usable = claim.count >= 2.0 and 0.0 < total < np.inf
    best, kept, beyond = whole, claim.count, 0.0
    unsure = usable and whole > _MANY and lowest == 0
    for order in range(lowest, highest + 1):
        if tally[2 * order] > 0.0 and usable:
            f = claim.factor * (beyond / total)
            low = grown_by(kept, claim)
            if low < best:
                best = min(best, low + math.log1p(f))
            kept -= tally[2 * order]
            beyond += tally[2 * order + 1]
        tally[2 * order] = tally[2 * order + 1] = 0.0
    if not usable:
        return whole, False
    growth, near = compensated(best, k.u, claim)
    return growth, unsure or near


@embedded
def reduced(g: float, total: Any, rows: Any, tallies: Any, claim: Any, k: Any) -> Any:
    """``(known, v, limits)`` of the mean or sum of a batch from its running sums; ``rows`` = (m, 1/m as `one_over`).

    A sum of exact zeros is decided only beside a result of zero: half a subnormal number is missing from its limits.
    """
    hi, lo, radius, sound, stable, accurate, lowest, highest, unsure = total
    m, high, low, exact = rows
    size = abs(hi)
    known = not unsure and (size >= 2.0**-700 or (hi == 0.0 and radius == 0.0 and g == 0.0))
    span = lowest, highest
    sound, one = _limit(sound, size, tallies[0], span, k, claim)
    stable, two = _limit(stable, size, tallies[1], span, k, claim)
    accurate, three = _limit(accurate, size, tallies[2], span, k, claim)
    known &= not (one or two or three)
    if k.mean:
        sound, stable, accurate = sound / m + k.half, stable / m + k.half, accurate / m + k.half
        if exact:
            hi, lo, radius = hi * high, lo * high, radius * high
        else:
            hi, lo = multiply(hi, lo, high, low)
            radius = radius * high * (1.0 + 2.0**-40) + 16 * U2 * abs(hi)
    if hi == 0.0:
        unit = unit_of(1)
        return known, (0.0, 0.0, radius * unit, 1), (sound * unit, stable * unit, accurate * unit)
    return known, (hi, lo, radius, 0), (sound, stable, accurate)


@embedded
def _limit(limits: float, size: float, tally: Any, span: Any, k: Any, claim: Any) -> Any:
    """``(limit, unsure)`` of the sum of a batch at one level, from the sums of its limits and losses."""
    growth, unsure = _growth(tally, span[0], span[1], k, claim)
    growth += k.division if k.mean else 0.0
    grown = expm1(growth) if growth < 709.5 else np.inf
    flushed = k.omega * (claim.count - 1.0) if k.flush else 0.0
    if size == 0.0:
        return limits * (1.0 + grown) + flushed, unsure
    return limits * (1.0 + grown) + size * grown + flushed, unsure


@embedded
def emptied(tallies: Any, total: Any) -> None:
    """Empty the tallies of a case that is not reduced here."""
    for level in range(3):
        for place in range(2 * total[6], 2 * total[7] + 2):
            tallies[level, place] = 0.0


NOTHING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, EXPONENTS - 1, 0, False)
"""The running sums before the first loss."""
