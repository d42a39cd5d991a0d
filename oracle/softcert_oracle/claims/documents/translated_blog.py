"""Claims of seed 003: the chain rule through all outputs, its two cases, and why cross-entropy learns faster.

The document's formulas are lost; they are restored from the sentences around them (softmax a of the outputs z,
cost C = -Σ y_i ln a_i) and every claim that rests on one is marked.
"""

from __future__ import annotations

import sympy as sp

from softcert_oracle.claims.arguments import (
    Form,
    definitions,
    delta,
    equal,
    every,
    gradient_is,
    i,
    is_positive,
    j,
    jacobian_is,
    named,
    weight,
)
from softcert_oracle.claims.claim import Claim, Parts, Thesis
from softcert_oracle.symbolic.limits import tends
from softcert_oracle.symbolic.rational import fraction

_Z = named("z", 1, 4)
_A = sp.symbols("a_1:5", positive=True)  # the outputs as variables of their own, for dC/da
_Y = sp.symbols("y_1:5", real=True)  # targets, not necessarily one-hot
_COST = sp.symbols("C")
_ai, _aj, _yi, _zi = sp.symbols("a_i a_j y_i z_i")
_one_hot = sp.Sum(sp.Symbol("y_j"), (j, 1, 4))


def _cost() -> sp.Expr:
    """C = -Σ y_i ln a_i with a = softmax(z)."""
    return -sp.Add(*(y * sp.log(a) for y, a in zip(_Y, _Z.softmax, strict=True)))


def _chain(through: str) -> Parts:
    """dC/dz_i against the sum over j of dC/da_j da_j/dz_i, over all j or over j = i alone."""
    outer = -sp.Add(*(y * sp.log(a) for y, a in zip(_Y, _A, strict=True)))
    back = dict(zip(_A, _Z.softmax, strict=True))
    outcomes = []
    for c, z in enumerate(_Z.x):
        wanted = range(4) if through == "all" else [c]
        terms = (sp.diff(outer, _A[a]).subs(back) * sp.diff(_Z.softmax[a], z) for a in wanted)
        outcomes.append(equal(sp.Add(*terms), sp.diff(_cost(), z)))
    yield f"four outputs, any targets, through {through}", every(outcomes, "cancels")


def _outer_derivative(form: Form) -> Parts:
    outer = -sp.Add(*(y * sp.log(a) for y, a in zip(_Y, _A, strict=True)))
    outcomes = (equal(form(y, a), sp.diff(outer, a)) for y, a in zip(_Y, _A, strict=True))
    yield "dC/da_j, four outputs", every(outcomes, "cancels")


def _combined(form: Form, one_hot_sum: bool = False) -> Parts:
    """dC/dz_i is form(a_i, y_i, Σ y) for any targets, or for targets that sum to 1."""
    total = sp.Add(*_Y)
    to_one = {_Y[3]: 1 - _Y[0] - _Y[1] - _Y[2]} if one_hot_sum else {}
    outcomes = (
        equal(form(a, y, total).subs(to_one), sp.diff(_cost(), z).subs(to_one))
        for z, a, y in zip(_Z.x, _Z.softmax, _Y, strict=True)
    )
    yield (
        "four outputs, targets that sum to 1" if one_hot_sum else "four outputs, any targets",
        every(outcomes, "cancels"),
    )


def _shift_invariant(form: Form) -> Parts:
    c = sp.Symbol("c", positive=True)
    moved = {z: form(z, c) for z in _Z.x}
    outcomes = (equal(a.subs(moved, simultaneous=True), a) for a in _Z.softmax)
    yield "four outputs", every(outcomes, "unchanged")


def _sums_to(value: int) -> Parts:
    yield "three classes", equal(sp.Integer(value), sp.Add(*definitions(3, "z").softmax))


