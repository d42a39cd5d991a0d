"""The third witness: SymPy's own derivation turned into mpmath functions, for up to five classes.

Each operation is an expression obtained from the definition (the gradient and the Jacobian by differentiation),
cancelled to lowest terms as a rational function of e_k = exp(x_k), and turned into an mpmath function by
`lambdify`. Lowest terms have coefficients of one sign, so no digit cancels; log-sum-exp next to zero alone needs
more digits than asked for, and gets them by a loop that ends because the value is transcendental or exactly 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from numbers import Integral
from typing import Any

import mpmath
import sympy as sp

from softcert_oracle.errors import UsageError, unknown
from softcert_oracle.symbolic.definitions import CLASSES, definitions
from softcert_oracle.symbolic.rational import equal, fraction, weight

OPERATIONS = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "cross_entropy_grad", "jacobian")

LABELLED = ("cross_entropy", "cross_entropy_grad")
_log1p = sp.Function("log1p")  # log(1 + tau), which mpmath evaluates without losing tau

# A result passes through fewer than 2^6 roundings of relative error 2^-prec, each amplified at most by 2^2
# (quotients of sums of positive terms); 16 bits cover them twice over.
_GUARD_BITS = 16


def expressions(operation: str, classes: int) -> tuple[tuple[sp.Expr, ...], ...]:
    """The operation as expressions in logits x_k and weights e_k = exp(x_k), one row for each choice of a class.

    The choice is the label for cross_entropy and its gradient; for logsumexp the class that is taken out of the
    sum, log S = x_j + log1p(S/e_j - 1), which is the largest one; elsewhere there is a single row. A row has one
    entry, C entries, or C * C (Jacobian, by rows).
    """
    d = definitions(classes)
    log_p = [_log(p) for p in d.softmax]
    table: dict[str, Callable[[], Sequence[Sequence[sp.Expr]]]] = {
        "softmax": lambda: [[_lowest(p) for p in d.softmax]],
        "log_softmax": lambda: [log_p],
        "logsumexp": lambda: [[x - lp] for x, lp in zip(d.x, log_p, strict=True)],
        "cross_entropy": lambda: [[-lp] for lp in log_p],
        "cross_entropy_grad": lambda: [[_lowest(g) for g in d.gradient(y)] for y in range(classes)],
        "jacobian": lambda: [[_lowest(entry) for row in d.jacobian() for entry in row]],
    }
    if operation not in table:
        raise unknown("operation", operation, OPERATIONS)
    return tuple(tuple(row) for row in table[operation]())


def _lowest(expression: sp.Expr) -> sp.Expr:
    return fraction(expression).as_expr()


def _log(p: sp.Expr) -> sp.Expr:
    """Log of a probability as -log1p(tau), tau = 1/p - 1 in lowest terms: a sum of positive terms."""
    return -_log1p(_lowest(1 / p - 1))


def agrees_with_definition(classes: int) -> bool:
    """Whether the logarithmic forms are, as expressions, those of the definition (the rest is cancelled from it)."""
    d = definitions(classes)
    unfold = {weight(v): sp.exp(v) for v in d.x}
    pairs = [(row[0], d.logsumexp) for row in expressions("logsumexp", classes)]
    pairs += [(row[0], d.loss(y)) for y, row in enumerate(expressions("cross_entropy", classes))]
    return all(equal(e.replace(_log1p, lambda t: sp.log(1 + t)).subs(unfold), true).holds for e, true in pairs)


@cache
def lambdified(operation: str, classes: int) -> tuple[Callable[..., list[Any]], ...]:
    """mpmath functions of the C logits, one for each row of `expressions`, that return the flat list of results.

    They work at the precision of ``mpmath.mp``; logits are finite. Raises `UsageError` for an unknown operation or
    more than five classes.
    """
    if classes not in CLASSES:
        raise UsageError(
            f"classes={classes!r}: derivations are carried out for C = 1 to {CLASSES[-1]}; use mpmath beyond."
        )
    logits = definitions(classes).x
    arguments = [*logits, *(weight(v) for v in logits)]
    modules = [{"log1p": mpmath.log1p}, "mpmath"]

    def of_logits(f: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
        return lambda *x: [mpmath.mpf(v) for v in f(*x, *(mpmath.exp(v) for v in x))]

    rows = expressions(operation, classes)
    return tuple(of_logits(sp.lambdify(arguments, list(row), modules=modules, cse=True)) for row in rows)


def evaluate_finite(operation: str, row: Sequence[Any], label: int | None, digits: int) -> list[Any]:
    """The operation at one row of finite logits, as `softcert_oracle.symbolic.witness.evaluate` returns it.

    The arguments are those of `evaluate`, already checked.
    """
    wanted = -(-digits * 3322 // 1000) + 1  # log2(10) < 3.322
    with mpmath.workprec(max(wanted + _GUARD_BITS, _bits_to_hold(row))):
        if operation == "logsumexp":
            return [_logsumexp(row, wanted)]
        chosen = label if operation in LABELLED and label is not None else 0
        return lambdified(operation, len(row))[chosen](*(exact(v) for v in row))


def _logsumexp(row: Sequence[Any], wanted: int) -> Any:
    """x_j + log1p(tau_j) at the largest x_j; precision is doubled until what cancels leaves ``wanted`` bits."""
    top = max(range(len(row)), key=lambda k: exact(row[k]))
    while True:
        x = [exact(v) for v in row]
        value = lambdified("logsumexp", len(row))[top](*x)[0]
        if value == 0 and len(row) == 1:
            return value
        lost = mpmath.mag(x[top]) - mpmath.mag(value) if value != 0 and x[top] != 0 else 0
        if value != 0 and mpmath.mp.prec - max(lost, 0) >= wanted + _GUARD_BITS - 1:
            return value
        mpmath.mp.prec *= 2


def _bits_to_hold(row: Sequence[Any]) -> int:
    """A precision at which every logit is held exactly; for a quotient, to as many places as exp needs."""
    bits = 64
    for v in row:
        if isinstance(v, mpmath.mpf):
            bits = max(bits, int(v._mpf_[3]))
        elif isinstance(v, (Integral, Fraction)):
            bits = max(bits, abs(int(v)).bit_length() + 64)
    return bits


def exact(v: Any) -> Any:
    """A logit as an mpf of the same value, to the working precision for a quotient."""
    if isinstance(v, Fraction):
        # exp turns an absolute error of its argument into a relative one: the whole part costs its own bits
        with mpmath.extraprec(abs(int(v)).bit_length() + 8):
            return mpmath.mpf(v.numerator) / v.denominator
    if isinstance(v, Integral):
        return mpmath.mpf(int(v))
    return mpmath.mpf(v) if isinstance(v, mpmath.mpf) else mpmath.mpf(float(v))
