"""A row of results with one number for each class: softmax, log_softmax, gradient; compiled.

Radii relative to the value: those of docs/oracle.md for p, 1 - p and log p; a division by the number of rows adds at
most 16 u^2 (10 for the reciprocal, 6 for the product), and nothing where it is a power of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.bounds import COMPLEMENT_RADIUS, LOG_SOFTMAX_RADIUS, SOFTMAX_RADIUS, U2
from softcert_oracle.fast.error_free import add, fma, multiply, power_of_two, reciprocal, two_sum
from softcert_oracle.fast.exponential import FAR_EXPONENT
from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.fast.row import TINY
from softcert_oracle.fast.sorting import sort_by_logit
from softcert_oracle.judging.compiled import structure
from softcert_oracle.judging.compiled.comparison import UNDECIDED, YES
from softcert_oracle.judging.compiled.constants import GRADIENT, LOG_SOFTMAX, SOFTMAX
from softcert_oracle.judging.compiled.element_limits import (
    gradient_limits,
    logarithm_limits,
    probability_limits,
    returned,
    rounded,
)
from softcert_oracle.judging.compiled.elementary import in_unit, pair, power, unit_of
from softcert_oracle.judging.compiled.tally import enter
from softcert_oracle.judging.compiled.vacuous import row_is_vacuous
from softcert_oracle.judging.layout import (
    ABSENT,
    ABSENT_INDEX,
    ABSENT_WRONG,
    CHECKED,
    FAITHFUL,
    FINITE_SOUND,
    INDEX,
    LIMIT,
    MEASURED,
    PLAIN,
    RATIO,
    STABLE,
    STRUCTURE,
    VACUOUS,
    VIOLATED,
)

_DIVISION_RADIUS = 16 * U2
_INFINITY = np.inf
_LEAST = 5e-324  # p itself is not 0, so that what underflows is added to its limit


@embedded_inner
def _probability(hi: float, lo: float, n: int, row: Any, dyadic: bool) -> Any:
    """p as (hi, lo, exponent, radius)."""
    ph, pl = multiply(hi, lo, row.reciprocal_h, row.reciprocal_l)
    if n <= FAR_EXPONENT:  # a tail would lift the lower end of the interval above 0
        return ph, 0.0, n, ph
    return ph, pl, n, 0.0 if dyadic else SOFTMAX_RADIUS * ph


@embedded
def _minus_complement(hi: float, lo: float, n: int, is_largest: bool, row: Any, dyadic: bool) -> Any:
    """-(1 - p) as (hi, lo, exponent, radius): for the largest from tau, for others from s - e^d."""
    if is_largest:
        ch, cl = multiply(row.tau_h, row.tau_l, row.reciprocal_h, row.reciprocal_l)
        return -ch, -cl, row.tau_n, ch if row.far else 0.0 if dyadic else COMPLEMENT_RADIUS * ch
    if hi == 0.0:  # a logit of -inf
        return -1.0, 0.0, 0, 0.0
    f = power_of_two(n)
    ah, al = add(row.s_h, row.s_l, -hi * f, -lo * f)
    ch, cl = multiply(ah, al, row.reciprocal_h, row.reciprocal_l)
    return -ch, -cl, 0, 0.0 if dyadic else COMPLEMENT_RADIUS * ch


BESIDE = 2.0**-98
"""Below this, relative to d (or the maximum), L only says on which side of it d - L (or the maximum plus L) lies."""

_SMALLEST = -900
"""Below 2^_SMALLEST, all that is said of L is that it lies between 0 and there."""


@embedded_inner
def most_of(row: Any) -> Any:
    """An upper bound of L, above 0 unless L is 0: d - L lies between d - most and d."""
    if row.log_h == 0.0:
        return 0.0
    return (row.log_h * (1.0 + 2.0**-40) + row.log_radius) * power_of_two(max(row.log_n, _SMALLEST))


@embedded
def log_probability(v: float, largest: float, is_largest: bool, row: Any) -> Any:
    """l as (hi, lo, exponent, radius), for |v - largest| <= 2^1000."""
    if is_largest:
        return 0.0 - row.log_h, 0.0 - row.log_l, row.log_n, row.log_radius
    plain = power_of_two(row.log_n) if row.log_n >= TINY else 0.0
    dh, dl = two_sum(v, -largest)
    most = most_of(row)
    if dl == 0.0 and most < BESIDE * -dh and most > 0.0:
        return dh, -0.5 * most, 0, 0.5 * most
    lh, ll = add(dh, dl, -row.log_h * plain, -row.log_l * plain)
    return lh, ll, 0, -LOG_SOFTMAX_RADIUS * lh


@embedded_inner
def _divided(hi: float, lo: float, radius: float, by: Any) -> Any:
    """A number times ``by`` = (1/m as high and low, whether m is a power of two)."""
    high, low, exact = by
    if exact:
        return hi * high, lo * high, radius * high
    h, low = multiply(hi, lo, high, low)
    return h, low, radius * high * (1.0 + 2.0**-40) + _DIVISION_RADIUS * abs(h)


@embedded_inner
def one_over(rows: float) -> Any:
    """1/m as a double-double, and whether it is exact."""
    high, low = reciprocal(rows, 0.0)
    return high, low, fma(-high, rows, 1.0) == 0.0


@embedded
def judge_row(x: Any, got: Any, at: Any, row: Any, terms: Any, c: Any, rows: Any, band: float, k: Any, out: Any) -> Any:
    """Judge a row of results and enter it; False where it has to go to the exact path.

    ``at`` = (place of the maximum, label, whether probabilities are dyadic), ``terms`` = (hi, lo, n, scratch) with the
    exponentials, ``rows`` = (m, 1/m as `one_over`), c the `ROW_STATE`, ``out`` the `RESULT`.
    """
    place, label, dyadic = at
    hi, lo, n, (limits, truth, error, places, keys, spare) = terms
    operation, largest = k.operation, x[place]
    for j in range(x.size):
        g = got[j]
        if x[j] == -_INFINITY and (operation != GRADIENT or j != label):
            _enter_absent(j=j, g=g, operation=operation, k=k, limits=limits, truth=truth, error=error, out=out)
            continue
        d = largest - x[j]  # infinite for a label on a class of -inf
        if operation == LOG_SOFTMAX:
            vh, vl, ve, vr = log_probability(x[j], largest, j == place, row)
            vh, vl, vr, q = in_unit(vh, vl, ve, vr)
            sound, stable, accurate = logarithm_limits(abs(vh), d, q, k, c)
            if q == 1 and sound == _INFINITY:  # an absolute limit that overflows in this unit
                return False
            widest = wider = 0.0
        else:
            ph, pl, pn, pr = _probability(hi[j], lo[j], n[j], row, dyadic)
            if operation == SOFTMAX:
                vh, vl, vr, q = in_unit(ph, pl, pn, pr)
                if _beside_normal(vh, vr, q, k):
                    return False
                sound, default, accurate, named, widest, wider = probability_limits(vh, d, q, k, c)
                stable, accurate = min(default, named), min(accurate, default)
            else:
                if j == label:
                    vh, vl, ve, vr = _minus_complement(hi[j], lo[j], n[j], j == place, row, dyadic)
                    vh, vl, vr, q = in_unit(vh, vl, ve, vr)
                    half = (pn + 600 * q) // 2
                    p = ph * power(half) * power(pn + 600 * q - half)
                    p = max(p, _LEAST) if ph > 0.0 else p
                else:
                    vh, vl, vr, q = in_unit(ph, pl, pn, pr)
                    p = vh
                if _beside_normal(p, vr, q, k):
                    return False
                if k.mean and rows[0] > 1.0:
                    size = abs(vh)
                    vh, vl, vr = _divided(vh, vl, vr, (rows[1], rows[2], rows[3]))
                else:
                    size = abs(vh)
                sound, stable, accurate, widest, wider = gradient_limits(
                    p=p, d=d, size=size, q=q, is_label=j == label, rows=rows[0], k=k, c=c
                )
        size = abs(vh)
        bands = (band + widest, band + wider, band + wider)
        three, clear = returned((sound, stable, accurate), bands, size, q, k)
        if not clear:
            return False
        decided, signed = enter(j=j, g=g, v=(vh, vl, vr, q), limits=three, bands=bands, k=k, c=c, out=out)
        if not decided:
            return False
        unit = unit_of(q)
        limits[0, j], limits[1, j], limits[2, j] = three[0] / unit, three[1] / unit, three[2] / unit
        truth[j], error[j] = vh / unit, signed
    vacuous = 0
    for level in range(3):
        answer = row_is_vacuous(x, truth, limits[level], rows[0], 2.0 * band, k)
        if answer == UNDECIDED:
            return False
        if answer == YES:
            vacuous |= 1 << level
    out.integers[VACUOUS] = vacuous
    if operation != GRADIENT:
        sort_by_logit(x, places, keys, spare)
    return judge_structure(
        x=x,
        got=got,
        values=(truth, error, limits),
        places=places,
        how=(label, rows[0] if k.mean else 1.0),
        k=k,
        out=out,
    )


@embedded_inner
def _beside_normal(p: float, radius: float, q: int, k: Any) -> Any:
    """Whether p cannot be told from 2N, below which limits grow by what underflows."""
    bound = pair(k.below_normal, k.below_normal_scaled, q)
    return radius > 0.0 and abs(p - bound) <= 2.0**-50 * bound


@embedded
def _enter_absent(j: int, g: float, operation: int, k: Any, limits: Any, truth: Any, error: Any, out: Any) -> None:
    """A class of -inf: its probability is exactly 0, its log-probability -inf."""
    integers = out.integers
    exact = -_INFINITY if operation == LOG_SOFTMAX else 0.0
    integers[ABSENT] += 1
    if g != exact:
        integers[ABSENT_WRONG] += 1
        if integers[ABSENT_INDEX] < 0:
            integers[ABSENT_INDEX] = j
    for level in range(3):
        limits[level, j] = rounded(k.half, 0.0, 0, k) if operation == GRADIENT and k.mean else 0.0
    truth[j] = exact
    if operation == LOG_SOFTMAX:
        error[j] = 0.0 if g == exact else _INFINITY
    elif abs(g) == _INFINITY:
        error[j] = k.beyond if g > 0.0 else -k.beyond
    else:
        error[j] = g if g == g else _INFINITY


@embedded
def judge_structure(x: Any, got: Any, values: Any, places: Any, how: Any, k: Any, out: Any) -> Any:
    """The structural properties at "stable", and at "sound" where one of them is violated."""
    counts = out.counts
    truth, error, limits = values
    label, rows = how
    margin = 2.0 * structure.MARGIN
    for level in range(2):
        limit = limits[1 - level]
        arguments = (k.operation, level, label, rows, margin)
        if not structure.by_class(
            x=x, got=got, values=(truth, error), limit=limit, places=places, how=arguments, out=out
        ):
            return False
        if level == 0:
            violated = False
            for name in range(4):
                violated |= counts[STRUCTURE + 2 * name, VIOLATED] > 0
            if not violated:
                return True
    return True


@embedded
def finish(c: Any, out: Any, histogram: Any) -> None:
    """How many numbers each slot of a decided row looked at; a vacuous limit looks at none."""
    counts, sizes, integers, bins = out.counts, out.sizes, out.integers, c.bins
    plain = integers[PLAIN]
    for level in range(FINITE_SOUND + 2):
        counts[level, CHECKED] = plain
    for level in range(STABLE + 2):
        if integers[VACUOUS] >> level & 1:
            counts[level, CHECKED] = counts[level, VIOLATED] = counts[level, INDEX] = 0
            sizes[level, RATIO] = sizes[level, MEASURED] = sizes[level, LIMIT] = 0.0
    sizes[FINITE_SOUND, MEASURED] = sizes[FINITE_SOUND + 1, MEASURED] = 0.0
    if not integers[VACUOUS] >> STABLE & 1:
        for i in range(bins.size):
            histogram[i] += bins[i]
    sizes[FAITHFUL, LIMIT] = 1.0
