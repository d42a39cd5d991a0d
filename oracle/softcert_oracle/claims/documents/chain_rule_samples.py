"""Claims of seed 004 on several samples: their likelihood, its logarithm, and the derivative of the mean loss."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import factorial, prod

import sympy as sp

from softcert_oracle.claims.arguments import Form, J, L, delta, equal, every, i, j, m, named
from softcert_oracle.claims.claim import EXACT, Claim, Parts, Thesis
from softcert_oracle.symbolic.proof import Outcome

_Like = sp.Symbol("Λ")
_SAMPLES = (3, 2, 2)  # true classes 4, 3, 3 of the document's three observations


def _likelihood(targets: Sequence[Sequence[int]]) -> Parts:
    """p_4 p_3 p_3 of three samples against the product over samples and classes of p^t."""
    p = [[sp.Symbol(f"p_{c + 1}^{s + 1}", positive=True) for c in range(4)] for s in range(3)]
    single = sp.Mul(*(p[s][y] for s, y in enumerate(_SAMPLES)))
    whole = sp.Mul(*(p[s][c] ** targets[s][c] for s in range(3) for c in range(4)))
    yield "three samples, four classes, true classes 4, 3, 3", equal(whole, single)


_ONE_HOT = tuple(tuple(int(c == y) for c in range(4)) for y in _SAMPLES)


def _multinomial(p: Sequence[Sequence[Fraction]]) -> Parts:
    """P(class counts of three samples) against 3! / Π n_j! times the likelihood, for each outcome of three classes."""
    outcomes = []
    for labels in product(range(3), repeat=3):
        counts = [labels.count(c) for c in range(3)]
        same = (o for o in product(range(3), repeat=3) if [o.count(c) for c in range(3)] == counts)
        true = sum((prod((p[s][y] for s, y in enumerate(o)), start=Fraction(1)) for o in same), start=Fraction(0))
        factor = Fraction(factorial(3), prod(factorial(c) for c in counts))
        claimed = factor * prod((p[s][y] for s, y in enumerate(labels)), start=Fraction(1))
        shown = (
            f"classes {[y + 1 for y in labels]}: the claim gives {claimed}, the probability of these counts is {true}"
        )
        outcomes.append(Outcome(claimed == true, "equal fractions", shown))
    text = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in p)
    yield f"three samples with p = {text}", every(outcomes, "every outcome")


_DIFFERENT = tuple(tuple(Fraction(v, 4) for v in row) for row in ((2, 1, 1), (1, 2, 1), (1, 1, 2)))
_COMMON = (_DIFFERENT[0],) * 3


def _log_likelihood(form: Form) -> Parts:
    """-log of the product of three samples' likelihoods against a form of the single losses."""
    single = sp.symbols("Λ_1:4", positive=True)
    yield "-log(Λ_1 Λ_2 Λ_3)", equal(form([-sp.log(v) for v in single]), -sp.log(sp.Mul(*single)))


def _mean_gradient(form: Form, by: str) -> Parts:
    """J = (1/m) Σ L of two samples (classes 4 and 3) by a sample's own outputs, or by a bias that all share."""
    samples = [named(f"f^{s + 1}", 1, 4) for s in range(2)]
    bias = [sp.Symbol(f"b_{c + 1}", real=True) for c in range(4)]
    cost = sp.Add(*(d.loss(y) for d, y in zip(samples, _SAMPLES[:2], strict=True))) / 2
    g = [[d.softmax[c] - delta(c, y) for c in range(4)] for d, y in zip(samples, _SAMPLES[:2], strict=True)]
    outcomes = []
    for c in range(4):
        if by == "sample":
            outcomes += [equal(form(g, s, c), sp.diff(cost, d.x[c])) for s, d in enumerate(samples)]
        else:
            shifted = cost.subs({v: v + b for d in samples for v, b in zip(d.x, bias, strict=True)}, simultaneous=True)
            slope = sp.diff(shifted, bias[c]).subs(dict.fromkeys(bias, 0))
            outcomes.append(equal(form(g, 0, c), slope))
    yield f"two samples, four classes, by the {by}", every(outcomes, "cancels")


def _sum_gradient(form: Form) -> Parts:
    """Σ L of two samples (classes 4 and 3), differentiated by a bias that both share, against form(the two slopes)."""
    samples = [named(f"f^{s + 1}", 1, 4) for s in range(2)]
    losses = [d.loss(y) for d, y in zip(samples, _SAMPLES[:2], strict=True)]
    outcomes = []
    for c in range(4):
        bias = sp.Symbol(f"b_{c + 1}", real=True)
        moved = [loss.subs(d.x[c], d.x[c] + bias) for loss, d in zip(losses, samples, strict=True)]
        slopes = [sp.diff(loss, bias).subs(bias, 0) for loss in moved]
        outcomes.append(equal(form(slopes), sp.diff(sp.Add(*moved), bias).subs(bias, 0)))
    yield "two samples, four classes, by a shared bias", every(outcomes, "cancels")
    single = [d.gradient(y) for d, y in zip(samples, _SAMPLES[:2], strict=True)]
    own = (equal(sp.diff(sp.Add(*losses), v), single[s][c]) for s, d in enumerate(samples) for c, v in enumerate(d.x))
    yield "by a sample's own outputs, on which its own loss alone depends", every(own, "cancels")


def _mean_over_samples(g: list[list[sp.Expr]], s: int, c: int) -> sp.Expr:
    return sp.Add(*(row[c] for row in g)) / 2


