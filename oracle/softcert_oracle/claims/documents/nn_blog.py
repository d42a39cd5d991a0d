"""Claims of seed 000: scores, softmax as probability, maximum likelihood, the loss and its derivative."""

from __future__ import annotations

import sympy as sp

from softcert_oracle.claims import bayes
from softcert_oracle.claims.arguments import (
    PJ,
    TJ,
    C,
    Form,
    L,
    N,
    equal,
    every,
    gradient_is,
    i,
    j,
    keeps_order,
    named,
    positive,
)
from softcert_oracle.claims.claim import FINITE, Claim, Parts, Thesis
from softcert_oracle.symbolic.limits import tends
from softcert_oracle.symbolic.proof import Outcome

_F = named("f", 0, 3)
_f = sp.Symbol("f")
_W, _X, _b, _P = sp.symbols("W X b P")
_given = sp.Function("P")


def _weights_gradient(form: Form) -> Parts:
    """dL/dW_ik and dL/db_i of L(W X + b), five features and three classes as in the document."""
    w = [[sp.Symbol(f"W_{a}{c}", real=True) for c in range(5)] for a in range(3)]
    x = [sp.Symbol(f"X_{c}", real=True) for c in range(5)]
    b = [sp.Symbol(f"b_{a}", real=True) for a in range(3)]
    linear = [sp.Add(*(w[a][c] * x[c] for c in range(5))) for a in range(3)]
    loss = _F.loss(1).subs({v: linear[a] + b[a] for a, v in enumerate(_F.x)})
    back = {b[a]: _F.x[a] - linear[a] for a in range(3)}  # back to scores, so that exponentials are exp(f)

    def derivative(by: sp.Symbol) -> sp.Expr:
        return sp.diff(loss, by).subs(back, simultaneous=True)

    g = [_F.softmax[a] - int(a == 1) for a in range(3)]
    yield "dL/db, 3 entries", every((equal(form(g[a], 1), derivative(b[a])) for a in range(3)), "p - t")
    entries = (equal(form(g[a], x[c]), derivative(w[a][c])) for a in range(3) for c in range(5))
    yield "dL/dW, 15 entries", every(entries, "(p - t) Xᵀ")


def _in_range(most: sp.Expr) -> Parts:
    for p in _F.softmax[:1]:
        yield "P_0 >= 0", positive(p, strict=False)
        yield f"{most} - P_0 >= 0", positive(most - p, strict=False)


def _supremum(value: sp.Expr) -> Parts:
    x = _F.x[0]
    yield "the score tends to infinity", tends(_F.softmax[0], x, sp.oo, value)
    yield "1 - P_0 > 0 for all finite scores", positive(1 - _F.softmax[0])


def _printed_sum_ends_at(end: int) -> Parts:
    """The sum over j = 0 to 2 that is printed makes the three probabilities sum to 1, and its end is what is named."""
    yield "j = 0 to 2: P_0 + P_1 + P_2 = 1", equal(sp.Add(*(sp.exp(v) / _F.total for v in _F.x)), sp.Integer(1))
    last = len(_F.x) - 1
    shown = f"{end} is named, and the sum of the terms f_0, f_1, f_2 ends at {last}"
    yield f"the sum ends at {end}", Outcome(end == last, f"the last of 3 classes counted from 0 is {last}", shown)


def _outputs_are_binary() -> Parts:
    """f = W X + b is 0 or 1 exactly where f² = f."""
    f = _W * _X + _b
    yield "f² = f for f = W X + b", equal(f**2, f, {_W: 1, _X: sp.Rational(1, 2), _b: 0})


def _scores_are_real() -> Parts:
    """Every real number is a score; what is strictly between 0 and 1 is its probability."""
    yield "b = f - W X gives the score f, for every f, W and X", equal((_W * _X + _b).subs(_b, _f - _W * _X), _f)
    bounds = (positive(o) for p in _F.softmax for o in (p, 1 - p))
    yield "0 < P_j < 1 for all scores", every(bounds, "signs by coefficients")


