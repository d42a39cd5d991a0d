"""Rows of float64 computed in double-double and rounded once; also the second attempt at rows of narrower formats.

Values are pairs q = qh + ql times a power of two of their own, since e^d leaves float64's range before p does; their
relative errors are below 2^-96 + 2^-103 C/32 (docs/faithful.md, steps 3 to 6). A result whose interval holds a
rounding boundary marks its row, and the row goes to integers.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from softcert_implementations.bundled.faithful.arithmetic import (
    add,
    bits_of,
    divide,
    exp_scaled,
    fast_two_sum,
    from_bits,
    inline,
    log1p_pair,
    multiply,
    power_of_two,
    quotient_by_ln2,
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
from softcert_implementations.bundled.faithful.single import nearest

RELATIVE = 2.0**-96  # 1024 u^2 for p, L and the gradient, of which 293 are derived; the part that grows with C apart
PER_BLOCK = 2.0**-103  # 8 u^2 for each 32 classes: JMP's 3 u^2 an addition, where the sum enters twice
DEEPEST = -800.0  # e^-800 = 2^-1154 is below half the smallest subnormal, whatever it is divided by


@inline
def nearest_double(qh, ql, n, delta):  # type: ignore[no-untyped-def]
    """The float64 nearest to (qh + ql) 2^n > 0, n <= 0, and whether a relative error of delta could change it."""
    bound = power_of_two(min(max(-1022 - n, -1022), 200))
    base = bound if qh < bound else 0.0  # subnormal results: their spacing is that of [bound, 2 bound)
    a, w = fast_two_sum(base, qh) if base > 0.0 else (qh, 0.0)
    a, w = fast_two_sum(a, w + ql)
    slack = delta * a
    doubt = (a + (w + slack) != a) | (a + (w - slack) != a)
    return (a - base) * power_of_two(n >> 1) * power_of_two(n - (n >> 1)), doubt


@inline
def nearest_scaled(qh, ql, n, delta, half, normal):  # type: ignore[no-untyped-def]
    """As nearest_double, in the narrow format of `single.nearest`; float64 where half is 0."""
    scale = power_of_two(max(n, -1022))
    narrow, narrow_doubt = nearest(qh * scale, ql * scale, delta * (qh * scale), max(half, 1), normal)
    wide, wide_doubt = nearest_double(qh, ql, n, delta)
    return (wide if half == 0 else narrow), (wide_doubt if half == 0 else narrow_doubt)


@inline
def nearest_of_sum(dh, dl, lh, ll, slack, half, normal):  # type: ignore[no-untyped-def]
    """The float nearest to d + L, d > 0 exact, L >= 0 known to within slack, d + L normal; and the doubt.

    Where d lies on a rounding boundary and L is far below it, the sign of L decides: so three terms are kept.
    """
    a, b = two_sum(dh, lh)
    w, c = two_sum(dl, b)
    c += ll
    a, w = fast_two_sum(a, w)
    step = 1 if w > 0.0 or (w == 0.0 and c > 0.0) else -1
    neighbour = from_bits(bits_of(a) + step)
    gap = (0.5 * (neighbour - a) - w) - c  # from the value to the boundary; exact where it could matter
    beyond = gap * step < 0.0
    doubt = abs(gap) <= slack + 2.0**-50 * abs(c)
    narrow, narrow_doubt = nearest(a, w + c, slack, max(half, 1), normal)
    wide = neighbour if beyond else a
    return (wide if half == 0 else narrow), (doubt if half == 0 else narrow_doubt)


@njit(error_model="numpy", cache=True)
def log1p_scaled(th, tl, n):  # type: ignore[no-untyped-def]
    """(lh, ll, k) with log(1 + t 2^n) = (lh + ll) 2^k for t in [1/2, 2^40] and n <= 0; n = k where n is below -100."""
    if n < -100:
        lh, ll = fast_two_sum(th, tl - 0.5 * th * th * power_of_two(max(n, -1000)))
        return lh, ll, n
    scale = power_of_two(n)
    lh, ll = log1p_pair(th * scale, tl * scale)
    return lh, ll, 0


@njit(error_model="numpy", nogil=True, cache=True)
def rows_double(x, keys, labels, code, count, half, normal, out, losses, power, state):  # type: ignore[no-untyped-def]
    """One operation over the rows of x, as `single.rows_single`.

    x, out float64; keys the bits of x as int64; a loss is d (two numbers) + L (two numbers) 2^power. half = 0 rounds to
    float64.
    """
    m, c = x.shape
    mh = np.empty(c)
    ml = np.empty(c)
    exponents = np.empty(c, np.int64)
    sums = np.empty((2, LANES))
    relative = RELATIVE + PER_BLOCK * (c // LANES)
    for i in range(m):
        row = x[i]
        top, second = _two_largest(keys[i])
        maximum = from_bits(top ^ ((top >> 63) & 0x7FFFFFFFFFFFFFFF))
        runner_up = from_bits(second ^ ((second >> 63) & 0x7FFFFFFFFFFFFFFF))
        ties = 0  # terms that are 1 to 2^-1000
        for j in range(c):
            value = row[j]
            dh, dl = two_sum(value, -maximum)
            infinite = value == -math.inf
            clipped = dh < DEEPEST
            n, h, low = exp_scaled(DEEPEST if clipped else dh, 0.0 if clipped else dl)
            mh[j] = 0.0 if infinite else h
            ml[j] = 0.0 if infinite else low
            exponents[j] = n
            ties += 1 if (mh[j] == 1.0) & (ml[j] == 0.0) & (n == 0) else 0
        state[i] = DECIDED
        if ties == 0 or not math.isfinite(maximum):
            state[i] = SPECIAL
            continue
        # the rest is summed in units of its largest term, which may be far below float64's range
        unit = 0
        if ties == 1 and runner_up > -math.inf:
            unit = quotient_by_ln2(max(runner_up - maximum, DEEPEST))[1]
        rh, rl = _sum_of_rest(mh, ml, exponents, unit, sums)
        if not rh >= 0.0:
            state[i] = SPECIAL
            continue
        scale = power_of_two(max(unit, -1022))
        sh, sl = add(np.float64(ties), 0.0, rh * scale, rl * scale)
        th, tl = rh, rl
        if ties > 1:
            th, tl = add(np.float64(ties - 1), 0.0, rh, rl)
        if code in (SOFTMAX, GRADIENT):
            sh, sl = multiply(sh, sl, np.float64(count), 0.0)
            ih, il = divide(1.0, 0.0, sh, sl)
            target = out[i]
            unsure = 0
            for j in range(c):
                qh, ql = multiply(mh[j], ml[j], ih, il)
                r, doubt = nearest_scaled(qh, ql, exponents[j], relative, half, normal)
                target[j] = r
                unsure |= 1 if doubt else 0
            if code == GRADIENT:
                y = labels[i]
                if mh[y] != 1.0 or ml[y] != 0.0 or exponents[y] != 0:
                    own = power_of_two(max(exponents[y], -1022))
                    th, tl = add(rh * scale, rl * scale, -mh[y] * own, -ml[y] * own)
                    th, tl = add(np.float64(ties), 0.0, th, tl)
                    unit = 0
                qh, ql = multiply(th, tl, ih, il)
                r, doubt = nearest_scaled(qh, ql, unit, relative, half, normal)
                target[y] = 0.0 - r
                unsure |= 1 if doubt else 0
            state[i] = UNDECIDED if unsure else DECIDED
            continue
        lh, ll, k = log1p_scaled(th, tl, unit) if th > 0.0 else (0.0, 0.0, 0)
        # where L is below 2^-900 only its sign still matters beside another term
        near = k > -900
        scale = power_of_two(max(k, -1022))
        sticky_h = lh * scale if near else 2.0**-900
        sticky_l = ll * scale if near else 0.0
        slack = relative * sticky_h if near else 0.5 * sticky_h
        if code == LOG_SOFTMAX:
            zero, zero_doubt = nearest_scaled(lh, ll, k, relative, half, normal)
            target = out[i]
            unsure = 0
            for j in range(c):
                value = row[j]
                dh, dl = two_sum(maximum, -value)
                r, doubt = nearest_of_sum(dh, dl, sticky_h, sticky_l, slack, half=half, normal=normal)
                tie = dh == 0.0
                outside = dh == math.inf
                r = zero if tie else r
                doubt = zero_doubt if tie else doubt
                target[j] = -math.inf if outside else 0.0 - r
                unsure |= 1 if doubt and not outside else 0
            state[i] = UNDECIDED if unsure else DECIDED
        elif code == LOGSUMEXP:
            r, doubt = maximum, False
            if lh > 0.0 and maximum == 0.0:
                r, doubt = nearest_scaled(lh, ll, k, relative, half, normal)
            elif lh > 0.0:
                v, w = two_sum(maximum, sticky_h)
                v, w = fast_two_sum(v, w + sticky_l)
                sign = 1.0 if v > 0.0 else -1.0
                error = slack + 2.0**-105 * abs(v)
                if half == 0:
                    r, doubt = v, (v + (w + error) != v) or (v + (w - error) != v) or abs(v) < 2.0**-700
                else:
                    r, doubt = nearest(sign * v, sign * w, error, half, normal)
                    r *= sign
            out[i, 0] = r
            state[i] = UNDECIDED if doubt else DECIDED
        elif code == LOSS:
            dh, dl = two_sum(maximum, -row[labels[i]])
            losses[i, 0] = dh
            losses[i, 1] = 0.0 if dh == math.inf else dl
            losses[i, 2] = lh
            losses[i, 3] = ll
            power[i] = k
            if dh > 2.0**1000 and row[labels[i]] != -math.inf:
                state[i] = UNDECIDED


@njit(error_model="numpy", cache=True)
def _two_largest(keys):  # type: ignore[no-untyped-def]
    """The largest and the second largest different key of a row (keys are ordered as the floats are)."""
    top = np.int64(-(1 << 63))
    for j in range(keys.shape[0]):
        key = keys[j] ^ ((keys[j] >> 63) & 0x7FFFFFFFFFFFFFFF)
        top = max(top, key)
    second = np.int64(-0x7FF0000000000001)  # the key of -inf
    for j in range(keys.shape[0]):
        key = keys[j] ^ ((keys[j] >> 63) & 0x7FFFFFFFFFFFFFFF)
        second = max(second, key if key < top else second)
    return top, second


@njit(error_model="numpy", cache=True)
def _sum_of_rest(mh, ml, exponents, unit, sums):  # type: ignore[no-untyped-def]
    """The sum of the terms that are not the maximum, in units of 2^unit: LANES double-double lanes, then a tree.

    Terms of one sign: each addition is Dekker's, within 3 * 2^-106 (JMP, SloppyDWPlusDW).
    """
    c = mh.shape[0]
    lanes = min(LANES, c)
    high = sums[0]
    low = sums[1]
    for k in range(lanes):
        high[k] = 0.0
        low[k] = 0.0
    for start in range(0, c, LANES):
        bh = mh[start : start + LANES]
        bl = ml[start : start + LANES]
        bn = exponents[start : start + LANES]
        for k in range(bh.shape[0]):
            one = (bh[k] == 1.0) & (bl[k] == 0.0) & (bn[k] == 0)  # the maximum itself, exactly
            scale = power_of_two(min(max(bn[k] - unit, -1022), 2))
            s, t = two_sum(high[k], 0.0 if one else bh[k] * scale)
            high[k], low[k] = fast_two_sum(s, t + (low[k] + bl[k] * scale))
    width = lanes
    while width > 1:
        half = (width + 1) // 2
        for k in range(width - half):
            s, t = two_sum(high[k], high[k + half])
            high[k], low[k] = fast_two_sum(s, t + (low[k] + low[k + half]))
        width = half
    return high[0], low[0]
