"""The same derivatives for a symbolic number of classes C, with indexed sums.

SymPy differentiates sum_k exp(x_k) by x_j to sum_k exp(x_k) delta_jk; Kronecker's delta is summed out for
1 <= j <= C; after that the total S and Kronecker's delta are ordinary symbols of a rational function.
"""

from __future__ import annotations

import sympy as sp
from sympy.concrete.delta import deltasummation

from softcert_oracle.symbolic.mathml import mathml
from softcert_oracle.symbolic.proof import Outcome, Proof, prove

METHOD = "SymPy: differentiation of indexed sums for symbolic C, Kronecker's delta summed out over 1 to C"

C = sp.Symbol("C", integer=True, positive=True)
i, j, k, y = sp.symbols("i j k y", integer=True)
x = sp.IndexedBase("x", real=True)
S = sp.Symbol("S", positive=True)
TOTAL = sp.Sum(sp.exp(x[k]), (k, 1, C))


def closed(expression: sp.Expr) -> sp.Expr:
    """Sums over Kronecker's delta carried out (indices lie in 1..C), the sum of exponentials written S."""

    def summed(total: sp.Sum) -> sp.Expr:
        return deltasummation(total.function, total.limits[0], no_piecewise=True)

    with_delta = expression.replace(
        lambda e: isinstance(e, sp.Sum) and e.function.has(sp.KroneckerDelta), lambda e: summed(e)
    )
    return with_delta.subs(TOTAL, S)


def p(index: sp.Symbol) -> sp.Expr:
    """p_index with its sum written out."""
    return sp.exp(x[index]) / TOTAL


def vanishes(expression: sp.Expr) -> Outcome:
    """Whether an expression in exp(x_i), S and Kronecker's delta is 0 once it is expanded.

    delta_ij e^x_i = delta_ij e^x_j is used by replacing x_i by x_j wherever delta_ij multiplies it.
    """
    rest = sp.expand(sp.simplify(closed(expression)))
    delta = sp.KroneckerDelta(i, j)
    at_equal, apart = rest.coeff(delta, 1), rest.coeff(delta, 0)
    gap = sp.simplify(sp.expand(apart)) if not at_equal else None
    if gap is None:
        same = sp.simplify(at_equal.subs(i, j))
        gap = sp.simplify(apart) if same == 0 else same
    if gap == 0:
        return Outcome(True, "the difference simplifies to 0 for symbolic C")
    return Outcome(False, "the difference does not simplify to 0", f"what is left is {gap}")


def gradient() -> Proof:
    """d(-log p_y)/dx_j = p_j - delta_jy for any C."""
    derivative = sp.diff(-sp.log(p(y)), x[j])
    delta = sp.KroneckerDelta(j, y)
    pj = sp.Symbol("p_j")
    return prove(
        "For any number of classes C, the loss differentiated by x_j is p_j - δ_jy.",
        [("diff(-log(e^x_y / Σ e^x_k), x_j) - (p_j - δ_jy)", vanishes(derivative - (p(j) - delta)))],
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(sp.Symbol("L"), sp.Symbol("x_j")), pj - delta)),
    )


def jacobian() -> Proof:
    """dp_i/dx_j = p_i (delta_ij - p_j) for any C."""
    derivative = sp.diff(p(i), x[j])
    delta = sp.KroneckerDelta(i, j)
    pi, pj = sp.symbols("p_i p_j")
    return prove(
        "For any number of classes C, p_i differentiated by x_j is p_i (δ_ij - p_j).",
        [("diff(e^x_i / Σ e^x_k, x_j) - p_i (δ_ij - p_j)", vanishes(derivative - p(i) * (delta - p(j))))],
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(pi, sp.Symbol("x_j")), pi * (delta - pj))),
    )


def hessian() -> Proof:
    """The loss differentiated by x_i and x_j is p_i (delta_ij - p_j) for any C and any label."""
    second = sp.diff(sp.diff(-sp.log(p(y)), x[i]), x[j])
    delta = sp.KroneckerDelta(i, j)
    pi, pj = sp.symbols("p_i p_j")
    return prove(
        "For any number of classes C and any label, the Hessian of the loss is p_i (δ_ij - p_j).",
        [("diff(-log p_y, x_i, x_j) - p_i (δ_ij - p_j)", vanishes(second - p(i) * (delta - p(j))))],
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Derivative(sp.Symbol("L"), sp.Symbol("x_i"), sp.Symbol("x_j")), pi * (delta - pj))),
    )


def sums() -> Proof:
    """sum p = 1, sum of the gradient = 0, rows of the Hessian sum to 0, for any C."""

    def total(term: sp.Expr, index: sp.Symbol) -> sp.Expr:
        """Sum over the index, the factor 1/S drawn out, deltas summed out."""
        parts = sp.Add.make_args(sp.expand(closed(term)))
        out = sp.Integer(0)
        for part in parts:
            factor, inner = part.as_independent(index)
            whole = sp.Sum(inner.subs(index, k), (k, 1, C))
            out += factor * (closed(whole) if inner.has(sp.KroneckerDelta) else whole.subs(TOTAL, S))
        return out

    grad = p(j) - sp.KroneckerDelta(j, y)
    hess = p(i) * (sp.KroneckerDelta(i, j) - p(j))
    return prove(
        "For any number of classes, the probabilities sum to 1, the gradient and every row of the Hessian to 0.",
        [
            ("Σ_j p_j - 1", vanishes(total(p(j), j) - 1)),
            ("Σ_j (p_j - δ_jy)", vanishes(total(grad, j))),
            ("Σ_j p_i (δ_ij - p_j)", vanishes(total(hess, j))),
        ],
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Sum(sp.Symbol("p_j"), (j, 1, C)), 1)),
    )