def _log_of_product(form: Form) -> Parts:
    """log of the product over three samples, against a form of the single logs."""
    samples = [named(f"f{s}", 0, 3) for s in range(3)]
    p = [d.softmax[y] for d, y in zip(samples, (1, 0, 2), strict=True)]
    yield "three samples, three classes", equal(form([sp.log(v) for v in p]), sp.log(sp.Mul(*p)))


def _loss_is(what: str) -> Parts:
    """One weight w, scores (w, 0), one sample of either class: whether the loss is what is claimed."""
    w = sp.Symbol("w", real=True)
    d = named("f", 0, 2)
    loss = sp.Add(*(d.loss(y).subs({d.x[0]: w, d.x[1]: 0}) for y in (0, 1)))
    slope = sp.diff(loss, w)
    yield "dL/dw = 0 at w = 0", Outcome(slope.subs(w, 0) == 0, "the slope is 0")
    yield "d²L/dw² > 0, so w = 0 is the only minimum", positive(sp.diff(slope, w))
    minimum = sp.simplify(loss.subs(w, 0))
    if what == "argmin":
        text = f"scores (w, 0), a sample of either class: argmin L = 0, but L there is {minimum} = {sp.N(minimum, 6)}"
        yield "the loss is its own minimiser", Outcome(minimum == 0, "equal", text)
    else:
        yield (
            "value of the loss at its minimiser",
            Outcome(
                sp.simplify(minimum - 2 * sp.log(2)) == 0, "it is 2 log 2, a number and not a weight", f"{minimum}"
            ),
        )
        yield from gradient_is(lambda p, t: p - t, _F)


_Pyi = sp.Symbol("P_yi")
_nll = sp.Sum(-sp.log(_Pyi), (i, 1, N))
_softmax = sp.Eq(sp.Symbol("P_i"), sp.exp(sp.Symbol("f_i")) / sp.Sum(sp.exp(sp.Symbol("f_j")), (j, 0, C - 1)))
_slope = sp.Derivative(L, sp.Symbol("f_j"))

