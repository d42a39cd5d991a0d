"""Claims of seed 004 on one sample: expected signs, its likelihood, the chain rule in four cases."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from softcert_oracle.claims.arguments import (
    Form,
    L,
    delta,
    equal,
    every,
    gradient_is,
    i,
    is_equal,
    is_positive,
    jacobian_is,
    k,
    named,
)
from softcert_oracle.claims.claim import Claim, Parts, Thesis
from softcert_oracle.symbolic.proof import Outcome

_F = named("f", 1, 4)
_Y = 2  # class 3, counted from 1 as in the document
_P = sp.symbols("p_1:5", positive=True)  # the probabilities as variables of their own, for dL/dp
_ZERO = dict.fromkeys(_F.x, 0)
_p1, _p3, _pk, _fk, _tk = sp.symbols("p_1 p_3 p_k f_k t_k")
_slope = sp.Derivative(L, _fk)


def _signs(sign: int) -> Parts:
    g = _F.gradient(_Y)
    return is_positive("-dL/df_3, dL/df_1, dL/df_2, dL/df_4", *(sign * (-v if c == _Y else v) for c, v in enumerate(g)))


def _chain(k_: int, form: Form, single_term: bool = False) -> Outcome:
    """dL/df_k through every p_i (or p_k alone) against form(p_k)."""
    outer = -sp.log(_P[_Y])
    back = dict(zip(_P, _F.softmax, strict=True))
    through = [k_] if single_term else range(4)
    total = sp.Add(*(sp.diff(outer, _P[a]).subs(back) * sp.diff(_F.softmax[a], _F.x[k_]) for a in through))
    return equal(form(_F.softmax[k_]), total, _ZERO)


def _chain_case(classes: Sequence[int], form: Form) -> Parts:
    for c in classes:
        yield f"Σ_i dL/dp_i · dp_i/df_{c}", _chain(c - 1, form)
        yield f"dL/df_{c} differentiated directly", equal(form(_F.softmax[c - 1]), _F.gradient(_Y)[c - 1])


def _skipping_is_wrong_in(cases: set[int]) -> Parts:
    """In which cases the single term dL/dp_k · dp_k/df_k differs from dL/df_k."""
    wrong = {c + 1 for c in range(4) if not _chain(c, lambda p, c=c: p - delta(c, _Y), single_term=True).holds}
    text = f"among the four cases it is wrong in {sorted(wrong)} and right in {sorted({1, 2, 3, 4} - wrong)}"
    yield f"wrong exactly in {sorted(cases)}", Outcome(wrong == cases, text, text)


def _only_third(index: int) -> Parts:
    outer = -sp.log(_P[_Y])
    outcomes = (
        Outcome((sp.diff(outer, p) == 0) == (c != index), "as said", f"dL/dp_{c + 1} = {sp.diff(outer, p)}")
        for c, p in enumerate(_P)
    )
    yield f"dL/dp_i is 0 except for i = {index + 1}", every(outcomes, "each derivative of -log p_3")


def _below_one(most: sp.Expr) -> Parts:
    return is_positive(f"{most} - p_3", most - _F.softmax[_Y])


def _third_entry(form: Form) -> Parts:
    """The lines of the quotient rule, each equal to dp_3/df_3."""
    e, v = sp.exp(_F.x[_Y]), _F.total
    slope = sp.diff(_F.softmax[_Y], _F.x[_Y])
    for sentence, line in (
        ("(V e^f_3 - e^f_3 e^f_3) / V²", (v * e - e * e) / v**2),
        ("e^f_3 / V - (e^f_3 / V)²", e / v - (e / v) ** 2),
        ("last line", form(_F.softmax[_Y])),
    ):
        yield sentence, equal(line, slope)


CLAIMS = (
    Claim(
        id="004-1",
        quote="will be negative, since increasing f_3 leads to higher probability for class 3",
        verdict="proved",
        claimed=Thesis(
            "For a sample of class 3 of four, dL/df_3 is negative and the other three derivatives are positive.",
            lambda: _signs(1),
            formulas=(
                sp.StrictLessThan(sp.Derivative(L, sp.Symbol("f_3")), 0),
                sp.StrictGreaterThan(_slope, 0),
                sp.Ne(k, 3),
            ),
        ),
        mutant=Thesis("the other way round", lambda: _signs(-1)),
    ),
    Claim(
        id="004-2",
        quote="since increasing f_3 leads to higher probability",
        verdict="proved",
        claimed=Thesis(
            "p_3 grows with f_3 and falls with every other output.",
            lambda: is_positive(
                "dp_3/df_3 and -dp_3/df_k", *(v if c == _Y else -v for c, v in enumerate(_F.jacobian()[_Y]))
            ),
            formulas=(sp.StrictGreaterThan(sp.Derivative(_p3, sp.Symbol("f_3")), 0),),
        ),
        mutant=Thesis("it grows with every output", lambda: is_positive("dp_3/df_k", *_F.jacobian()[_Y])),
    ),
    Claim(
        id="004-3",
        quote="The likelihood of our single observation (class 3) is just p_3",
        verdict="proved",
        claimed=Thesis(
            "The loss of a single observation of class 3 is -log p_3.",
            lambda: is_equal(
                "-Σ t_j log p_j", -sp.Add(*(delta(c, _Y) * sp.log(p) for c, p in enumerate(_F.softmax))), _F.loss(_Y)
            ),
            formulas=(sp.Eq(L, -sp.log(_p3)),),
        ),
        mutant=Thesis("it is -log p_1", lambda: is_equal("-log p_1", -sp.log(_F.softmax[0]), _F.loss(_Y))),
    ),
    Claim(
        id="004-6",
        quote=r"\frac{\partial L}{\partial p_3} \frac{\partial p_3}{\partial f_1} \quad (\text{this is zero except "
        r"when }",
        verdict="proved",
        claimed=Thesis(
            "dL/dp_i is zero except for i = 3, since L = -log p_3.",
            lambda: _only_third(2),
            formulas=(sp.Eq(sp.Derivative(L, sp.Symbol("p_i")), -sp.KroneckerDelta(i, 3) / _p3),),
        ),
        mutant=Thesis("zero except for i = 1", lambda: _only_third(0)),
    ),
    Claim(
        id="004-7",
        quote=r"\frac{\partial}{\partial f_1} (-\log p_3) = -\frac{1}{p_3}",
        verdict="corrected",
        claimed=Thesis(
            "d(-log p_3)/df_1 = -1/p_3.",
            lambda: is_equal("derivative by f_1", -1 / _F.softmax[_Y], _F.gradient(_Y)[0], _ZERO),
            formulas=(sp.Eq(sp.Derivative(-sp.log(_p3), sp.Symbol("f_1")), -1 / _p3),),
        ),
        correction=Thesis(
            "-1/p_3 is d(-log p_3)/dp_3; by f_1 it is -1/p_3 · dp_3/df_1 = p_1.",
            lambda: is_equal("derivative by f_1", _F.softmax[0], _F.gradient(_Y)[0], _ZERO),
            formulas=(sp.Eq(sp.Derivative(-sp.log(_p3), sp.Symbol("f_1")), _p1),),
        ),
    ),
    Claim(
        id="004-8",
        quote=r"-\frac{1}{p_3} \cdot (-p_3 p_1) = p_1",
        verdict="proved",
        claimed=Thesis(
            "Case 1: dL/df_1 = -1/p_3 · (-p_3 p_1) = p_1.",
            lambda: _chain_case([1], lambda p: p),
            formulas=(sp.Eq(sp.Derivative(L, sp.Symbol("f_1")), _p1),),
        ),
        mutant=Thesis("case 1 is -p_1", lambda: _chain_case([1], lambda p: -p)),
    ),
    Claim(
        id="004-9",
        quote=r"\frac{\partial L}{\partial f_2} = \dots \text{ by same reasoning as } \textcircled{1} = p_2",
        verdict="proved",
        claimed=Thesis(
            "Cases 2 and 4 by the same reasoning: dL/df_2 = p_2 and dL/df_4 = p_4.",
            lambda: _chain_case([2, 4], lambda p: p),
            formulas=(sp.Eq(_slope, _pk), sp.Ne(k, 3)),
        ),
        mutant=Thesis("they are p_k - 1", lambda: _chain_case([2, 4], lambda p: p - 1)),
    ),
    Claim(
        id="004-10",
        quote=r"-\frac{1}{p_3} \cdot (p_3(1-p_3)) = p_3 - 1",
        verdict="proved",
        claimed=Thesis(
            "Case 3: dL/df_3 = -1/p_3 · p_3 (1 - p_3) = p_3 - 1.",
            lambda: _chain_case([3], lambda p: p - 1),
            formulas=(sp.Eq(sp.Derivative(L, sp.Symbol("f_3")), _p3 - 1),),
        ),
        mutant=Thesis("case 3 is p_3", lambda: _chain_case([3], lambda p: p)),
    ),
    Claim(
        id="004-11",
        quote=r"which is incorrect in cases } \textcircled{1}, \textcircled{4} \text{ and } \textcircled{5}",
        verdict="corrected",
        claimed=Thesis(
            "Taking the one term dL/dp_k · dp_k/df_k in place of the sum is wrong in the cases 1, 4 and 5.",
            lambda: _skipping_is_wrong_in({1, 4, 5}),
        ),
        correction=Thesis(
            "There are four cases; the one term is wrong in 1, 2 and 4 (it gives 0) and right in 3, the true class.",
            lambda: _skipping_is_wrong_in({1, 2, 4}),
            formulas=(
                sp.Eq(
                    _slope, sp.Sum(sp.Derivative(L, sp.Symbol("p_i")) * sp.Derivative(sp.Symbol("p_i"), _fk), (i, 1, 4))
                ),
            ),
        ),
        remark="There is no case 5 in the document.",
    ),
    Claim(
        id="004-12",
        quote="we know $p_3 < 1$",
        verdict="proved",
        claimed=Thesis(
            "p_3 < 1, so p_3 - 1 < 0.", lambda: _below_one(sp.Integer(1)), formulas=(sp.StrictLessThan(_p3, 1),)
        ),
        mutant=Thesis("p_3 < 1/2", lambda: _below_one(sp.Rational(1, 2))),
    ),
    Claim(
        id="004-13",
        quote=r"\frac{V e^{f_3} - e^{f_3} \cdot e^{f_3}}{V^2}",
        verdict="proved",
        claimed=Thesis(
            "Quotient rule, line by line: dp_3/df_3 = p_3 - p_3² = p_3 (1 - p_3).",
            lambda: _third_entry(lambda p: p - p**2),
            formulas=(sp.Eq(sp.Derivative(_p3, sp.Symbol("f_3")), _p3 * (1 - _p3)),),
        ),
        mutant=Thesis("the last line is p_3 + p_3²", lambda: _third_entry(lambda p: p + p**2)),
        remark="The first line lost its left-hand side, dp_3/df_3, in the print.",
    ),
    Claim(
        id="004-14",
        quote="where t is the one-hot encoded class value",
        verdict="proved",
        claimed=Thesis(
            "The gradient is p - t, here for each of the four classes as the true one.",
            lambda: gradient_is(lambda p, t: p - t, _F),
            formulas=(sp.Eq(_slope, _pk - _tk),),
        ),
        mutant=Thesis("it is t - p", lambda: gradient_is(lambda p, t: t - p, _F)),
    ),
    Claim(
        id="004-17",
        quote=r"p_i = \frac{e^{f_i}}{\sum_{j=1}^4 e^{f_j}}",
        verdict="proved",
        claimed=Thesis(
            "The chain rule's inner derivatives: dp_i/df_k = p_i (δ_ik - p_k), with V the sum of all four.",
            lambda: jacobian_is(lambda a, b, d: a * (d - b), 4),
            formulas=(sp.Eq(sp.Derivative(sp.Symbol("p_i"), _fk), sp.Symbol("p_i") * (sp.KroneckerDelta(i, k) - _pk)),),
        ),
        mutant=Thesis("dp_i/df_k = p_i δ_ik", lambda: jacobian_is(lambda a, b, d: a * d, 4)),
    ),
)
