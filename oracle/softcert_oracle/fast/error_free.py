"""Error-free transformations and double-double arithmetic, as compiled scalar functions.

A double-double is an unevaluated sum ``hi + lo`` with ``hi = RN(hi + lo)``. Bounds: Joldes, Muller, Popescu,
"Tight and rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44 (2017), cited
below as JMP; u = 2^-53. Every operation is an IEEE 754 one, the fused multiply-add included: LLVM takes the
processor's instruction, or the C library's correctly rounded ``fma`` where the processor has none.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from softcert_oracle.fast.jit import inner


@intrinsic  # type: ignore[untyped-decorator]
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c`` with one rounding (IEEE 754 fusedMultiplyAdd)."""
    signature = types.float64(types.float64, types.float64, types.float64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        function = builder.module.declare_intrinsic("llvm.fma", [double], ir.FunctionType(double, [double] * 3))
        return builder.call(function, arguments)

    return signature, generate


@intrinsic  # type: ignore[untyped-decorator]
def bits_of(typing_context: Any, value: Any) -> Any:
    """The 64 bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def from_bits(typing_context: Any, bits: Any) -> Any:
    """The float64 with these 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@inner
def power_of_two(n: int) -> Any:
    """2^n for ``-1000 <= n <= 1000``, and 0 below: what is smaller is counted in the bounds, not in the sums."""
    return from_bits((n + 1023) << 52) if n >= -1000 else 0.0


@inner
def two_sum(a: float, b: float) -> Any:
    """``s + e = a + b`` exactly, s = RN(a + b) (Møller, Knuth; JMP algorithm 2). Underflow is harmless."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@inner
def fast_two_sum(a: float, b: float) -> Any:
    """The same for ``|a| >= |b|`` or a = 0 (Dekker; JMP algorithm 1)."""
    s = a + b
    return s, b - (s - a)


@inner
def two_product(a: float, b: float) -> Any:
    """``p + e = a * b`` exactly, p = RN(a b) (JMP algorithm 3), unless the product is below 2^-968."""
    p = a * b
    return p, fma(a, b, -p)


@inner
def add(ah: float, al: float, bh: float, bl: float) -> Any:
    """Double-double sum, relative error <= 3u^2 + 13u^3 for any signs (JMP algorithm 6)."""
    sh, sl = two_sum(ah, bh)
    th, tl = two_sum(al, bl)
    vh, vl = fast_two_sum(sh, sl + th)
    return fast_two_sum(vh, tl + vl)


@inner
def multiply(ah: float, al: float, bh: float, bl: float) -> Any:
    """Double-double product, relative error <= 6u^2 (JMP algorithm 11)."""
    ch, cl = two_product(ah, bh)
    return fast_two_sum(ch, cl + fma(ah, bl, al * bh))


@inner
def reciprocal(bh: float, bl: float) -> Any:
    """Double-double ``1 / b``, relative error <= 10u^2 (one Newton step; derived in docs/oracle.md)."""
    q = 1.0 / bh
    delta = fma(-q, bh, 1.0) - q * bl
    return fast_two_sum(q, q * delta)
