"""Structural properties of one row of results: sums, ranges, signs, order, ties; compiled.

Each is a ratio of an excess to a slack of limits, held against 1 with `MARGIN` (relative): closer than that, and closer
than the sums over n classes are known (n 2^-52), the row goes to the specification. Ratios whose excess is not positive
are 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from softcert_oracle.fast.error_free import bits_of
from softcert_oracle.fast.jit import inner, outlined
from softcert_oracle.judging.comparison import NO, UNDECIDED, YES
from softcert_oracle.judging.constants import LOG_SOFTMAX, LOGSUMEXP, SOFTMAX
from softcert_oracle.judging.layout import CHECKED, INDEX, LIMIT, MEASURED, RATIO, STRUCTURAL_LEVELS, STRUCTURE, VIOLATED

MARGIN = 2.0**-30
"""As in the specification: between 1 - MARGIN and 1 + MARGIN it answers "undecided"."""

EVALUATION = 2.0**-51
"""Relative: a comparison of two results evaluated in float64 (two roundings each side)."""

_DIGITS, _FEW = 256, 48
_ALL_BUT_SIGN = (1 << 63) - 1
_INFINITY = np.inf


@inner
def _over(excess: float, slack: float) -> Any:
    return excess / slack if excess > 0.0 else 0.0


@outlined
def put(margin: float, name: int, level: int, j: int, ratio: float, out: Any) -> Any:
    """Enter the ratio of one number (or row); False where it is too near to 1."""
    counts, sizes = out.counts, out.sizes
    slot = STRUCTURE + STRUCTURAL_LEVELS * name + level
    if ratio != ratio:
        ratio = _INFINITY
    counts[slot, CHECKED] += 1
    if ratio > 1.0 + margin:
        counts[slot, VIOLATED] += 1
    elif ratio > 1.0 - margin:
        return False
    if ratio > sizes[slot, RATIO]:
        counts[slot, INDEX] = j
        sizes[slot, RATIO], sizes[slot, MEASURED] = ratio, ratio
    sizes[slot, LIMIT] = 1.0
    return True


@outlined
def sort_by_logit(x: Any, places: Any, keys: Any, spare: Any) -> None:
    """``places`` becomes the stable order of x, ascending: insertion for few, else by bytes of an order-preserving key."""
    n = x.size
    for j in range(n):
        bits = bits_of(x[j] + 0.0)  # -0 counts as 0
        keys[j] = bits ^ ((bits >> 63) & _ALL_BUT_SIGN)
        places[j] = j
    if n <= _FEW:
        for j in range(1, n):
            key, i = keys[j], j
            while i > 0 and keys[i - 1] > key:
                keys[i], places[i] = keys[i - 1], places[i - 1]
                i -= 1
            keys[i], places[i] = key, j
        return
    differing = np.int64(0)
    for j in range(n):
        differing |= keys[j] ^ keys[0]
    spare_keys, spare_places = spare[0], spare[1]
    starts = np.empty(_DIGITS, np.int64)
    for byte in range(8):
        if (differing >> (8 * byte)) & 255 == 0:
            continue
        bias = 128 if byte == 7 else 0
        starts[:] = 0
        for j in range(n):
            starts[(((keys[j] >> (8 * byte)) & 255) + bias) & 255] += 1
        total = 0
        for digit in range(_DIGITS):
            count = starts[digit]
            starts[digit] = total
            total += count
        for j in range(n):
            digit = (((keys[j] >> (8 * byte)) & 255) + bias) & 255
            spare_keys[starts[digit]], spare_places[starts[digit]] = keys[j], places[j]
            starts[digit] += 1
        keys[:n], places[:n] = spare_keys[:n], spare_places[:n]


@outlined
def _order_and_ties(x: Any, got: Any, limit: Any, places: Any, margin: float, level: int, out: Any) -> Any:
    reached, decided = -_INFINITY, True
    for i in range(x.size):
        j = places[i]
        g = got[j]
        certain = g - limit[j]
        if certain > reached:
            reached = certain
        decided &= put(margin, 2, level, j, _over(reached - g, limit[j] + EVALUATION * abs(g)), out)
        ratio, before = 0.0, places[i - 1]
        if i > 0 and x[before] == x[j]:
            slack = limit[j] + limit[before] + EVALUATION * abs(g)
            ratio = _over(abs(g - got[before]), slack)
        decided &= put(margin, 3, level, j, ratio, out)
    return decided


@outlined
def _sum_of_errors(name: int, got: Any, error: Any, limit: Any, margin: float, level: int, out: Any) -> Any:
    missing = size = slack = 0.0
    nan = False
    for j in range(got.size):
        nan |= got[j] != got[j]
        missing += error[j]
        size += abs(error[j])
        slack += limit[j]
    missing = abs(missing)
    known = got.size * 2.0**-52 * size
    if size < _INFINITY and abs(missing - slack) <= known:
        return False
    return put(margin, name, level, 0, np.nan if nan else _over(missing, slack), out)


@outlined
def _signs(got: Any, truth: Any, error: Any, limit: Any, label: int, margin: float, level: int, out: Any) -> Any:
    for j in range(got.size):
        g, size, most = got[j], abs(truth[j]), limit[j]
        towards = -g if j == label else g
        wrong = NO
        if g != g or towards <= 0.0:
            wrong = _exceeds(size, most, margin)
        if towards < 0.0 and wrong != YES:
            other = _exceeds(abs(g), most, margin)
            wrong = other if other != NO else wrong
        if wrong == UNDECIDED:
            return False
        ratio = max(abs(error[j]) / most, 2.0) if wrong == YES else 0.0
        put(margin, 0, level, j, ratio, out)
    return True


@inner
def _exceeds(size: float, limit: float, margin: float) -> Any:
    if size > limit * (1.0 + margin):
        return YES
    return NO if size <= limit * (1.0 - margin) else UNDECIDED


@outlined
def by_class(x: Any, got: Any, truth: Any, error: Any, limit: Any, places: Any, how: Any, out: Any) -> Any:
    """The structural properties of a row of numbers at one level; False where one of them is too near to its slack.

    ``how`` = (operation, level 0 for stable or 1 for sound, label, rows that the result is divided by, margin).
    """
    operation, level, label, rows, margin = how
    decided = True
    if operation == SOFTMAX:
        decided &= _sum_of_errors(0, got, error, limit, margin, level, out)
    if operation == SOFTMAX or operation == LOG_SOFTMAX:
        for j in range(got.size):
            if operation == LOG_SOFTMAX:
                ratio = _over(got[j], limit[j])
            else:
                ratio = _INFINITY if got[j] < 0.0 else _over(got[j] - 1.0, limit[j])
            decided &= put(margin, 1, level, j, ratio, out)
        return decided & _order_and_ties(x, got, limit, places, margin, level, out)
    decided &= _signs(got, truth, error, limit, label, margin, level, out)
    decided &= _sum_of_errors(1, got, error, limit, margin, level, out)
    for j in range(got.size):
        ratio = _over(abs(got[j]) - 1.0 / rows, limit[j] + EVALUATION / rows)
        decided &= put(margin, 2, level, j, ratio, out)
    return decided


@outlined
def of_number(operation: int, g: float, limit: float, once: Any, margin: float, level: int, out: Any) -> Any:
    """The structural property of a log-sum-exp, ``once`` = (max, log of the number of finite logits), or of a loss."""
    if operation == LOGSUMEXP:
        top, log_n = once
        slack = limit + EVALUATION * (abs(top) + log_n)
        above, below = _over(top - g, slack), _over(g - (top + log_n), slack)
        ratio = above if above != above or above > below else below
        if below != below:
            ratio = below
    else:
        ratio = _over(-g, limit)
    return put(margin, 0, level, 0, ratio, out)


assert math.log2(MARGIN) == -30
