"""Limits at infinity: why the special-value table says what it says.

A logit that goes to +inf or -inf is a weight e_k that goes to infinity or to 0; SymPy takes the limit of the
rational function. Where two ways of going there give different limits, the value is undefined (NaN).
"""

from __future__ import annotations

import sympy as sp

from softcert_oracle.symbolic.definitions import definitions
from softcert_oracle.symbolic.mathml import mathml
from softcert_oracle.symbolic.proof import Outcome, Proof, every, prove
from softcert_oracle.symbolic.rational import weighted

METHOD = "SymPy: limit, C = 3 (the others' sum stands for any number of classes)"

_D = definitions(3)
_P = _D.softmax
_a, _b = _D.x[1], _D.x[2]
_c = sp.Symbol("c", real=True)
_t = sp.Symbol("t", positive=True)
_T = sp.Symbol("T", positive=True)


def tends(expression: sp.Expr, variable: sp.Symbol, to: sp.Expr, value: sp.Expr) -> Outcome:
    """Whether the limit of the expression, as the variable goes there, is that value."""
    actual = sp.limit(expression, variable, to)
    gap = sp.simplify(weighted(actual - value)) if actual.is_finite is not False else actual - value
    if actual == value or gap == 0:
        return Outcome(True, f"limit {actual if actual.is_number else value}")
    return Outcome(False, "another limit", f"the limit is {actual}, not {value}")


def one_plus_infinity() -> Proof:
    """A single +inf: one-hot."""
    x = _D.x[0]
    parts = [
        ("p_1 -> 1", tends(_P[0], x, sp.oo, sp.Integer(1))),
        ("p_2 -> 0", tends(_P[1], x, sp.oo, sp.Integer(0))),
        ("loss of label 1 -> 0", tends(_D.loss(0), x, sp.oo, sp.Integer(0))),
        ("loss of label 2 -> inf", tends(_via(_D.loss(1), x), _e(x), sp.oo, sp.oo)),
        ("log-sum-exp -> inf", tends(_via(_D.logsumexp, x), _e(x), sp.oo, sp.oo)),
        ("gradient for label 2, class 1 -> 1", tends(_D.gradient(1)[0], x, sp.oo, sp.Integer(1))),
        ("gradient for label 2, class 2 -> -1", tends(_D.gradient(1)[1], x, sp.oo, sp.Integer(-1))),
    ]
    return prove(
        "One logit at +inf: softmax is one-hot, log-sum-exp inf, the loss 0 for that label and inf for any other.",
        parts,
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Limit(sp.Symbol("p_1"), sp.Symbol("x_1"), sp.oo), 1)),
    )


def several_plus_infinities() -> Proof:
    """Two logits at +inf: their shares depend on the way, the rest is 0."""
    together = {_D.x[0]: _t, _D.x[1]: _t + _c}
    share = 1 / (1 + sp.exp(_c))
    parts = [
        ("x_1 = t, x_2 = t + c: p_1 -> 1/(1 + e^c)", tends(_P[0].subs(together), _t, sp.oo, share)),
        ("1/(1 + e^c) depends on c", _depends(share, _c)),
        ("p_3 -> 0 whatever c is", tends(_P[2].subs(together), _t, sp.oo, sp.Integer(0))),
        ("log-sum-exp -> inf", tends(_D.logsumexp.subs(together).subs({_c: 0, _b: 0}), _t, sp.oo, sp.oo)),
    ]
    return prove(
        "Several logits at +inf: their probabilities are undefined (NaN), the others' are 0, log-sum-exp is inf.",
        parts,
        method=METHOD,
    )


def minus_infinity() -> Proof:
    """A logit at -inf beside finite ones: it is as if the class were not there."""
    x, two = _D.x[0], definitions(2)
    rest = dict(zip(two.x, (_a, _b), strict=True))
    parts = [
        ("p_1 -> 0", tends(_P[0], x, -sp.oo, sp.Integer(0))),
        ("p_2 -> softmax of the others", tends(_P[1], x, -sp.oo, two.softmax[0].subs(rest, simultaneous=True))),
        ("log-sum-exp -> that of the others", tends(_D.logsumexp, x, -sp.oo, sp.log(sp.exp(_a) + sp.exp(_b)))),
        ("loss of label 1 -> inf", tends(_via(_D.loss(0), x), _e(x), sp.Integer(0), sp.oo)),
        ("gradient for label 1, class 1 -> -1", tends(_D.gradient(0)[0], x, -sp.oo, sp.Integer(-1))),
        ("gradient for label 1, class 2 -> p_2", tends(_D.gradient(0)[1] - _P[1], x, -sp.oo, sp.Integer(0))),
        ("0 · log p_1 -> 0 for a soft target of 0", tends(0 * sp.log(_P[0]), x, -sp.oo, sp.Integer(0))),
    ]
    return prove(
        "A logit at -inf beside finite ones counts as a class that is not there; a label on it has an infinite loss.",
        parts,
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Limit(sp.Symbol("p_1"), sp.Symbol("x_1"), -sp.oo), 0)),
    )


