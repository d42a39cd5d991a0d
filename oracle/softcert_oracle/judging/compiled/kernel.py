"""The kernel: a block of cases to the raw arrays of `softcert_oracle.judging.layout`.

Row by row, so that a row's exponentials, limits and results stay in the cache: exponentials and their sum (the passes
of `softcert_oracle.fast`, with their proof), the row's sums, its coefficients, then every number of its result.
Nothing depends on the other rows of a block, so results do not depend on how cases are stacked.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.entry import TILE
from softcert_oracle.fast.jit import embedded, merged
from softcert_oracle.fast.kernels import largest_of
from softcert_oracle.fast.passes import exponential_below, exponentials, sum_of_tile, two_largest
from softcert_oracle.fast.row import is_dyadic, joined, row_of, shifted_sum, unscaled
from softcert_oracle.judging.compiled.by_class import finish, judge_row, one_over
from softcert_oracle.judging.compiled.by_number import judge_number, number_of
from softcert_oracle.judging.compiled.constants import GRADIENT, LOGSUMEXP, LOSS
from softcert_oracle.judging.compiled.growth.of_batches import NOTHING, added, emptied, reduced
from softcert_oracle.judging.compiled.row_limits import BAND, row_limits
from softcert_oracle.judging.compiled.row_sums import row_sums
from softcert_oracle.judging.compiled.structure import of_infinite_loss
from softcert_oracle.judging.layout import BINS, DECIDED, DEFERRED, SPECIAL, STATUS

FURTHEST = 2.0**1000
"""Rows with |d| beyond it go to the exact path: distances and limits in float64 might overflow."""

_INFINITY = np.inf


@embedded
def quantities_of(x: Any, label: int, claim: Any, scratch: Any, k: Any, c: Any) -> Any:
    """``(status, place, row)`` of one row of logits; exponentials are left in the scratch, sums and limits in c."""
    hi, lo, n, places, seconds = scratch
    classes = x.size
    tiles = (classes + TILE - 1) // TILE
    for t in range(tiles):
        start = t * TILE
        place, seconds[t] = two_largest(x[start : min(start + TILE, classes)])
        places[t] = start + place
    place, second = largest_of(x, places[:tiles], seconds)
    largest = x[place]
    status = DECIDED
    if second != second or not abs(largest) < _INFINITY:
        status, place, second, largest = SPECIAL, 0, 0.0, 0.0
    unit = exponential_below(second, largest)[2]
    total = (0.0, 0.0, 0.0, 0.0)
    if status == DECIDED:
        for t in range(tiles):
            start, stop = t * TILE, min((t + 1) * TILE, classes)
            a, b, e = hi[start:stop], lo[start:stop], n[start:stop]
            exponentials(x[start:stop], largest, a, b, e)
            total = joined(total, sum_of_tile(a, b, e, place - start, unit))
    row = row_of(total, unit, classes)
    _, _, y_exponent, _ = shifted_sum(largest, row)
    y = unscaled(shifted_sum(largest, row)[0], y_exponent)
    finite = x if status == DECIDED else x[:0]
    gap = largest - second
    row_sums(x=finite, largest=largest, row=row, place=place, label=label, terms=(hi, n), gap=gap, k=k, c=c)
    row_limits(k=k, row=row, y=y, classes=classes, at=(place, label, gap), claim=claim, c=c)
    if status == DECIDED and (c.uncertain > 0.0 or not c.furthest < FURTHEST):
        status = DEFERRED
    return status, place, row


@merged
def clear(c: Any) -> None:
    """No errors counted yet."""
    for i in range(BINS):
        c.bins[i] = 0


@merged
def judge_case(at: Any, x: Any, labels: Any, got: Any, claim: Any, batch: Any, scratch: Any, k: Any, out: Any) -> None:
    """Judge the rows ``at`` = (case, start, stop) of one case, each by itself or as one reduced loss."""
    case, start, stop = at
    terms, tile_scratch, values, states, tallies = scratch
    results, histogram = out
    c = states[0]
    hi, lo, n = terms
    classes = x.shape[1]
    m = float(stop - start)
    rows = (m, *one_over(m))
    labelled = k.operation == LOSS or k.operation == GRADIENT
    total, worst, finite, signed = NOTHING, DECIDED, 0.0, True
    band = BAND + classes * 2.0**-51
    for i in range(start, stop):
        label = labels[i] if labelled else -1
        own = (hi, lo, n, *tile_scratch)
        status, place, row = quantities_of(x[i], label, claim, own, k, c)
        infinite = k.operation == LOSS and status != SPECIAL and x[i, label] == -_INFINITY
        signed &= status != SPECIAL
        status = SPECIAL if infinite else status
        if k.reduced:
            worst = SPECIAL if status == SPECIAL or worst == SPECIAL else max(status, worst)
            if worst == DECIDED:
                v, three = number_of(x[i], place, label, row, c, k)
                total = added(total, v, three, band, tallies)
            continue
        result = results[i]
        clear(c)
        if infinite:
            of_infinite_loss(got[i, 0], result)
        if status == DECIDED:
            if k.operation == LOGSUMEXP or k.operation == LOSS:
                v, three = number_of(x[i], place, label, row, c, k)
                once = (classes, 1.0, x[i, place], math.log(float(classes - c.absent)))
                good = judge_number(g=got[i, 0], v=v, limits=three, once=once, band=band, k=k, c=c, out=result)
            else:
                dyadic = is_dyadic(x[i], x[i, place], row)
                exponentials_of_row = (hi, lo, n, values)
                where = (place, label, dyadic)
                good = judge_row(
                    x=x[i],
                    got=got[i],
                    at=where,
                    row=row,
                    terms=exponentials_of_row,
                    c=c,
                    rows=rows,
                    band=band,
                    k=k,
                    out=result,
                )
            status = DECIDED if good else DEFERRED
        if status == DECIDED:
            finish(c, result, histogram[case])
        result.integers[STATUS] = status
    if k.reduced:
        clear(c)
        result = results[case]
        if worst == DECIDED:
            g = got[case, 0]
            known, v, three = reduced(g, total, rows, tallies, batch, k)
            once = (classes, 1.0 if k.mean else m, finite, 0.0)
            wide = band + m * 2.0**-51
            worst = (
                DECIDED
                if known and judge_number(g=g, v=v, limits=three, once=once, band=wide, k=k, c=c, out=result)
                else DEFERRED
            )
        else:
            emptied(tallies, total)
        if worst == DECIDED:
            finish(c, result, histogram[case])
        elif worst == SPECIAL and signed and stop > start:
            of_infinite_loss(got[case, 0], result)
        result.integers[STATUS] = worst


@embedded
def judge(
    contract: Any, x: Any, starts: Any, labels: Any, got: Any, claim: Any, batches: Any, scratch: Any, out: Any
) -> int:
    """Judge every case of a block; how many result rows are left to the exact path.

    ``starts`` (N + 1,) are the first rows of cases, ``claim`` (1,) the `SUM` of a row, ``batches`` (N,) those of each
    case's losses (or one for all), ``got`` (R, C) or (R, 1), ``scratch`` what a row is worked off
    in, ``out`` the `Raw` arrays.
    """
    for case in range(starts.size - 1):
        at = case, starts[case], starts[case + 1]
        judge_case(
            at=at,
            x=x,
            labels=labels,
            got=got,
            claim=claim[0],
            batch=batches[min(case, batches.size - 1)],
            scratch=scratch,
            k=contract[0],
            out=out,
        )
    deferred = 0
    for result in out[0]:
        deferred += 1 if result.integers[STATUS] == DEFERRED else 0
    return deferred
