"""What limits need of a whole row, in one pass over its exponentials: sums, counts and extremes; compiled.

`softcert_oracle.limits.row_quantities` says what each is. All sums have terms of one sign, so that n of them added in
float64 are known to n 2^-53 relative: a part of `softcert_oracle.judging.compiled.row_limits.BAND`. What is said of all
but one class is summed without it, never formed as a difference.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import power_of_two
from softcert_oracle.fast.jit import embedded, merged
from softcert_oracle.judging.compiled.constants import FROM_LOG1P, GRADIENT, SOFTMAX
from softcert_oracle.judging.compiled.elementary import grown
from softcert_oracle.judging.compiled.growth.of_parts import put
from softcert_oracle.judging.compiled.row_state import TALLY

APART = 500.0
"""Where all others lie further below the maximum, e^d would lose bits to the range of float64: they are summed again,
relative to the largest of them."""

_SUBNORMAL, _GONE = 690.0, 760.0  # e^d in float64 has fewer bits between, and is 0 beyond
_INFINITY = np.inf


@embedded
def row_sums(x: Any, largest: float, row: Any, place: int, label: int, terms: Any, gap: float, k: Any, c: Any) -> None:
    """Fill the sums of c for a row x with its maximum at ``place`` and exponentials ``terms`` = (hi, n).

    ``gap`` is how far the others lie below the maximum; ``label`` is -1 where the operation has none.
    """
    hi, n = terms
    cleared(c)
    near, beside = c.near, c.beside
    scale = 1.0 / row.s_h
    c3, common = 3.0 * k.u, k.named_common * abs(largest)
    cn = k.named_distance * k.u
    probability = k.operation == SOFTMAX or k.operation == GRADIENT
    apart = k.operation == GRADIENT and label != place
    counted = not probability or (k.operation == GRADIENT and label == place)  # the others are counted as well
    alone = counted and gap <= APART
    from_log1p = k.named == FROM_LOG1P and not probability
    widened = common
    if k.narrow_input:
        for v in x:
            c.largest = max(c.largest, abs(v) if v != -_INFINITY else 0.0)
        widened += 4.0 * (k.u * c.largest + k.half)
    deep = min(min(k.threshold, k.zero_distance), _SUBNORMAL)
    # The tallies are written in the loop, so what stands in a record would be read again for each term.
    exp_error, lazy_furthest, is_named, at_maximum = k.exp, k.lazy_furthest, k.named > 0, k.named_at_maximum
    plain, per_distance = widened == 0.0, k.u
    joined = named = rest = weighted = total = 0.0
    smallest, lazy = largest, 0.0
    absent = ones = 0
    for j in range(x.size):
        v = x[j]
        if v == -_INFINITY:
            absent += 1
            continue
        d, smallest = largest - v, min(smallest, v)
        lazy = max(lazy, d if d <= lazy_furthest else 0.0)
        e = hi[j] * power_of_two(n[j])
        mass = e
        if d > 0.0:
            t = c3 * d + exp_error
            more = grown(e, t, d)
            joined += more
            mass = e + (more if plain else grown(e, t + widened, d))
        else:
            ones += 1
        if is_named:
            named += grown(e, (cn * d + exp_error if d > 0.0 else at_maximum) + common, d)
        if d >= deep:
            _count_deep(d, mass, not (apart and j == label), k, c)
        if j == place:
            put(near, d, mass)
            continue
        if alone:
            put(beside, d - gap, mass)
            if from_log1p:
                rest += grown(e, per_distance * d + exp_error if d > 0.0 else 0.0, d)
        if j == label and apart:
            c.label_distance, c.label_mass, c.label_term = d, mass, e
            continue
        put(near, d, mass)
        weighted += e * d
        total += e
    own = c.label_term
    c.joined, c.named_joined = joined * scale, named * scale
    c.mean_distance = (weighted + own * max(c.label_distance, 0.0)) * scale
    c.common, c.largest, c.furthest = common, max(abs(largest), abs(smallest)), largest - smallest
    c.absent, c.at_maximum, c.lazy = absent, ones, lazy
    c.at_zero = ones if largest == 0.0 else -1
    c.present = x.size - absent - (1 if c.label_distance >= 0.0 else 0)
    c.label_total = 1.0 + total
    c.without_label = weighted / c.label_total
    c.others = x.size - absent - 1 if counted else 0.0
    others = total + own
    c.others_share = others
    if gap <= APART:
        c.without_maximum = (weighted + own * max(c.label_distance, 0.0)) / others if others > 0.0 else 0.0
        c.others_scale = 1.0 / others if others > 0.0 else 0.0
        c.others_joined = rest * c.others_scale
        c.others_zero_mass = c.zero_mass
    elif counted and gap < _INFINITY:
        _others_far(x=x, largest=largest, gap=gap, place=place, widened=widened, k=k, c=c)
    if not apart:
        c.without_label = c.without_maximum


@merged
def cleared(c: Any) -> None:
    """Nothing has been counted yet."""
    for i in range(TALLY):
        c.near[i] = c.beside[i] = 0.0
    c.below_normal = c.zeros = c.zero_mass = c.subnormal = c.largest = c.label_mass = c.label_term = 0.0
    c.without_maximum = c.others_scale = c.others_joined = c.others_zero_mass = 0.0
    c.label_distance = -1.0


@embedded
def _count_deep(d: float, mass: float, is_counted: bool, k: Any, c: Any) -> None:
    """Count a term that may underflow or is 0; ``is_counted`` unless it is the label's, which is counted apart."""
    if d >= k.threshold:
        c.below_normal += 1.0
    if d >= k.zero_distance and is_counted:
        c.zeros += 1.0
        c.zero_mass += mass
    if _SUBNORMAL < d < _GONE:
        c.subnormal += 1.0


@embedded
def _others_far(x: Any, largest: float, gap: float, place: int, widened: float, k: Any, c: Any) -> None:
    """The sums of all but the maximum where they lie far below it, in units of the largest of them."""
    total = weighted = share = 0.0
    for j in range(x.size):
        if j != place and x[j] != -_INFINITY:
            d = largest - x[j]
            f = math.exp(gap - d)
            total, weighted, share = total + f, weighted + f * d, share + math.exp(-d)
    log_total, rest = math.log(total), 0.0
    for j in range(x.size):
        if j != place and x[j] != -_INFINITY:
            d = largest - x[j]
            w, surprisal = math.exp(gap - d) / total, d - gap + log_total
            mass = w + grown(w, 3.0 * k.u * d + k.exp + widened, surprisal)
            put(c.beside, d - gap, mass)
            rest += grown(w, k.u * d + k.exp, surprisal)
            if d >= k.zero_distance:
                c.others_zero_mass += mass
    c.without_maximum, c.others_joined, c.others_scale, c.others_share = weighted / total, rest, 1.0, share
