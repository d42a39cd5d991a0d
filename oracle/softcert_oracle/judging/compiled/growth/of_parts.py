"""How far roundings may move a sum, from what is summed: `softcert_oracle.limits.concentration`, compiled.

Terms are counted by whole distances while the row's sums are formed, so a growth costs a walk over at most 64 counts.
Distances are the specification's float64 numbers, so counts and cuts are the same there and here; masses are sums of
n positive terms, known to 2^-43 + n 2^-53 relative. A growth is the least of candidates ``lv(k) - log(1 - f)``. For f
up to 0.9 the logarithm amplifies the error of f at most 3.9 times, which stays far below 2^-38, and a minimum is known
as well as its candidates. What is not continuous is left open (``unsure``): a candidate with f next to 1, the zeros'
condition n f <= 1 next to equality, and the step of compensated sums at u/4.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.constants import GRADIENT
from softcert_oracle.judging.compiled.growth.claims import CUTS

_WELL_CONDITIONED = 0.9
_BEYOND_IT = 2.25  # -log(1 - f) is above this for f > 0.9
_NEAR = 2.0**-30
_SMALLEST = float(np.finfo(np.float64).tiny)
_INFINITY = np.inf


@embedded_inner
def grown_by(count: float, claim: Any) -> Any:
    """The growth of ``count`` of the terms of a `SUM`, the others being 0: `softcert_oracle.limits.sums.grown`."""
    passed = count if claim.narrow > 0.0 and count < claim.count else count - 1.0
    passed = min(max(passed, 0.0), claim.levels)
    total = passed * claim.per_level if passed > 0.0 else 0.0
    total += max(count - 1.0, 0.0) * claim.narrow_addition
    return total + claim.once if count > 1.0 else total


@embedded_inner
def compensated(growth: float, u: float, claim: Any) -> Any:
    """At least what a compensated sum errs by; and whether the step at u/4 is too near to tell."""
    near = abs(growth - 0.25 * u) <= _NEAR * u
    return growth if growth <= 0.25 * u else max(growth, claim.least), near


@embedded_inner
def put(tally: Any, place: float, mass: float) -> None:
    """Count a term by the whole part of its distance, and add its mass."""
    at = 2 * int(min(place, float(CUTS)))
    tally[at] += 1.0
    tally[at + 1] += mass


@embedded
def least_growth(
    tally: Any, further: float, nearest: float, counted: Any, scale: float, lost: float, k: Any, claim: Any
) -> Any:
    """``(growth, unsure)`` of the sum of terms that were `put` into a tally.

    ``further`` and ``nearest`` are the distances of the last term from the nearest one, and of the nearest from the
    maximum; ``counted`` = (terms, those that are 0, their mass); masses times ``scale`` are shares of the sum.
    """
    present, zeros, zero_mass = counted
    best, open_from = grown_by(present, claim), _INFINITY
    rest = 2.0 * zero_mass * scale
    without = grown_by(present - zeros, claim)
    if abs(rest * claim.count - 1.0) <= _NEAR:
        open_from = without
    if rest * claim.count <= 1.0:
        best = min(best, without - math.log1p(-min(rest, 0.5)))
    kept, beyond = present, 0.0
    for cut in range(int(min(further, float(CUTS))), 0, -1):
        kept -= tally[2 * cut]
        beyond += tally[2 * cut + 1] * scale
        f = claim.factor * (beyond + lost)
        if f >= best:  # so is every candidate from here on
            break
        if tally[2 * cut - 2] == 0.0 or float(cut) + nearest > k.normal_distance:
            continue  # a smaller cut parts the terms in the same way; terms may underflow
        low = grown_by(kept, claim)
        if f > _WELL_CONDITIONED and f < 1.0 + _NEAR:
            open_from = min(open_from, low + _BEYOND_IT)
        if f < 1.0 and low + f < best:
            best = min(best, low - math.log1p(-f))
    growth, near = compensated(best, k.u, claim)
    return growth, near or open_from < best


@embedded
def row_growths(row: Any, gap: float, underflow: float, how: Any, k: Any, claim: Any, c: Any) -> Any:
    """Fill the growths of c from what was counted of its row; whether one of them is unsure.

    ``gap`` is the distance of the second largest logit, ``underflow`` what underflow takes from the row's sum;
    ``how`` = (apart: the label's class is not the maximum's, and all but it are a sum of their own; bare: a limit of
    this row is as small as its growth, which float64 may hold with fewer bits).
    """
    apart, bare = how
    unsure = False
    counted = c.present, c.zeros, c.zero_mass
    if apart:
        scale = 1.0 / c.label_total
        c.growth_label, unsure = least_growth(
            tally=c.near,
            further=c.furthest,
            nearest=0.0,
            counted=counted,
            scale=scale,
            lost=underflow * row.s_h * scale,
            k=k,
            claim=claim,
        )
        counted = _with_label(counted, k, c)
    growth, more = least_growth(
        tally=c.near,
        further=c.furthest,
        nearest=0.0,
        counted=counted,
        scale=1.0 / row.s_h,
        lost=underflow,
        k=k,
        claim=claim,
    )
    unsure |= more
    exact = c.at_zero == c.at_maximum and c.at_maximum + counted[1] == counted[0] and c.at_maximum <= k.ones
    c.growth = 0.0 if exact else growth
    if bare and not exact:  # terms below 2^-1000 have no mass here
        unsure |= growth < 2.0**-900 and c.subnormal > 0.0
    c.growth_lazy = min(c.growth + k.lazy_slope * c.lazy, max(c.growth, claim.whole))
    c.growth_maximum = 0.0
    if c.others > 0.0 and (k.operation == GRADIENT or not exact):
        share = max(c.others_share, _SMALLEST)
        c.growth_maximum, more = least_growth(
            tally=c.beside,
            further=c.furthest - gap,
            nearest=gap,
            counted=(c.others, c.zeros, c.others_zero_mass),
            scale=c.others_scale,
            lost=underflow * row.s_h / share,
            k=k,
            claim=claim,
        )
        unsure |= more
    return unsure


@embedded
def _with_label(counted: Any, k: Any, c: Any) -> Any:
    """The terms counted with the label's, which is put into their tally."""
    present, zeros, zero_mass = counted
    if c.label_distance < 0.0:  # a logit of -inf
        return present, zeros, zero_mass
    put(c.near, c.label_distance, c.label_mass)
    if c.label_distance >= k.zero_distance:
        return present + 1.0, zeros + 1.0, zero_mass + c.label_mass
    return present + 1.0, zeros, zero_mass