def all_minus_infinity() -> Proof:
    """Every logit at -inf: log-sum-exp is -inf, softmax depends on the way."""
    down = {_D.x[0]: -_t, _D.x[1]: -_t + _c, _D.x[2]: -_t}
    share = 1 / (2 + sp.exp(_c))
    log_total = -_t + sp.log(3)  # of three logits at -t
    parts = [
        ("x = (-t, -t + c, -t): p_1 -> 1/(2 + e^c)", tends(_P[0].subs(down), _t, sp.oo, share)),
        ("1/(2 + e^c) depends on c", _depends(share, _c)),
        ("lse(-t, -t, -t) = log 3 - t", _same_exponential(_D.logsumexp.subs(dict.fromkeys(_D.x, -_t)), log_total)),
        ("log 3 - t -> -inf", tends(log_total, _t, sp.oo, -sp.oo)),
    ]
    return prove(
        "All logits at -inf: probabilities and loss are undefined (NaN), log-sum-exp is -inf.", parts, method=METHOD
    )


def temperature() -> Proof:
    """softmax(x / T) for T to 0 and to infinity."""
    gap = sp.Symbol("d", positive=True)  # how far the other logits lie below the largest
    parts = []
    for ties in (1, 2, 3):
        x = [sp.Integer(0)] * ties + [-gap] * (3 - ties)
        p = [sp.exp(v / _T) / sp.Add(*(sp.exp(w / _T) for w in x)) for v in x]
        parts.append(
            (f"T -> 0, {ties} of 3 at the maximum: 1/{ties} each", tends(p[0], _T, sp.Integer(0), sp.Rational(1, ties)))
        )
        if ties < 3:
            parts.append(("T -> 0, below the maximum: 0", tends(p[-1], _T, sp.Integer(0), sp.Integer(0))))
        parts.append(("T -> inf: 1/3 each", every((tends(v, _T, sp.oo, sp.Rational(1, 3)) for v in p), "limit 1/3")))
    return prove(
        "Temperature: T to 0 gives 1/k on k ties at the maximum and 0 elsewhere, T to inf gives 1/C.",
        parts,
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Limit(sp.Function("softmax")(sp.Symbol("x") / _T), _T, sp.oo), 1 / sp.Symbol("C"))),
    )


def one_class() -> Proof:
    """A single class: 1, 0, x, 0."""
    d = definitions(1)
    values = [(d.softmax[0], 1), (d.logsumexp, d.x[0]), (d.loss(0), 0), (d.gradient(0)[0], 0)]
    outcome = every(
        (Outcome(sp.simplify(a - b) == 0, "equal", f"{a} is not {b}") for a, b in values),
        "SymPy simplifies softmax to 1, log-sum-exp to x, loss and gradient to 0",
    )
    return prove(
        "One class: softmax is 1, its log 0, log-sum-exp x, loss and gradient 0.", [("C = 1", outcome)], method="SymPy"
    )


def _depends(expression: sp.Expr, variable: sp.Symbol) -> Outcome:
    at = [sp.simplify(expression.subs(variable, v)) for v in (0, sp.log(2))]
    return Outcome(at[0] != at[1], f"c = 0 gives {at[0]}, c = log 2 gives {at[1]}", f"both give {at[0]}")


def _same_exponential(a: sp.Expr, b: sp.Expr) -> Outcome:
    return Outcome(sp.simplify(sp.exp(a) - sp.exp(b)) == 0, "their exponentials are equal", f"{a} is not {b}")


def _e(x: sp.Symbol) -> sp.Symbol:
    return sp.Symbol(f"e^{x.name}", positive=True)


def _via(expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The expression in the weight of x, the other logits at 0 (they only move the finite part)."""
    return expression.subs({x: sp.log(_e(x)), _a: 0, _b: 0})