CLAIMS = (
    Claim(
        id="000-1",
        quote=r"f=W\cdot X+b",
        verdict="proved",
        claimed=Thesis(
            "The scores are f = W X + b; hence dL/dW = (p - t) Xᵀ and dL/db = p - t.",
            lambda: _weights_gradient(lambda g, x: g * x),
            formulas=(
                sp.Eq(_f, _W * _X + _b, evaluate=False),
                sp.Eq(sp.Derivative(L, _b), sp.Symbol("p") - sp.Symbol("t")),
            ),
        ),
        mutant=Thesis("dL/dW = p - t, without X", lambda: _weights_gradient(lambda g, x: g)),
        remark="The document states the scores; the two derivatives follow from them and from claim 000-13.",
    ),
    Claim(
        id="000-2",
        quote=r"\sum\limits_{j=0}^{C=2}e^{f_j}",
        verdict="corrected",
        claimed=Thesis(
            "C, the number of classes (3 by the list of symbols), is the end of the sum over j = 0 to 'C=2'.",
            lambda: _printed_sum_ends_at(3),
            formulas=(sp.Sum(sp.exp(sp.Symbol("f_j")), (j, 0, C)),),
        ),
        correction=Thesis(
            "The three terms that are printed, j = 0 to 2, are right; with C = 3 classes the sum ends at C - 1.",
            lambda: _printed_sum_ends_at(2),
            formulas=(_softmax,),
        ),
        remark="C is 2 in the sum and 3 in the list of symbols; later sums run 'to C' without a start. "
        "The letter i also changes its meaning: a sample in P_i and y_i, a class in P_j.",
    ),
    Claim(
        id="000-3",
        quote="will always be [0,1]",
        verdict="proved",
        claimed=Thesis(
            "Every probability lies in [0, 1].",
            lambda: _in_range(sp.Integer(1)),
            formulas=(sp.Le(0, PJ), sp.Le(PJ, 1)),
        ),
        mutant=Thesis("every probability lies in [0, 1/2]", lambda: _in_range(sp.Rational(1, 2))),
        remark="The ends are never attained with two classes or more and finite scores: P lies in (0, 1).",
    ),
    Claim(
        id="000-4",
        quote="its ideal case is 1: 100% for sure",
        verdict="proved",
        claimed=Thesis(
            "The ideal 1 is the supremum: it is approached as the score grows, and not attained by finite scores.",
            lambda: _supremum(sp.Integer(1)),
            formulas=(sp.Eq(sp.Limit(sp.Symbol("P_0"), sp.Symbol("f_0"), sp.oo), 1, evaluate=False),),
        ),
        mutant=Thesis("the supremum is 1/2", lambda: _supremum(sp.Rational(1, 2))),
    ),
    Claim(
        id="000-5",
        quote="the class with the biggest probability is the predicted class",
        verdict="proved",
        claimed=Thesis(
            "The class with the largest probability is the class with the largest score.",
            lambda: keeps_order(3),
            formulas=(sp.Equivalent(sp.Symbol("P_i") > sp.Symbol("P_j"), sp.Symbol("f_i") > sp.Symbol("f_j")),),
        ),
        mutant=Thesis("it is the class with the smallest score", lambda: keeps_order(3, -1)),
    ),
    Claim(
        id="000-6",
        quote=r"$$\scriptsize P(X,y)$$ will be 1",
        verdict="refuted",
        claimed=Thesis(
            "Since (X, y) is given, P(X, y) = 1.",
            lambda: bayes.evidence(sp.Integer(1)),
            formulas=(sp.Eq(_given(sp.Symbol("X"), sp.Symbol("y")), 1),),
            method=FINITE,
        ),
        correction=Thesis(
            "P(X, y) is some number that does not depend on W; it cancels, and argmax P(W|X,y) = argmax P(X,y|W) P(W).",
            lambda: bayes.posterior_ratio(with_prior=True),
            formulas=(
                sp.Eq(
                    _given(sp.Symbol("W|X,y")),
                    _given(sp.Symbol("X,y|W")) * _given(_W) / _given(sp.Symbol("X,y")),
                ),
            ),
            method=FINITE,
        ),
        remark="Two different samples cannot both have probability 1.",
    ),
    Claim(
        id="000-7",
        quote=r"arg\max_W{P(f,y|W)}",
        verdict="refuted",
        claimed=Thesis(
            "Since f follows from X, maximising P(X, y | W) is maximising P(f, y | W).",
            lambda: bayes.same_choice("f,y"),
            formulas=(),
            method=FINITE,
        ),
        correction=Thesis(
            "P(X, y | W) = P(X) P(y | X, W), so the weight that maximises it is the one that maximises P(y | X, W).",
            lambda: bayes.same_choice("y"),
            formulas=(sp.Eq(_given(sp.Symbol("X,y|W")), _given(_X) * _given(sp.Symbol("y|X,W"))),),
            method=FINITE,
        ),
        remark="P(f, y | W) adds up all inputs with that score, and how many there are depends on W.",
    ),
    Claim(
        id="000-8",
        quote=r"P(f,y|W)=P(y|f,W)\cdot P(f|W)",
        verdict="proved",
        claimed=Thesis(
            "The product rule: P(f, y | W) = P(y | f, W) P(f | W).",
            lambda: bayes.product_rule(condition_on_w=True),
            formulas=(sp.Eq(_given(sp.Symbol("f,y|W")), _given(sp.Symbol("y|f,W")) * _given(sp.Symbol("f|W"))),),
            method=FINITE,
        ),
        mutant=Thesis("P(f, y | W) = P(y | f, W) P(f)", lambda: bayes.product_rule(condition_on_w=False)),
    ),
    Claim(
        id="000-9",
        quote=r"P(f|W)=P(X)\cdot P(W)",
        verdict="refuted",
        claimed=Thesis(
            "P(f | W) = P(X) P(W).",
            lambda: bayes.score_given_weight(with_prior=True),
            formulas=(sp.Eq(_given(sp.Symbol("f|W")), _given(_X) * _given(_W)),),
            method=FINITE,
        ),
        correction=Thesis(
            "f is a function of X and W, so P(f | W) is the sum of P(X) over the inputs X with W X + b = f.",
            lambda: bayes.score_given_weight(with_prior=False),
            formulas=(sp.Eq(_given(sp.Symbol("f|W")), _given(sp.Symbol("X: WX+b=f"))),),
            method=FINITE,
        ),
        remark="Nor is P(f | W) constant in W, as the text goes on to say.",
    ),
    Claim(
        id="000-10",
        quote=r"arg\max_WP(y|f,W)",
        verdict="proved",
        claimed=Thesis(
            "With a constant prior, and inputs that do not depend on W, the most probable W maximises P(y | f(X, W)).",
            lambda: bayes.maximum_likelihood(uniform=True),
            formulas=(
                sp.Eq(
                    _given(sp.Symbol("W|X,y")) / _given(sp.Symbol("V|X,y")),
                    _given(sp.Symbol("y|X,W")) / _given(sp.Symbol("y|X,V")),
                ),
            ),
            method=FINITE,
        ),
        mutant=Thesis("this holds for every prior", lambda: bayes.maximum_likelihood(uniform=False)),
        remark="The conclusion is right, though claims 000-6, 000-7 and 000-9 on the way to it are not.",
    ),
    Claim(
        id="000-11",
        quote="log it, we get:",
        verdict="proved",
        claimed=Thesis(
            "The logarithm of the product over the samples is the sum of the logarithms.",
            lambda: _log_of_product(lambda logs: sp.Add(*logs)),
            formulas=(sp.Eq(sp.log(sp.Product(_Pyi, (i, 1, N))), sp.Sum(sp.log(_Pyi), (i, 1, N)), evaluate=False),),
        ),
        mutant=Thesis("it is the product of the logarithms", lambda: _log_of_product(lambda logs: sp.Mul(*logs))),
        remark="log is increasing, so the maximiser stays the same; the minus turns it into a minimum.",
    ),
    Claim(
        id="000-12",
        quote=r"\mathscr{L}=arg\min_W\sum_i^N-log",
        verdict="corrected",
        claimed=Thesis("The loss is the argmin over W of the sum of -log P.", lambda: _loss_is("argmin")),
        correction=Thesis(
            "The loss is the sum of -log P over the samples; argmin over W of it is the weight that is sought.",
            lambda: _loss_is("sum"),
            formulas=(sp.Eq(L, _nll),),
        ),
        remark="The derivative that the document goes on to take, P - 1, is that of the sum and not of an argmin.",
    ),
    Claim(
        id="000-13",
        quote=r"\frac{\mathscr{dL}_{y_i}}{\mathscr{d}f_{y_i}}=P_{y_i}-1",
        verdict="proved",
        claimed=Thesis(
            "The loss differentiated by the correct score is P_y - 1, by every other score P_j.",
            lambda: gradient_is(lambda p, t: p - t, _F),
            formulas=(sp.Eq(_slope, PJ - TJ),),
        ),
        mutant=Thesis("it is P_j for every score", lambda: gradient_is(lambda p, t: p, _F)),
    ),
    Claim(
        id="000-14",
        quote="each neuron output a binary value",
        verdict="corrected",
        claimed=Thesis(
            "Each neuron of the output layer outputs 0 or 1.",
            _outputs_are_binary,
            formulas=(sp.Eq(_f**2, _f),),
        ),
        correction=Thesis(
            "The neurons output scores, which can be any real numbers, and softmax makes numbers between 0 and 1 of "
            "them; 0 and 1 are the targets.",
            _scores_are_real,
            formulas=(sp.StrictLessThan(0, PJ), sp.StrictLessThan(PJ, 1)),
        ),
        remark="The document says so itself two sentences later: an output of 'absolute 1 or 0' can hardly be had.",
    ),
)
