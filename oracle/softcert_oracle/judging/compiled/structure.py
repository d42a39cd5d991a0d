"""Structural properties of one row of results: sums, ranges, signs, order, ties; compiled.

Each is a ratio of an excess to a slack of limits, held against 1 with `MARGIN` (relative): closer than that, and closer
than the sums over n classes are known (n 2^-52), the row goes to the specification. Ratios whose excess is not positive
are 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcert_oracle.fast.jit import embedded, embedded_inner
from softcert_oracle.judging.compiled.comparison import NO, UNDECIDED, YES
from softcert_oracle.judging.compiled.constants import GRADIENT, LOGSUMEXP, SOFTMAX
from softcert_oracle.judging.layout import (
    CHECKED,
    INDEX,
    LIMIT,
    MEASURED,
    RATIO,
    STRUCTURAL_LEVELS,
    STRUCTURE,
    VIOLATED,
)

MARGIN = 2.0**-30
"""As in the specification: between 1 - MARGIN and 1 + MARGIN it answers "undecided"."""

EVALUATION = 2.0**-51
"""Relative: a comparison of two results evaluated in float64 (two roundings each side)."""

_INFINITY = np.inf
_HUGE = 2.0**900


@embedded_inner
def _seen(ratio: float, j: int, margin: float, worst: float, index: int, violated: int, near: bool) -> Any:
    """``(worst, index, violated, near)`` after one more ratio; ``near`` means that one lies too near to 1."""
    if ratio != ratio:
        ratio = _INFINITY
    if ratio > 1.0 - margin:
        if ratio > 1.0 + margin:
            violated += 1
        else:
            near = True
    if ratio > worst or (ratio == worst and j < index):  # the first of equals, in whatever order they come
        worst, index = ratio, j
    return worst, index, violated, near


@embedded
def put(out: Any, slot: int, checked: int, worst: float, index: int, violated: int) -> None:
    """Enter one property of a row."""
    counts, sizes = out.counts, out.sizes
    counts[slot, CHECKED], counts[slot, VIOLATED], counts[slot, INDEX] = checked, violated, index
    sizes[slot, RATIO], sizes[slot, MEASURED], sizes[slot, LIMIT] = worst, worst, 1.0


@embedded
def _order_and_ties(x: Any, got: Any, limit: Any, places: Any, margin: float, slots: Any, out: Any) -> Any:
    """Order and ties, entered in ``slots``; False where one ratio is too near to 1."""
    reached, near = -_INFINITY, False
    worst = tied_worst = 0.0
    index = tied_index = violated = tied_violated = 0
    for i in range(x.size):
        j = places[i]
        g = got[j]
        certain = g - limit[j]
        if certain > reached:
            reached = certain
        if reached - g > 0.0:
            ratio = (reached - g) / (limit[j] + EVALUATION * abs(g))
            worst, index, violated, near = _seen(
                ratio=ratio, j=j, margin=margin, worst=worst, index=index, violated=violated, near=near
            )
        before = places[i - 1]
        if i > 0 and x[before] == x[j]:
            apart = abs(g - got[before])
            if apart > 0.0:
                ratio = apart / (limit[j] + limit[before] + EVALUATION * abs(g))
                tied_worst, tied_index, tied_violated, near = _seen(
                    ratio=ratio,
                    j=j,
                    margin=margin,
                    worst=tied_worst,
                    index=tied_index,
                    violated=tied_violated,
                    near=near,
                )
    put(out, slots[0], x.size, worst, index, violated)
    put(out, slots[1], x.size, tied_worst, tied_index, tied_violated)
    return not near


@embedded
def _range(
    got: Any, limit: Any, lowest: float, highest: float, relative: float, margin: float, slot: int, out: Any
) -> Any:
    """How far results lie above ``highest``; below ``lowest`` there is no slack, and nothing is held below -inf."""
    near = False
    worst, index, violated = 0.0, 0, 0
    for j in range(got.size):
        g = got[j]
        size = abs(g) if lowest == 0.0 and relative > 0.0 else g
        if g < lowest and relative == 0.0:
            worst, index, violated, near = _seen(
                ratio=_INFINITY, j=j, margin=margin, worst=worst, index=index, violated=violated, near=near
            )
        elif size - highest > 0.0:
            ratio = (size - highest) / (limit[j] + relative)
            worst, index, violated, near = _seen(
                ratio=ratio, j=j, margin=margin, worst=worst, index=index, violated=violated, near=near
            )
    put(out, slot, got.size, worst, index, violated)
    return not near


@embedded
def _overflows_both_ways(error: Any) -> Any:
    """Whether errors of both signs are so large that their sum depends on its order."""
    up = down = 0.0
    for e in error:
        up, down = max(up, e), min(down, e)
    return min(up, -down) > _HUGE


@embedded
def _sum_of_errors(got: Any, error: Any, limit: Any, margin: float, slot: int, out: Any) -> Any:
    """The sum of signed errors against that of limits; False where they are too near."""
    missing = size = slack = 0.0
    nan = near = False
    for j in range(got.size):
        nan |= got[j] != got[j]
        missing += error[j]
        size += abs(error[j])
        slack += limit[j]
    missing = abs(missing)
    if size < _INFINITY and abs(missing - slack) <= got.size * 2.0**-52 * size:
        return False
    if size == _INFINITY and not nan and _overflows_both_ways(error):
        return False
    ratio = missing / slack if missing > 0.0 else 0.0
    ratio = _INFINITY if nan else ratio
    worst, index, violated, near = _seen(ratio=ratio, j=0, margin=margin, worst=0.0, index=0, violated=0, near=near)
    put(out, slot, 1, worst, index, violated)
    return not near


@embedded
def _signs(got: Any, values: Any, limit: Any, label: int, margin: float, slot: int, out: Any) -> Any:
    """Signs beyond zero by more than the limit, or zero or opposite where the truth exceeds it."""
    truth, error = values
    worst, index, violated = 0.0, 0, 0
    for j in range(got.size):
        g, most = got[j], limit[j]
        towards = -g if j == label else g
        if towards > 0.0:
            continue
        wrong = _exceeds(abs(truth[j]), most, margin)
        if towards < 0.0 and wrong != YES:
            other = _exceeds(abs(g), most, margin)
            wrong = other if other != NO else wrong
        if wrong == UNDECIDED:
            return False
        if wrong == YES:
            violated += 1
            ratio = max(abs(error[j]) / most, 2.0)
            if ratio != ratio:
                ratio = _INFINITY
            if ratio > worst:
                worst, index = ratio, j
    put(out, slot, got.size, worst, index, violated)
    return True


@embedded_inner
def _exceeds(size: float, limit: float, margin: float) -> Any:
    if size > limit * (1.0 + margin):
        return YES
    return NO if size <= limit * (1.0 - margin) else UNDECIDED


@embedded
def by_class(x: Any, got: Any, values: Any, limit: Any, places: Any, how: Any, out: Any) -> Any:
    """The structural properties of a row of numbers at one level; False where one of them is too near to its slack.

    ``values`` = (exact values, errors), ``how`` = (operation, level 0 for stable or 1 for sound, label, rows that the
    result is divided by, margin).
    """
    operation, level, label, rows, margin = how
    first = STRUCTURE + level
    if operation == GRADIENT:
        decided = _signs(got=got, values=values, limit=limit, label=label, margin=margin, slot=first, out=out)
        decided &= _sum_of_errors(got, values[1], limit, margin, first + STRUCTURAL_LEVELS, out)
        slot = first + 2 * STRUCTURAL_LEVELS
        return decided & _range(
            got=got,
            limit=limit,
            lowest=0.0,
            highest=1.0 / rows,
            relative=EVALUATION / rows,
            margin=margin,
            slot=slot,
            out=out,
        )
    decided, lowest, highest = True, -_INFINITY, 0.0
    if operation == SOFTMAX:
        decided = _sum_of_errors(got, values[1], limit, margin, first, out)
        lowest, highest = 0.0, 1.0
    decided &= _range(
        got=got,
        limit=limit,
        lowest=lowest,
        highest=highest,
        relative=0.0,
        margin=margin,
        slot=first + STRUCTURAL_LEVELS,
        out=out,
    )
    slots = (first + 2 * STRUCTURAL_LEVELS, first + 3 * STRUCTURAL_LEVELS)
    return decided & _order_and_ties(x=x, got=got, limit=limit, places=places, margin=margin, slots=slots, out=out)


@embedded
def of_number(operation: int, g: float, limit: float, once: Any, margin: float, level: int, out: Any) -> Any:
    """The structural property of a log-sum-exp, ``once`` = (max, log of the number of finite logits), or of a loss."""
    near = False
    slack, above, below = limit, -g, 0.0
    if operation == LOGSUMEXP:
        top, log_n = once
        slack += EVALUATION * (abs(top) + log_n)
        above, below = top - g, g - (top + log_n)
    ratio = above / slack if above > 0.0 else 0.0
    other = below / slack if below > 0.0 else 0.0
    if other > ratio or other != other:
        ratio = other
    worst, index, violated, near = _seen(ratio=ratio, j=0, margin=margin, worst=0.0, index=0, violated=0, near=near)
    put(out, STRUCTURE + level, 1, worst, index, violated)
    return not near


@embedded
def of_infinite_loss(g: float, out: Any) -> None:
    """The sign of a loss whose label has a logit of -inf: its limit is infinite, so only -inf violates it."""
    violated = 1 if g == -_INFINITY else 0
    for level in range(1 + violated):
        put(out, STRUCTURE + level, 1, _INFINITY if violated else 0.0, 0, violated)
