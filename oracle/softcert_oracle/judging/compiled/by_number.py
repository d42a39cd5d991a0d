"""A result of one number: log-sum-exp, the loss of a row, and the loss of a batch; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.bounds import U2
from softcert_oracle.fast.error_free import add, multiply
from softcert_oracle.fast.jit import embedded
from softcert_oracle.fast.row import shifted_sum
from softcert_oracle.judging.compiled import structure
from softcert_oracle.judging.compiled.by_class import BESIDE, log_probability, most_of
from softcert_oracle.judging.compiled.comparison import UNDECIDED, YES
from softcert_oracle.judging.compiled.constants import LOGSUMEXP
from softcert_oracle.judging.compiled.element_limits import logarithm_limits, rounded, shifted_limits
from softcert_oracle.judging.compiled.elementary import in_unit, unit_of
from softcert_oracle.judging.compiled.tally import enter
from softcert_oracle.judging.compiled.vacuous import number_is_vacuous
from softcert_oracle.judging.layout import EXACT, STRUCTURE, VACUOUS, VIOLATED

_ADDITION = 4 * U2
"""3 u^2 and terms of third order: a double-double sum, relative to the partial sum, which is at most the whole."""


@embedded
def number_of(x: Any, place: int, label: int, row: Any, c: Any, k: Any) -> Any:
    """``((hi, lo, radius, q), (sound, stable, accurate))``: the exact log-sum-exp or loss of a row, and its limits."""
    if k.operation == LOGSUMEXP:
        hi, lo, n, radius = shifted_sum(x[place], row)
        most = most_of(row)
        if 0.0 < most < BESIDE * abs(x[place]):
            hi, lo, n, radius = x[place], 0.5 * most, 0, 0.5 * most
        hi, lo, radius, q = in_unit(hi, lo, n, radius)
        return (hi, lo, radius, q), shifted_limits(abs(hi), c.largest, q, k, c)
    hi, lo, n, radius = log_probability(x[label], x[place], label == place, row)
    hi, lo, radius, q = in_unit(hi, lo, n, radius)
    return (-hi, -lo, radius, q), logarithm_limits(abs(hi), x[place] - x[label], q, k, c)


@embedded
def judge_number(g: float, v: Any, limits: Any, once: Any, band: float, k: Any, c: Any, out: Any) -> Any:
    """Judge one number and enter it; False where it has to go to the exact path.

    ``once`` = (classes, factor of log C in the degenerate loss, maximum, log of the number of finite logits).
    """
    hi, _, _, q = v
    size, unit = abs(hi), unit_of(q)
    sound, stable, accurate = limits
    three = (rounded(sound, size, q, k), rounded(stable, size, q, k), rounded(accurate, size, q, k))
    if q == 1 and sound == np.inf:  # an absolute limit that overflows in this unit
        return False
    if not enter(j=np.int64(0), g=g, v=v, limits=three, bands=(band, band, band), k=k, c=c, out=out)[0]:
        return False
    out.floats[EXACT] = hi / unit
    vacuous = 0
    for level in range(3):
        answer = number_is_vacuous(hi / unit, three[level] / unit, once[0], once[1], 2.0 * band, k)
        if answer == UNDECIDED:
            return False
        if answer == YES:
            vacuous |= 1 << level
    out.integers[VACUOUS] = vacuous
    for level in range(2):
        limit = three[1 - level] / unit
        margin = 2.0 * structure.MARGIN
        if not structure.of_number(
            operation=k.operation, g=g, limit=limit, once=(once[2], once[3]), margin=margin, level=level, out=out
        ):
            return False
        if out.counts[STRUCTURE, VIOLATED] == 0:
            break
    return True


@embedded
def added(total: Any, v: Any, limits: Any) -> Any:
    """The running sums (hi, lo, radius, sound, stable, accurate) of a batch with one more loss, in units of 1.

    What a loss below 2^-850 loses there, 2^-900, is added to the radius: sums below 2^-700 are not decided here.
    """
    hi, lo, radius, sound, stable, accurate = total
    vh, vl, vr, q = v
    unit = unit_of(q)
    more = 2.0**-900 if q == 1 and (vh != 0.0 or vr > 0.0) else 0.0
    hi, lo = add(hi, lo, vh / unit, vl / unit)
    radius += vr / unit + more + _ADDITION * abs(hi)
    return hi, lo, radius, sound + limits[0] / unit, stable + limits[1] / unit, accurate + limits[2] / unit


@embedded
def reduced(g: float, total: Any, rows: Any, grown: float, k: Any) -> Any:
    """``(known, v, limits)`` of the mean or sum of a batch from its running sums; ``rows`` = (m, 1/m as `one_over`).

    A sum of exact zeros is decided only beside a result of zero: half a subnormal number is missing from its limits.
    """
    hi, lo, radius, sound, stable, accurate = total
    m, high, low, exact = rows
    size = abs(hi)
    known = size >= 2.0**-700 or (hi == 0.0 and radius == 0.0 and g == 0.0)
    flushed = k.half * m if k.flush else 0.0
    sound = sound * (1.0 + grown) + size * grown + flushed
    stable = stable * (1.0 + grown) + size * grown + flushed
    accurate = accurate * (1.0 + grown) + size * grown + flushed
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
