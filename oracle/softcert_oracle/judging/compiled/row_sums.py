"""What limits need of a whole row, in one pass over its exponentials: sums, counts and extremes; compiled.

`softcert_oracle.limits.row_quantities` says what each is. All sums have terms of one sign, so that n of them added in
float64 are known to n 2^-53 relative: a part of `softcert_oracle.judging.compiled.row_limits.BAND`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import power_of_two
from softcert_oracle.fast.jit import embedded
from softcert_oracle.judging.compiled.elementary import grown

_INFINITY = np.inf


@embedded
def row_sums(x: Any, largest: float, row: Any, place: int, label: int, terms: Any, others: Any, k: Any, c: Any) -> None:
    """Fill the sums of c for a row x with its maximum at ``place`` and exponentials ``terms`` = (hi, n).

    ``others`` = (the largest of the others, the exponent of its exponential): all others are added in that unit, since
    they may lie far below float64's range. Beyond 2^32 their exponentials are formed here, relative to it.
    """
    hi, n = terms
    second, unit = others
    log_sum = row.log_h * power_of_two(row.log_n)
    scale = 1.0 / row.s_h
    c3, common = 3.0 * k.u, k.named_common * abs(largest)
    cn = k.named_distance * k.u
    joined = named = rest = mean = top_weighted = top = weighted = total = 0.0
    size = furthest = 0.0
    below = absent = 0
    for j in range(x.size):
        v = x[j]
        if v == -_INFINITY:
            absent += 1
            continue
        d = largest - v
        size, furthest = max(size, abs(v)), max(furthest, d)
        e = hi[j] * power_of_two(n[j])
        w = e * scale
        if d >= k.threshold:
            below += 1
        mean += w * d
        if j != label:
            weighted += e * d
            total += e
        if d > 0.0:
            joined += grown(w, c3 * d + k.exp, d + log_sum)
        if k.named:
            named += grown(w, (cn * d + k.exp if d > 0.0 else k.named_at_maximum) + common, d + log_sum)
        if j != place:
            f = math.exp(v - second) if row.far else hi[j] * power_of_two(n[j] - unit)
            top_weighted += f * d
            top += f
            if k.named:
                rest += grown(f, k.u * d + k.exp if d > 0.0 else 0.0, second - v)
    c.joined, c.named_joined, c.mean_distance = joined, named, mean
    c.common, c.largest, c.furthest = common, size, furthest
    c.below_normal, c.absent = below, absent
    c.others_joined = rest / top if top > 0.0 else 0.0
    c.without_maximum = top_weighted / top if top > 0.0 else 0.0
    c.without_label = weighted / total if total > 0.0 else 0.0
    if label == place:
        c.without_label = c.without_maximum