def _own_share(g: list[list[sp.Expr]], s: int, c: int) -> sp.Expr:
    return g[s][c] / 2


def _both_gradients() -> Parts:
    yield from _mean_gradient(_own_share, "sample")
    yield from _mean_gradient(_mean_over_samples, "shared bias")


_likelihood_formula = sp.Eq(
    _Like, sp.Product(sp.Product(sp.Symbol("p_j^i") ** sp.Symbol("t_j^i"), (j, 1, 4)), (i, 1, m))
)

CLAIMS = (
    Claim(
        id="004-4",
        quote=r"\prod_{i=1}^m \prod_{j=1}^{\text{num classes}} (p_j^{(i)})^{t_j^{(i)}}",
        verdict="proved",
        claimed=Thesis(
            "The likelihood p_4 p_3 p_3 of the three samples is the product over samples and classes of p^t.",
            lambda: _likelihood(_ONE_HOT),
            formulas=(_likelihood_formula,),
        ),
        mutant=Thesis("with the first target at class 3", lambda: _likelihood((_ONE_HOT[1], *_ONE_HOT[1:]))),
    ),
    Claim(
        id="004-5",
        quote="just a multinomial pdf without the normalization factor",
        verdict="corrected",
        claimed=Thesis(
            "The likelihood is a multinomial probability of the class counts, without its factor m! / Π n_j!.",
            lambda: _multinomial(_DIFFERENT),
            formulas=(),
            method=EXACT,
        ),
        correction=Thesis(
            "That holds when all samples have the same p; otherwise the likelihood is a product of categorical "
            "probabilities (multinomial with one trial each, factor 1). It is a mass function, not a density.",
            lambda: _multinomial(_COMMON),
            formulas=(_likelihood_formula,),
            method=EXACT,
        ),
    ),
    Claim(
        id="004-15",
        quote="log likelihood is the sum of the individual log likelihoods",
        verdict="proved",
        claimed=Thesis(
            "The negative log-likelihood of independent samples is the sum of their losses.",
            lambda: _log_likelihood(lambda losses: sp.Add(*losses)),
            formulas=(sp.Eq(L, sp.Sum(sp.Symbol("L^i"), (i, 1, m))),),
        ),
        mutant=Thesis("it is their mean", lambda: _log_likelihood(lambda losses: sp.Add(*losses) / 3)),
    ),
    Claim(
        id="004-16",
        quote=r"\frac{1}{m} \sum_{i=1}^m (p^{(i)} - t^{(i)})",
        verdict="corrected",
        claimed=Thesis(
            "For m samples the derivative of J by the outputs is (1/m) Σ (p - t).",
            lambda: _mean_gradient(_mean_over_samples, "sample"),
            formulas=(
                sp.Eq(sp.Derivative(J, sp.Symbol("f")), sp.Sum(sp.Symbol("p^i") - sp.Symbol("t^i"), (i, 1, m)) / m),
            ),
        ),
        correction=Thesis(
            "By sample i's own outputs it is (p - t)/m of that sample; (1/m) Σ (p - t) is the derivative by a bias "
            "that all samples share.",
            _both_gradients,
            formulas=(
                sp.Eq(sp.Derivative(J, sp.Symbol("f^i")), (sp.Symbol("p^i") - sp.Symbol("t^i")) / m),
                sp.Eq(sp.Derivative(J, sp.Symbol("b")), sp.Sum(sp.Symbol("p^i") - sp.Symbol("t^i"), (i, 1, m)) / m),
            ),
        ),
    ),
    Claim(
        id="004-18",
        quote=r"\mathcal{L}^{(i)} = p_1^{(i)t_1^{(i)}} p_2^{(i)t_2^{(i)}} p_3^{(i)t_3^{(i)}} p_4^{(i)t_4^{(i)}}",
        verdict="corrected",
        claimed=Thesis(
            "The likelihood of sample i is the product of the p_j to the power i t_j, as the exponents are printed.",
            lambda: _likelihood([[(s + 1) * t for t in row] for s, row in enumerate(_ONE_HOT)]),
            formulas=(sp.Eq(sp.Symbol("Λ^i"), sp.Product(sp.Symbol("p_j") ** (i * sp.Symbol("t_j^i")), (j, 1, 4))),),
        ),
        correction=Thesis(
            "(i) numbers the sample and is no factor of the exponent: p_j of sample i to the power t_j of sample i.",
            lambda: _likelihood(_ONE_HOT),
            formulas=(sp.Eq(sp.Symbol("Λ^i"), sp.Product(sp.Symbol("p_j^i") ** sp.Symbol("t_j^i"), (j, 1, 4))),),
        ),
        remark="The brackets around p_j^(i) are missing here; the general formula below it (004-4) has them.",
    ),
    Claim(
        id="004-19",
        quote="the derivative is the sum of the individual derivatives",
        verdict="proved",
        claimed=Thesis(
            "The derivative of the log-likelihood of several samples is the sum of the derivatives of each.",
            lambda: _sum_gradient(lambda slopes: sp.Add(*slopes)),
            formulas=(
                sp.Eq(
                    sp.Derivative(L, sp.Symbol("b")), sp.Sum(sp.Derivative(sp.Symbol("L^i"), sp.Symbol("b")), (i, 1, m))
                ),
            ),
        ),
        mutant=Thesis("it is their mean", lambda: _sum_gradient(lambda slopes: sp.Add(*slopes) / len(slopes))),
        remark="By what all samples share, such as a bias; by one sample's own outputs the other terms are zero.",
    ),
)
