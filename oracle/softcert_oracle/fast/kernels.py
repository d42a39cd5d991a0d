"""The kernel of the fast path: a range of rows, or a range of tiles of one row, to enclosures.

A row is worked off in tiles of at most 4096 classes and in three phases: the two largest logits; exponentials and
the sum of all but the largest; the results. Threads take either whole rows with all phases, or tiles of one row, phase
after phase (`softcert_oracle.fast.schedule`); both give the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.bounds import COMPLEMENT_RADIUS
from softcert_oracle.fast.entry import SCAN, SUM, TILE
from softcert_oracle.fast.error_free import multiply, power_of_two
from softcert_oracle.fast.jit import outlined
from softcert_oracle.fast.passes import (
    complements,
    exponential_below,
    exponentials,
    log_probabilities,
    probabilities,
    sum_of_tile,
    two_largest,
)
from softcert_oracle.fast.row import TINY, is_dyadic, joined, row_of, shifted_sum, unscaled


@outlined
def largest_of(x: Any, places: Any, seconds: Any) -> Any:
    """``(place, second)`` of a row from those of its tiles, NaN if one of them holds it."""
    place, second, nan = places[0], seconds[0], seconds[0] != seconds[0]
    for t in range(1, places.size):
        other = x[places[t]]
        if other > x[place]:
            second = max(x[place], seconds[t])
            place = places[t]
        else:
            second = max(other, second)
        nan |= seconds[t] != seconds[t]
    return place, np.nan if nan else second


@outlined
def fill_complements(at: Any, place: int, row: Any, exact: bool, terms: Any, out: Any) -> None:
    """1 - p for one tile, ``at`` = (i, start, stop), from its exponentials ``terms`` = (hi, lo, n)."""
    i, start, stop = at
    ch, cl, cn, cr = out
    tile = (ch[i, start:stop], cl[i, start:stop], cn[i, start:stop], cr[i, start:stop])
    complements(terms, (row.s_h, row.s_l), (row.reciprocal_h, row.reciprocal_l), exact, tile)
    if start <= place < stop:
        high, low = multiply(row.tau_h, row.tau_l, row.reciprocal_h, row.reciprocal_l)
        ch[i, place], cl[i, place], cn[i, place] = high, low, row.tau_n
        cr[i, place] = high if row.far else (0.0 if exact else COMPLEMENT_RADIUS * high)


@outlined
def fill_logs(x: Any, at: Any, place: int, row: Any, out: Any) -> None:
    """log p for one tile, ``at`` = (i, start, stop)."""
    i, start, stop = at
    lh, ll, ln, lr = out
    plain = power_of_two(row.log_n) if row.log_n >= TINY else 0.0  # else nothing beside x - max <= -100
    tile = (lh[i, start:stop], ll[i, start:stop], ln[i, start:stop], lr[i, start:stop])
    log_probabilities(x[i, start:stop], x[i, place], (row.log_h * plain, row.log_l * plain), tile)
    if start <= place < stop:
        lh[i, place], ll[i, place] = 0.0 - row.log_h, 0.0 - row.log_l
        ln[i, place], lr[i, place] = row.log_n, row.log_radius


@outlined
def work(phases: Any, x: Any, rows: Any, tiles: Any, scratch: Any, out: Any) -> int:
    """The phases from the first to the last, of a range of rows and tiles; how many rows have no finite maximum.

    ``scratch`` holds for each tile of a row what the phases leave for one another: the place of its largest
    logit, the largest of the others, and its sum. ``out`` holds the arrays of the enclosures: whether softmax is
    wanted, its four, those of the complement, of log-softmax and of log-sum-exp, and s, tau and log s.
    """
    rejected = 0
    first, last = phases
    places, seconds, sums = scratch
    want_p, (ph, pl, pn, pr), c, logs, (yh, yl, yn, yr), (s, tau, log_s) = out
    classes = x.shape[1]
    for i in range(rows[0], rows[1]):
        row = x[i]
        if first == SCAN:
            for t in range(tiles[0], tiles[1]):
                start = t * TILE
                place, seconds[t] = two_largest(row[start : min(start + TILE, classes)])
                places[t] = start + place
        if last == SCAN:
            continue
        place, second = largest_of(row, places, seconds)
        largest = row[place]
        if second != second or not abs(largest) < np.inf:
            rejected += 1
            continue
        slot = i if want_p else 0
        unit = exponential_below(second, largest)[2]
        if first <= SUM:
            for t in range(tiles[0], tiles[1]):
                start, stop = t * TILE, min((t + 1) * TILE, classes)
                a, b, n = ph[slot, start:stop], pl[slot, start:stop], pn[slot, start:stop]
                exponentials(row[start:stop], largest, a, b, n)
                sums[t, 0], sums[t, 1], sums[t, 2] = sum_of_tile(a, b, n, place - start, unit)
        if last == SUM:
            continue
        total = (0.0, 0.0, 0.0, 0.0)
        for t in range(places.size):
            total = joined(total, (sums[t, 0], sums[t, 1], sums[t, 2]))
        once = row_of(total, unit, classes)
        if tiles[0] == 0:
            yh[i], yl[i], yn[i], yr[i] = shifted_sum(largest, once)
            s[i], tau[i], log_s[i] = once.s_h, unscaled(once.tau_h, once.tau_n), unscaled(once.log_h, once.log_n)
        exact = is_dyadic(row, largest, once)
        for t in range(tiles[0], tiles[1]):
            start, stop = t * TILE, min((t + 1) * TILE, classes)
            a, b, n = ph[slot, start:stop], pl[slot, start:stop], pn[slot, start:stop]
            if c[0].size:
                fill_complements((i, start, stop), place, once, exact, (a, b, n), c)
            if logs[0].size:
                fill_logs(x, (i, start, stop), place, once, logs)
            if want_p:
                tile = (a, b, n, pr[i, start:stop])
                probabilities(tile, (once.reciprocal_h, once.reciprocal_l), exact)
    return rejected
