"""Error-free transformations and the double-double exponential and logarithm that the kernels share.

Only IEEE additions, multiplications, divisions and fused multiply-adds: the error bounds stand in docs/faithful.md
and follow Dekker (1971), Knuth (TAOCP 2, 4.2.2) and Joldes, Muller, Popescu (ACM TOMS 44, 2017). The exponential is
table-free (Taylor polynomial of r/16, squared four times as expm1), unlike the oracle's, so the two err apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic as _intrinsic

intrinsic: Callable[[Callable[..., Any]], Any] = _intrinsic
inline: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(inline="always", error_model="numpy")


@intrinsic
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c`` rounded once (a hardware instruction, or libm's exact emulation)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic("llvm.fma", [double], ir.FunctionType(double, [double] * 3))
        return builder.call(function, arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def bits_of(typing_context: Any, value: Any) -> Any:
    """The 64 bits of a float64, as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def from_bits(typing_context: Any, value: Any) -> Any:
    """The float64 with these 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def single_from_bits(typing_context: Any, value: Any) -> Any:
    """The float32 whose bits are the lower 32 of an int64, as float64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        single = builder.bitcast(builder.trunc(arguments[0], ir.IntType(32)), ir.FloatType())
        return builder.fpext(single, ir.DoubleType())

    return types.float64(types.int64), generate


@inline
def power_of_two(n):  # type: ignore[no-untyped-def]
    """2^n for -1022 <= n <= 1023, by its bits."""
    return from_bits((n + 1023) << 52)


@inline
def two_sum(a, b):  # type: ignore[no-untyped-def]
    """(s, t) with s = RN(a + b) and s + t = a + b exactly (Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@inline
def fast_two_sum(a, b):  # type: ignore[no-untyped-def]
    """As two_sum, for a = 0 or |a| >= |b| (Dekker)."""
    s = a + b
    return s, b - (s - a)


@inline
def two_product(a, b):  # type: ignore[no-untyped-def]
    """(p, e) with p = RN(a b) and p + e = a b exactly, where nothing underflows."""
    p = a * b
    return p, fma(a, b, -p)


@inline
def multiply(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Product of two double-doubles, relative error below 6 * 2^-106 (JMP, DWTimesDW2)."""
    p, e = two_product(ah, bh)
    return fast_two_sum(p, e + fma(ah, bl, al * bh))