def _slow(squared_vanishes: bool, cross_entropy_stays: sp.Expr) -> Parts:
    """Confidently wrong: the true logit goes to -infinity. Slopes of the squared error and of cross-entropy."""
    d, y = named("z", 1, 2), (1, 0)
    a = d.softmax
    squared = sp.Add(*((p - t) ** 2 for p, t in zip(a, y, strict=True))) / 2
    slope = sp.diff(squared, d.x[0])
    if squared_vanishes:
        yield "squared error, two classes: dE/dz_1 = -2 a_1 (1 - a_1)²", equal(-2 * a[0] * (1 - a[0]) ** 2, slope)
    wrong = {d.x[0]: sp.log(weight(d.x[0])), d.x[1]: 0}
    at_zero = fraction(slope).as_expr().subs(weight(d.x[1]), 1)
    limit = sp.Integer(0) if squared_vanishes else sp.Integer(-1)
    yield "dE/dz_1 as z_1 -> -inf", tends(at_zero, weight(d.x[0]), sp.Integer(0), limit)
    cross = sp.diff(d.loss(0), d.x[0]).subs(wrong)
    yield "dC/dz_1 = a_1 - 1 as z_1 -> -inf", tends(cross, weight(d.x[0]), sp.Integer(0), cross_entropy_stays)
    four = sp.Add(*((p - delta(c, 0)) ** 2 for c, p in enumerate(_Z.softmax))) / 2
    factor = fraction(sp.diff(four, _Z.x[0]) / _Z.softmax[0])
    bounded = factor.denom.as_expr().subs(weight(_Z.x[0]), 0) != 0
    value = sp.diff(four, _Z.x[0]).subs({z: sp.log(weight(z)) for z in _Z.x})
    yield (
        "four classes: dE/dz_1 has the factor a_1, so it vanishes too",
        tends(value if bounded else sp.oo, weight(_Z.x[0]), sp.Integer(0), sp.Integer(0)),
    )


_chain_formula = sp.Eq(
    sp.Derivative(_COST, _zi),
    sp.Sum(sp.Derivative(_COST, _aj) * sp.Derivative(_aj, _zi), (j, 1, sp.Symbol("n"))),
)

