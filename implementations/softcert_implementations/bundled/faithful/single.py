"""Rows of float32 (and of the 16-bit formats widened to it), computed in float64 and rounded once.

Every value is carried as a sum a + w with a proven bound delta on its error (2^-49 relative, docs/faithful.md, step 2);
where the interval of that width holds a rounding boundary, the row is marked and done again in double-double (Ziv).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from softcert_implementations.bundled.faithful.arithmetic import (
    LN2_1,
    LN2_2,
    bits_of,
    fma,
    from_bits,
    inline,
    log1p_pair,
    power_of_two,
    quotient_by_ln2,
    single_from_bits,
    two_sum,
)
from softcert_implementations.bundled.faithful.codes import (
    DECIDED,
    GRADIENT,
    LANES,
    LOG_SOFTMAX,
    LOGSUMEXP,
    LOSS,
    SOFTMAX,
    SPECIAL,
    UNDECIDED,
)

RELATIVE = 2.0**-49  # bound on the relative error of p, L and the gradient before rounding: 11.6 u derived, 16 u
DEEPEST = -700.0  # e^-700 = 2^-1010 vanishes beside every threshold of a format of 32 bits or fewer
_P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9, _P10, _P11, _P12, _P13 = (1 / math.factorial(k) for k in range(2, 14))


@inline
def exp_double(dh, dl):  # type: ignore[no-untyped-def]
    """exp(dh + dl) for -701 <= d <= 0 and |dl| <= ulp(dh), relative error below 2^-52."""
    nf, n = quotient_by_ln2(dh)
    r = fma(-nf, LN2_1, dh) + fma(-nf, LN2_2, dl)
    tail = _P8 + r * (_P9 + r * (_P10 + r * (_P11 + r * (_P12 + r * _P13))))
    poly = _P2 + r * (_P3 + r * (_P4 + r * (_P5 + r * (_P6 + r * (_P7 + r * tail)))))
    return (1.0 + fma(r * r, poly, r)) * power_of_two(n)


@inline
def nearest(v, w, delta, half, normal):  # type: ignore[no-untyped-def]
    """The float of the narrow format nearest to v + w >= 0, and whether an error of delta could change it.

    ``half`` is 2^(52 - p), half a unit of the format in units of the float64 significand; ``normal`` its smallest
    normal number, added below it so that the format's fixed spacing is the significand's there too.
    """
    base = normal if v < normal else 0.0
    a = v + base
    w += (base - a) + v  # exact: base is 0 or above v
    trunk = bits_of(a) & -(2 * half)
    gap = (a - from_bits(trunk | half)) + w
    up = 2 * half if gap > 0.0 else 0
    return from_bits(trunk + up) - base, abs(gap) <= delta + 2.0**-52 * abs(w)


@njit(error_model="numpy", nogil=True, cache=True)
def rows_single(x, keys, labels, code, count, half, normal, out, losses, state):  # type: ignore[no-untyped-def]
    """One operation over the rows of x.

    x (m, C) float32 and ``keys`` its bits as int32; labels (m,) int64; ``count`` the number of rows of the whole batch,
    by which gradients are divided. ``out`` (m, C) float32 for softmax, log_softmax and gradient, (m, 1) for logsumexp;
    ``losses`` (m, 4) the losses as d (two numbers, exact) + L (two numbers, accurate to RELATIVE). ``state`` (m,):
    DECIDED, UNDECIDED, SPECIAL (no finite maximum, or NaN: nothing written).
    """
    m, c = x.shape
    e = np.empty(c)
    sums = np.empty(LANES)
    errors = np.empty(LANES)
    for i in range(m):
        row = x[i]
        row_keys = keys[i]
        top = np.int64(-(1 << 40))
        for j in range(c):
            bits = np.int64(row_keys[j])
            top = max(top, bits ^ ((bits >> 31) & 0x7FFFFFFF))
        # keys are ordered as the floats are, and the map between them and the bits is its own inverse
        maximum = single_from_bits(top ^ ((top >> 31) & 0x7FFFFFFF))
        units = 0  # terms that are 1: the maxima, and what lies within 2^-54 of them
        for j in range(c):
            value = np.float64(row[j])
            dh, dl = two_sum(value, -maximum)
            infinite = value == -math.inf
            clipped = dh < DEEPEST
            term = exp_double(DEEPEST if clipped else dh, 0.0 if clipped else dl)
            term = 0.0 if infinite else term
            e[j] = term
            units += 1 if term == 1.0 else 0
        rest = _sum_of_rest(e, sums, errors)
        state[i] = DECIDED
        if not (rest >= 0.0) or units == 0:
            state[i] = SPECIAL
            continue
        others = rest + (units - 1)
        total = rest + units
        if code in (SOFTMAX, GRADIENT):
            inverse = 1.0 / (total * count)
            unsure = 0
            target = out[i]
            for j in range(c):
                p = e[j] * inverse
                r, doubt = nearest(p, 0.0, RELATIVE * p, half, normal)
                target[j] = r
                unsure |= 1 if doubt else 0
            if code == GRADIENT:
                y = labels[i]
                if e[y] < 1.0:
                    others = (rest - e[y]) + units
                g = others * inverse
                r, doubt = nearest(g, 0.0, RELATIVE * g, half, normal)
                target[y] = 0.0 - r
                unsure |= 1 if doubt else 0
            state[i] = UNDECIDED if unsure else DECIDED
            continue
        lh, ll = log1p_pair(others, 0.0) if others > 0.0 else (0.0, 0.0)
        slack = RELATIVE * lh
        if code == LOG_SOFTMAX:
            unsure = 0
            target = out[i]
            for j in range(c):
                value = np.float64(row[j])
                dh, dl = two_sum(maximum, -value)
                v, w = two_sum(dh, lh)
                r, doubt = nearest(v, w + (dl + ll), slack, half, normal)
                infinite = value == -math.inf
                target[j] = -math.inf if infinite else 0.0 - r
                unsure |= 1 if doubt and not infinite else 0
            state[i] = UNDECIDED if unsure else DECIDED
        elif code == LOGSUMEXP:
            v, w = two_sum(maximum, lh)
            w += ll
            r, doubt = nearest(abs(v), w if v > 0.0 else -w, slack, half, normal)
            out[i, 0] = r if v > 0.0 else 0.0 - r
            if lh == 0.0:
                out[i, 0] = maximum
            elif doubt:
                state[i] = UNDECIDED
        elif code == LOSS:
            dh, dl = two_sum(maximum, -np.float64(row[labels[i]]))
            losses[i, 0] = dh
            losses[i, 1] = 0.0 if dh == math.inf else dl
            losses[i, 2] = lh
            losses[i, 3] = ll


@njit(error_model="numpy", cache=True)
def _sum_of_rest(e, sums, errors):  # type: ignore[no-untyped-def]
    """The sum of the terms below 1, in LANES compensated lanes, then a tree: relative error below 2^-52 of its own."""
    c = e.shape[0]
    lanes = min(LANES, c)
    for k in range(lanes):
        sums[k] = 0.0
        errors[k] = 0.0
    for start in range(0, c, LANES):
        block = e[start : start + LANES]
        for k in range(block.shape[0]):
            term = block[k]
            s, t = two_sum(sums[k], 0.0 if term == 1.0 else term)
            sums[k] = s
            errors[k] += t
    width = lanes
    while width > 1:
        half = (width + 1) // 2
        for k in range(width - half):
            s, t = two_sum(sums[k], sums[k + half])
            sums[k] = s
            errors[k] += errors[k + half] + t
        width = half
    return sums[0] + errors[0]