@inline
def add(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Sum of two double-doubles of any signs, relative error below 3.1 * 2^-106 (JMP, AccurateDWPlusDW)."""
    s, e = two_sum(ah, bh)
    t, f = two_sum(al, bl)
    s, e = fast_two_sum(s, e + t)
    return fast_two_sum(s, e + f)


@inline
def divide(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Quotient of two double-doubles, relative error below 12 * 2^-106 (docs/faithful.md, step 4)."""
    q = ah / bh
    r = fma(-q, bh, ah)  # exact
    return fast_two_sum(q, (r + (al - q * bl)) / bh)


# ln 2 in three parts: 42 + 42 bits, so that n times a part is exact for |n| < 2^11, and the rest to 2^-144.
LN2_1 = float.fromhex("0x1.62e42fefa3800p-1")
LN2_2 = float.fromhex("0x1.ef35793c76800p-45")
LN2_3 = float.fromhex("-0x1.9ff0342542fc3p-90")
LOG2_E = float.fromhex("0x1.71547652b82fep+0")
ROUND = 1.5 * 2.0**52  # adding and taking it away rounds to the nearest integer, |value| < 2^51

# 1/k! for k = 3..7, the part of each that float64 leaves over (exact quotients: 1/k! - RN(1/k!), rounded).
C3, C3L = 1 / 6, float.fromhex("0x1.5555555555555p-57")
C4, C4L = 1 / 24, float.fromhex("0x1.5555555555555p-59")
C5, C5L = 1 / 120, float.fromhex("0x1.1111111111111p-63")
C6, C6L = 1 / 720, float.fromhex("-0x1.f49f49f49f49fp-65")
C7, C7L = 1 / 5040, float.fromhex("0x1.a01a01a01a01ap-73")
C8, C9, C10, C11, C12, C13 = (1 / math.factorial(k) for k in range(8, 14))


@inline
def quotient_by_ln2(d):  # type: ignore[no-untyped-def]
    """The integer nearest to d / ln 2 (to within a little over half), as float64 and as int64."""
    shifted = d * LOG2_E + ROUND
    n = shifted - ROUND
    return n, bits_of(shifted) - bits_of(ROUND)


@inline
def horner_step(ch, cl, th, tl, ah, al):  # type: ignore[no-untyped-def]
    """c + t a in double-double, for |t a| <= |c|."""
    p, e = two_product(th, ah)
    s, f = fast_two_sum(ch, p)
    return s, f + (cl + (e + fma(th, al, tl * ah)))


@inline
def expm1_reduced(rh, rl):  # type: ignore[no-untyped-def]
    """exp(r) - 1 for |r| <= 0.347, relative error below 2^-101.5 (docs/faithful.md, step 3)."""
    th, tl = rh * 0.0625, rl * 0.0625
    tail = th * (C8 + th * (C9 + th * (C10 + th * (C11 + th * (C12 + th * C13)))))
    ah, al = fast_two_sum(C7, tail)
    al += C7L
    ah, al = horner_step(C6, C6L, th, tl, ah, al)
    ah, al = horner_step(C5, C5L, th, tl, ah, al)
    ah, al = horner_step(C4, C4L, th, tl, ah, al)
    ah, al = horner_step(C3, C3L, th, tl, ah, al)
    ah, al = horner_step(0.5, 0.0, th, tl, ah, al)
    ah, al = fast_two_sum(ah, al)
    ah, al = multiply(ah, al, th, tl)
    ah, al = multiply(ah, al, th, tl)
    qh, f = fast_two_sum(th, ah)
    qh, ql = fast_two_sum(qh, f + (tl + al))
    for _ in range(4):  # expm1(2t) = 2 expm1(t) + expm1(t)^2
        p, e = two_product(qh, qh)
        s, f = fast_two_sum(2.0 * qh, p)
        qh, ql = fast_two_sum(s, f + (2.0 * ql + fma(2.0 * qh, ql, e)))
    return qh, ql


@inline
def reduced(dh, dl):  # type: ignore[no-untyped-def]
    """(n, rh, rl) with d = n ln 2 + r, |r| <= 0.347, r exact to 2^-106; for |d| < 1024."""
    nf, n = quotient_by_ln2(dh)
    r = fma(-nf, LN2_1, dh)  # exact: both are multiples of 2^-54 and the difference is below 1/2
    rh, e = two_sum(r, -nf * LN2_2)  # the product is exact
    rh, f = two_sum(rh, dl)
    rh, rl = fast_two_sum(rh, (e + f) - nf * LN2_3)
    return n, rh, rl


@inline
def exp_scaled(dh, dl):  # type: ignore[no-untyped-def]
    """(n, mh, ml) with exp(d) = 2^n m, 0.7 < m < 1.42, relative error below 13 * 2^-106; for |d| < 1024."""
    n, rh, rl = reduced(dh, dl)
    qh, ql = expm1_reduced(rh, rl)
    mh, f = fast_two_sum(1.0, qh)
    mh, ml = fast_two_sum(mh, f + ql)
    return n, mh, ml


@njit(error_model="numpy", cache=True)
def log1p_pair(th, tl):  # type: ignore[no-untyped-def]
    """log(1 + t) for a double-double t >= 2^-900, relative error below 2^-98.

    Below 2^-60 the series t - t^2/2. Else y = log1p(t) from libm, mended by the residual: log(1 + t) = y + log1p(z)
    with z = (t - expm1(y)) / exp(y), taken again until z is at most 2^-48 y, so that nothing is believed of libm.
    """
    if th < 2.0**-60:
        return fast_two_sum(th, tl - 0.5 * th * th)
    y = math.log1p(th)
    z = 0.0
    for _ in range(50):
        n, rh, rl = reduced(y, 0.0)
        eh, el = expm1_reduced(rh, rl)
        if n != 0:
            scale = power_of_two(n)
            mh, f = fast_two_sum(1.0, eh)
            mh, ml = fast_two_sum(mh, f + el)
            eh, f = two_sum(mh * scale, -1.0)
            eh, el = fast_two_sum(eh, f + ml * scale)
        z = ((th - eh) + (tl - el)) / (1.0 + eh)
        if abs(z) <= 2.0**-48 * y:
            return fast_two_sum(y, z - 0.5 * z * z)
        y += z
    return math.nan, math.nan
