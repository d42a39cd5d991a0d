"""What every correct softmax and loss has in common: sums, signs, order, symmetry, shift.

These are the statements behind the harness's structural properties, proven for C = 1 to 5 from the definition.
"""

from __future__ import annotations

from itertools import combinations, product

import sympy as sp

from softcert_oracle.symbolic.definitions import CLASSES, definitions
from softcert_oracle.symbolic.mathml import mathml
from softcert_oracle.symbolic.proof import Outcome, Proof, every, prove
from softcert_oracle.symbolic.rational import equal, positive, weight

METHOD = "SymPy: exact cancelling in Q(e^x_1, ..., e^x_C); signs by the coefficients in lowest terms; C = 1 to 5"
SEVERAL = tuple(n for n in CLASSES if n > 1)

_C, _j, _k = sp.symbols("C j k", integer=True, positive=True)
_pj, _gj = sp.symbols("p_j g_j")


def probabilities() -> Proof:
    """Positive, summing to one, below one from two classes on."""

    def decide(n: int) -> Outcome:
        p = definitions(n).softmax
        parts = [equal(sp.Add(*p), sp.Integer(1)), *(positive(v) for v in p)]
        parts += [positive(1 - v, strict=n > 1) for v in p]
        return every(parts, "Σ p = 1, each p_j > 0, each 1 - p_j > 0 (= 0 for a single class)")

    return prove(
        "Softmax is a probability distribution: positive, sum 1, and below 1 from two classes on.",
        ((f"C = {n}", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Sum(_pj, (_j, 1, _C)), 1), sp.StrictLessThan(0, _pj)),
    )


def gradient_signs() -> Proof:
    """The true class's derivative is negative, the others' positive, their sum 0."""

    def decide(n: int) -> Outcome:
        d = definitions(n)
        parts = []
        for y in range(n):
            g = d.gradient(y)
            parts.append(equal(sp.Add(*g), sp.Integer(0)))
            parts += [positive(-g[j] if j == y else g[j]) for j in range(n)]
        return every(parts, "Σ g = 0, g_y < 0, g_j > 0 for j other than y")

    return prove(
        "The gradient sums to 0; it is negative for the true class and positive for every other (two classes or more).",
        ((f"C = {n}, every label", decide(n)) for n in SEVERAL),
        method=METHOD,
        mathml=mathml(sp.Eq(sp.Sum(_gj, (_j, 1, _C)), 0)),
    )


def hessian_structure() -> Proof:
    """Symmetric, rows sum to 0, positive semidefinite by an identity of squares."""

    def decide(n: int) -> Outcome:
        d = definitions(n)
        h, p = d.hessian(0), d.softmax
        v = [sp.Symbol(f"v_{k + 1}") for k in range(n)]
        form = sp.Add(*(v[a] * h[a][b] * v[b] for a, b in product(range(n), repeat=2)))
        squares = sp.Add(*(p[a] * p[b] * (v[a] - v[b]) ** 2 for a, b in combinations(range(n), 2)))
        parts = [equal(sp.Add(*row), sp.Integer(0)) for row in h]
        parts += [equal(h[a][b], h[b][a]) for a, b in combinations(range(n), 2)]
        return every([*parts, equal(form, squares)], "rows sum to 0, symmetric, vᵀHv = Σ_{i<j} p_i p_j (v_i - v_j)²")

    i, j = sp.symbols("i j")
    vi, vj, pi, pj = sp.symbols("v_i v_j p_i p_j")
    form = sp.Sum(sp.Sum(vi * sp.Symbol("H_ij") * vj, (j, 1, _C)), (i, 1, _C))
    squares = sp.Sum(sp.Sum(pi * pj * (vi - vj) ** 2, (i, 1, j - 1)), (j, 1, _C))
    return prove(
        "The Hessian is symmetric, its rows sum to 0, and it is positive semidefinite: the loss is convex.",
        ((f"C = {n}", decide(n)) for n in SEVERAL),
        method=METHOD,
        mathml=mathml(sp.Eq(form, squares)),
    )


def shift() -> Proof:
    """softmax(x + c) = softmax(x), lse(x + c) = lse(x) + c, so the loss does not change."""
    c = sp.Symbol("c", real=True)

    def decide(n: int) -> Outcome:
        d = definitions(n)
        moved = {v: v + c for v in d.x}
        parts = [equal(v.subs(moved, simultaneous=True), v) for v in d.softmax]
        parts.append(equal(d.logsumexp.subs(moved, simultaneous=True), d.logsumexp + c))
        return every(parts, "softmax unchanged, log-sum-exp larger by c")

    x, f = sp.Symbol("x"), sp.Function("softmax")
    return prove(
        "Adding one constant to all logits changes no probability and no loss, and adds the constant to log-sum-exp.",
        ((f"C = {n}", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Eq(f(x + c), f(x), evaluate=False)),
    )


def order() -> Proof:
    """p_i - p_j has the sign of x_i - x_j."""

    def decide(n: int) -> Outcome:
        d = definitions(n)
        p, gap = d.softmax, sp.Symbol("h", positive=True)
        larger = {weight(d.x[0]): weight(d.x[1]) + gap}  # e^x_1 = e^x_2 + h, h > 0, says x_1 > x_2
        difference = (p[0] - p[1]).subs({v: sp.log(weight(v)) for v in d.x}).subs(larger)
        tie = (p[0] - p[1]).subs(d.x[0], d.x[1])
        return every([positive(difference), equal(tie, sp.Integer(0))], "x_1 > x_2 gives p_1 > p_2, a tie gives a tie")

    return prove(
        "Softmax keeps the order of the logits: the largest logit has the largest probability, and ties stay ties.",
        ((f"C = {n} (any pair, since softmax is symmetric in the classes)", decide(n)) for n in SEVERAL),
        method=METHOD,
        mathml=mathml(
            sp.Implies(
                sp.StrictGreaterThan(sp.Symbol("x_i"), sp.Symbol("x_j")),
                sp.StrictGreaterThan(sp.Symbol("p_i"), sp.Symbol("p_j")),
            )
        ),
    )


def logsumexp_bounds() -> Proof:
    """max x <= lse <= max x + log C."""

    def decide(n: int) -> Outcome:
        d = definitions(n)
        # Every other weight is top / (1 + h) with h >= 0; coefficients of one sign decide h = 0 as well.
        below = [sp.Symbol(f"h_{k + 1}", positive=True) for k in range(n - 1)]
        top = sp.Symbol("e_max", positive=True)
        total = top + sp.Add(*(top / (1 + h) for h in below))
        parts = [positive(total - top, strict=False), positive(n * top - total, strict=False)]
        parts.append(equal(sp.exp(d.logsumexp), d.total))
        return every(parts, "e^max <= Σ e^x_k <= C e^max, and log keeps the order")

    lse, most = sp.symbols("lse x_max")
    return prove(
        "Log-sum-exp lies between the largest logit and that plus log C.",
        ((f"C = {n}", decide(n)) for n in CLASSES),
        method=METHOD,
        mathml=mathml(sp.Le(most, lse), sp.Le(lse, most + sp.log(_C))),
    )
