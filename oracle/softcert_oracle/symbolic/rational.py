"""Decisions about expressions in exponentials of the logits, exact and complete.

With e_k = exp(x_k) > 0 every derivative of softmax and of its loss is a rational function of the e_k.
Equality is decided in the field Q(e_1, ..., e_C), where a rational function has one normal form, and signs
by the coefficients of numerator and denominator. Equality of expressions with logarithms is decided by
their derivatives and one common value. What is not equal is refuted by exact numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.polys.fields import FracField

from softcert_oracle.symbolic.proof import Outcome

_PRIMES = (1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def weight(x: sp.Symbol) -> sp.Symbol:
    """The positive symbol that stands for exp(x)."""
    return sp.Symbol(f"e^{x.name}", positive=True)


def weighted(expression: sp.Expr) -> sp.Expr:
    """The expression with exp(x) replaced by its positive symbol, for every x inside an exponential."""
    inside = {s for call in expression.atoms(sp.exp) for s in call.exp.free_symbols}
    return expression.subs({x: sp.log(weight(x)) for x in inside})


def fraction(expression: sp.Expr) -> Any:
    """The expression as an element of the field of rational functions of its symbols, in lowest terms."""
    rational = weighted(sp.sympify(expression))
    generators = sorted(rational.free_symbols, key=lambda s: s.name) or [sp.Symbol("unused")]
    return FracField(generators, sp.QQ).from_expr(rational)


def equal(claimed: sp.Expr, true: sp.Expr, at: Mapping[sp.Symbol, Any] | None = None) -> Outcome:
    """Whether two expressions are equal for all real logits.

    ``at`` is a point to be tried first for a counterexample (values of the logits and other symbols).
    """
    claimed, true = sp.sympify(claimed), sp.sympify(true)
    gap = weighted(claimed - true)
    if gap.has(sp.log):
        if _equal_by_derivatives(claimed - true):
            return Outcome(True, "all derivatives of the difference cancel to 0, and so does its value at the origin")
        return Outcome(False, "the two sides differ", difference(claimed, true, at))
    if fraction(gap) == 0:
        return Outcome(True, "the difference cancels to 0 as a rational function of the exponentials")
    return Outcome(False, "the difference does not cancel", difference(claimed, true, at))


def _equal_by_derivatives(gap: sp.Expr) -> bool:
    """Equality on a connected domain: every partial derivative vanishes, and one value does.

    The origin of the logits and 1 for every other symbol is the point; logarithms of rationals there are
    compared exactly through their exponentials.
    """
    symbols = sorted(gap.free_symbols, key=lambda s: s.name)
    slopes = [weighted(sp.diff(gap, s)) for s in symbols]
    if any(slope.has(sp.log) or fraction(slope) != 0 for slope in slopes):
        return False  # a logarithm that is left is not shown to cancel; numbers must then tell the sides apart
    logits = {s for call in gap.atoms(sp.exp) for s in call.exp.free_symbols}
    value = gap.subs({s: 0 if s in logits else 1 for s in symbols})
    return bool(sp.cancel(sp.exp(sp.logcombine(sp.expand_log(value, force=True), force=True))) == 1)


def points(symbols: Sequence[sp.Symbol]) -> Iterator[dict[sp.Symbol, sp.Expr]]:
    """Small exact points: weights are positive integers (their logits, logarithms), other symbols integers."""
    n = len(symbols)
    for start, stride in ((0, 0), (0, 1), (1, 1), (2, 3), (3, 2), (5, 7)):
        yield {s: sp.Integer(_PRIMES[(start + stride * k) % len(_PRIMES)]) for k, s in enumerate(symbols)}
    for k in range(n):
        yield {s: sp.Integer(100 if i == k else 1) for i, s in enumerate(symbols)}
    for k in range(n):
        yield {s: sp.Rational(1, 100) if i == k else sp.Integer(1) for i, s in enumerate(symbols)}


def difference(claimed: sp.Expr, true: sp.Expr, at: Mapping[sp.Symbol, Any] | None = None) -> str:
    """Numbers at which the two expressions differ; `ArithmeticError` where none of the points shows it."""
    if at is not None:
        left, right = claimed.subs(at), true.subs(at)
        if abs(sp.N(left - right, 30)) > 1e-15:
            return f"at {place(at)}: the claim gives {number(left)}, the truth is {number(right)}"
    left, right = weighted(claimed), weighted(true)
    for point in points(sorted(left.free_symbols | right.free_symbols, key=lambda s: s.name)):
        a, b = left.subs(point), right.subs(point)
        if abs(sp.N(a - b, 30)) > 1e-15:
            return f"at {place(point)}: the claim gives {number(a)}, the truth is {number(b)}"
    raise ArithmeticError(f"neither equal nor seen to differ: {claimed} and {true}")


def positive(expression: sp.Expr, *, strict: bool = True) -> Outcome:
    """Whether a rational function of positive symbols is positive (or, not strict, not negative) everywhere.

    Proven by the signs of the coefficients of numerator and denominator, refuted by a point.
    """
    element = fraction(expression)
    if not all(s.is_positive for s in element.field.symbols if str(s) != "unused"):
        raise ArithmeticError(f"a sign is decided for positive symbols only: {expression}")
    numerator, denominator = element.numer.coeffs(), element.denom.coeffs()
    one_sign = all(c > 0 for c in denominator)
    if one_sign and all(c > 0 for c in numerator) and (numerator or not strict):
        sense = "positive" if numerator else "zero"
        return Outcome(True, f"after cancelling, all coefficients are positive, so it is {sense} everywhere")
    rational = weighted(sp.sympify(expression))
    for point in points(sorted(rational.free_symbols, key=lambda s: s.name)):
        value = rational.subs(point)
        if value < 0 or (strict and value == 0):
            return Outcome(False, "a value of the other sign exists", f"at {place(point)} it is {number(value)}")
    raise ArithmeticError(f"neither proven nor refuted: {expression} > 0")


def place(point: Mapping[sp.Symbol, Any]) -> str:
    """A point in words: ``e^x_1 = 1, e^x_2 = 3``; "every logit" where there is nothing to choose."""
    names, values = list(point), {sp.sympify(v) for v in point.values()}
    if len(names) > 4 and len(values) == 1:
        return f"{names[0]} = ... = {names[-1]} = {values.pop()}"
    return ", ".join(f"{s} = {sp.sympify(v)}" for s, v in point.items()) or "every logit"


def number(value: sp.Expr) -> str:
    """A number as people read it: an integer or a fraction as it is, else six significant digits."""
    value = sp.sympify(value)
    if value.is_Integer:
        return str(value)
    digits = f"{float(sp.N(value, 17)):.6g}"
    if value.is_Rational and value.q < 10_000:
        return f"{value} = {digits}"
    return digits