CLAIMS = (
    Claim(
        id="003-1",
        quote="output three categories of the probability of selection, and the probability and 1",
        verdict="proved",
        claimed=Thesis(
            "The probabilities of the three classes sum to 1.",
            lambda: _sums_to(1),
            formulas=(sp.Eq(sp.Sum(_ai, (i, 1, 3)), 1),),
        ),
        mutant=Thesis("they sum to 3", lambda: _sums_to(3)),
        reconstructed=True,
    ),
    Claim(
        id="003-2",
        quote="based on their relative size",
        verdict="proved",
        claimed=Thesis(
            "The probabilities depend on differences of the outputs alone: adding one number to all changes nothing.",
            lambda: _shift_invariant(lambda z, c: z + sp.log(c)),
            formulas=(sp.Eq(sp.Function("a")(sp.Symbol("z") + sp.Symbol("c")), sp.Function("a")(sp.Symbol("z"))),),
        ),
        mutant=Thesis("doubling all outputs changes nothing either", lambda: _shift_invariant(lambda z, c: 2 * z)),
        remark="'Relative size' means differences; ratios of the outputs do not decide.",
    ),
    Claim(
        id="003-3",
        quote="why this is AJ instead of AI",
        verdict="proved",
        claimed=Thesis(
            "dC/dz_i is the sum over all outputs a_j of dC/da_j · da_j/dz_i, since every denominator contains z_i.",
            lambda: _chain("all"),
            formulas=(_chain_formula,),
        ),
        mutant=Thesis("the term j = i is enough", lambda: _chain("j = i")),
        reconstructed=True,
    ),
    Claim(
        id="003-4",
        quote="Below we push one by one",
        verdict="proved",
        claimed=Thesis(
            "C = -Σ y_j ln a_j gives dC/da_j = -y_j / a_j.",
            lambda: _outer_derivative(lambda y, a: -y / a),
            formulas=(sp.Eq(sp.Derivative(_COST, _aj), -sp.Symbol("y_j") / _aj),),
        ),
        mutant=Thesis("dC/da_j = y_j / a_j", lambda: _outer_derivative(lambda y, a: y / a)),
        reconstructed=True,
    ),
    Claim(
        id="003-5",
        quote="if I=j",
        verdict="proved",
        claimed=Thesis(
            "For i = j: da_i/dz_i = a_i (1 - a_i).",
            lambda: jacobian_is(lambda a, b, d: a * (1 - a), 4, "diagonal"),
            formulas=(sp.Eq(sp.Derivative(_ai, _zi), _ai * (1 - _ai)),),
        ),
        mutant=Thesis("da_i/dz_i = a_i (1 + a_i)", lambda: jacobian_is(lambda a, b, d: a * (1 + a), 4, "diagonal")),
        reconstructed=True,
    ),
    Claim(
        id="003-6",
        quote="② if I≠j",
        verdict="proved",
        claimed=Thesis(
            "For i other than j: da_j/dz_i = -a_i a_j.",
            lambda: jacobian_is(lambda a, b, d: -a * b, 4, "off-diagonal"),
            formulas=(sp.Eq(sp.Derivative(_aj, _zi), -_ai * _aj), sp.Ne(i, j)),
        ),
        mutant=Thesis("da_j/dz_i = a_i a_j", lambda: jacobian_is(lambda a, b, d: a * b, 4, "off-diagonal")),
        reconstructed=True,
    ),
    Claim(
        id="003-7",
        quote="combine the above",
        verdict="proved",
        claimed=Thesis(
            "Together: dC/dz_i = a_i Σ_j y_j - y_i, for any targets.",
            lambda: _combined(lambda a, y, s: a * s - y),
            formulas=(sp.Eq(sp.Derivative(_COST, _zi), _ai * _one_hot - _yi),),
        ),
        mutant=Thesis("dC/dz_i = a_i - y_i for any targets", lambda: _combined(lambda a, y, s: a - y)),
        reconstructed=True,
    ),
    Claim(
        id="003-8",
        quote="only has a category of 1, the other categories are 0",
        verdict="proved",
        claimed=Thesis(
            "When the targets sum to 1, as one-hot targets do, this is a_i - y_i.",
            lambda: _combined(lambda a, y, s: a - y, one_hot_sum=True),
            formulas=(sp.Eq(sp.Derivative(_COST, _zi), _ai - _yi), sp.Eq(_one_hot, 1)),
        ),
        mutant=Thesis("it is y_i - a_i", lambda: _combined(lambda a, y, s: y - a, one_hot_sum=True)),
        reconstructed=True,
    ),
    Claim(
        id="003-9",
        quote="we calculate the gradient is the neuron output-1",
        verdict="corrected",
        claimed=Thesis(
            "The gradient is the neuron's output minus 1, for every neuron.",
            lambda: gradient_is(lambda a, t: a - 1, _Z),
            formulas=(sp.Eq(sp.Derivative(_COST, _zi), _ai - 1),),
        ),
        correction=Thesis(
            "'Output minus 1' holds for the true class; for every other it is the output itself: a_i - y_i.",
            lambda: gradient_is(lambda a, t: a - t, _Z),
            formulas=(sp.Eq(sp.Derivative(_COST, _zi), _ai - _yi),),
        ),
    ),
    Claim(
        id="003-10",
        quote="cross-entropy to solve some loss function learning slow problem",
        verdict="proved",
        claimed=Thesis(
            "The squared error's slope has a factor a_1 that vanishes when the output is confidently wrong; "
            "that of cross-entropy tends to -1 there.",
            lambda: _slow(squared_vanishes=True, cross_entropy_stays=sp.Integer(-1)),
            formulas=(
                sp.Eq(
                    sp.Derivative(sp.Symbol("E"), sp.Symbol("z_1")), -2 * sp.Symbol("a_1") * (1 - sp.Symbol("a_1")) ** 2
                ),
                sp.Eq(sp.Derivative(_COST, sp.Symbol("z_1")), sp.Symbol("a_1") - 1),
            ),
        ),
        mutant=Thesis(
            "the squared error keeps a slope of -1 as well", lambda: _slow(False, cross_entropy_stays=sp.Integer(-1))
        ),
        remark="E is half the sum of (a - y)²; the first formula is for two classes, y = (1, 0).",
    ),
    Claim(
        id="003-11",
        quote="its denominator contains the output of all neurons",
        verdict="proved",
        claimed=Thesis(
            "Every output depends on every z_i: da_j/dz_i is never 0 (four classes).",
            lambda: is_positive(
                "da_i/dz_i and -da_j/dz_i",
                *(g if a == b else -g for a, row in enumerate(_Z.jacobian()) for b, g in enumerate(row)),
            ),
            formulas=(sp.Ne(sp.Derivative(_aj, _zi), 0),),
        ),
        mutant=Thesis(
            "all of them grow with z_i", lambda: is_positive("da_j/dz_i", *(g for row in _Z.jacobian() for g in row))
        ),
    ),
)
