"""Claims of seed 002: the loss of a single sample, its gradient, and what a step of descent does."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from softcert_oracle.claims import descent
from softcert_oracle.claims.arguments import (
    C,
    Form,
    J,
    N,
    definitions,
    delta,
    equal,
    every,
    gradient_is,
    is_equal,
    is_positive,
    k,
    keeps_order,
    n,
    named,
    positive,
)
from softcert_oracle.claims.claim import EXACT, Claim, Parts, Thesis
from softcert_oracle.symbolic.limits import tends
from softcert_oracle.symbolic.proof import Outcome

_Z = named("z", 1, 4)
_Y = 2  # class 3, counted from 1 as in the document
_A = _Z.softmax
_ZERO = dict.fromkeys(_Z.x, 0)
_a3, _an, _z3, _zn, _tn = sp.symbols("a_3 a_n z_3 z_n t_n")
_slope3, _slope = sp.Derivative(J, _z3), sp.Derivative(J, _zn)
_lse = sp.log(sp.Sum(sp.exp(sp.Symbol("z_k")), (k, 1, C)))


def _one_term_all_logits(count: int) -> Parts:
    """-Σ t_n log a_n over one-hot t is one term; and how many logits move it."""
    terms = sp.Add(*(-delta(c, _Y) * sp.log(_A[c]) for c in range(4)))
    yield "-Σ t_n log a_n = -log a_3", equal(terms, _Z.loss(_Y))
    moved = sum(not equal(sp.Integer(0), g, _ZERO).holds for g in _Z.gradient(_Y))
    yield (
        f"dJ/dz_n differs from 0 for {count} of the 4 logits",
        Outcome(moved == count, "counted", f"it does for {moved}"),
    )


def _summands(count: int) -> Parts:
    """How many of the four summands -t_n log a_n of a sample of class 3 are not zero, at four equal logits."""
    summands = [-delta(c, _Y) * sp.log(_A[c]) for c in range(4)]
    yield "-Σ t_n log a_n is the loss", equal(sp.Add(*summands), _Z.loss(_Y))
    found = [c + 1 for c, v in enumerate(summands) if v.subs(_ZERO) != 0]
    shown = f"at z_1 = ... = z_4 = 0 it is so for {len(found)} of 4, n = {found[0]}"
    yield f"-t_n log a_n differs from 0 for {count} of the 4 outputs", Outcome(len(found) == count, shown, shown)


def _through_the_denominator() -> Parts:
    """One summand is left, and every logit moves it."""
    yield from _summands(1)
    slopes = (g if c != _Y else -g for c, g in enumerate(_Z.gradient(_Y)))
    yield from is_positive("-dJ/dz_3, dJ/dz_1, dJ/dz_2, dJ/dz_4", *slopes)


def _label_itself(claimed: bool) -> Parts:
    """The loss of label 3 as -log of the label, or of the label's probability (four equal logits)."""
    value = -sp.log(sp.Integer(3)) if claimed else -sp.log(sp.exp(_Z.x[2]) / _Z.total)
    yield "loss of label 3", equal(value, _Z.loss(_Y), _ZERO)


def _gradient_sum(value: int) -> Parts:
    for classes in range(2, 6):
        d = definitions(classes, "z")
        sums = (equal(sp.Integer(value), sp.Add(*d.gradient(y))) for y in range(classes))
        yield f"{classes} classes, every label", every(sums, f"the sum is {value}")


def _attained(claimed: bool) -> Parts:
    """a_3 = 1 at some finite logits (claimed), or only in the limit."""
    for classes in range(2, 6):
        d = definitions(classes, "z")
        below = positive(1 - d.softmax[0])
        if claimed:
            text = f"1 - a_y is a positive sum for all logits; at z = (20, 0) it is {sp.N(1 / (1 + sp.exp(20)), 6)}"
            yield f"{classes} classes: 1 - a_y = 0 somewhere", Outcome(not below.holds, "attained", text)
        else:
            yield f"{classes} classes: 1 - a_y > 0 everywhere", below
    if not claimed:
        yield "a_3 -> 1 as z_3 grows", tends(_A[_Y], _Z.x[_Y], sp.oo, sp.Integer(1))
        yield "a step always raises z_3", positive(descent.change(_Y))


def _sign_in_exponent(form: Form) -> Parts:
    """The gradient of -log of exp(-z_y) / Σ exp(-z_k) is form(a, t)."""
    minus = {z: -z for z in _Z.x}
    a = [v.subs(minus, simultaneous=True) for v in _A]
    loss = -sp.log(a[_Y])
    outcomes = (equal(form(a[c], delta(c, _Y)), sp.diff(loss, _Z.x[c]), _ZERO) for c in range(4))
    yield "gradient with exp(-z), four classes", every(outcomes, "cancels")


def _several_labels(form: Form, labels: Sequence[int] = (0, 1, 2, 3)) -> Parts:
    """The sum of the single-label losses of all the labels is form(log a of them)."""
    true = sp.Add(*(_Z.loss(y) for y in labels))
    claimed = form([sp.log(_A[y]) for y in labels])
    yield "labels 1, 2, 3, 4 of one sample", equal(claimed, true, _ZERO)


def _in_minus_one_zero(low: sp.Expr) -> Parts:
    yield "a_3 - 1 < 0", positive(1 - _A[_Y])
    yield f"a_3 - 1 > {low}", positive(_A[_Y] - 1 - low)


def _classes_counted(labels: int) -> Parts:
    """The losses over that many labels belong to softmax outputs that sum to 1 (five classes)."""
    p = definitions(5, "z").softmax
    yield (
        f"a_1 + ... + a_{labels} = 1 with five outputs",
        equal(sp.Add(*p[:labels]), sp.Integer(1), dict.fromkeys(definitions(5, "z").x, 0)),
    )


CLAIMS = (
    Claim(
        id="002-1",
        quote="it is going to consider only the where y==j",
        verdict="proved",
        claimed=Thesis(
            "The loss of one sample is the logarithm of its own class's probability alone, and depends on every logit.",
            lambda: _one_term_all_logits(4),
            formulas=(sp.Eq(J, -sp.log(_a3)),),
        ),
        mutant=Thesis("it depends on its own logit only", lambda: _one_term_all_logits(1)),
    ),
    Claim(
        id="002-2",
        quote="calculate only the loss for y1=3 like -log(y1)",
        verdict="corrected",
        claimed=Thesis(
            "The loss of a sample with label y = 3 is -log(y).",
            lambda: _label_itself(True),
            formulas=(sp.Eq(J, -sp.log(sp.Symbol("y_1"))),),
        ),
        correction=Thesis(
            "It is -log of the probability of class y: -log a_3, not the logarithm of the label.",
            lambda: _label_itself(False),
            formulas=(sp.Eq(J, -sp.log(_a3)),),
        ),
    ),
    Claim(
        id="002-3",
        quote="y = (1,2,3,4)",
        verdict="corrected",
        claimed=Thesis("With 5 classes as the output, the labels are 1, 2, 3, 4.", lambda: _classes_counted(4)),
        correction=Thesis(
            "With 5 classes there are five labels and five outputs, 1 to 5.", lambda: _classes_counted(5)
        ),
        remark="Later posts of the thread speak of four classes, with outputs A1 to A4.",
    ),
    Claim(
        id="002-4",
        quote=r"-z_3 + \log(... + \exp(z_2) +\exp(z_3)+... )",
        verdict="proved",
        claimed=Thesis(
            "J = -log a_3 = -z_3 + log Σ e^z.",
            lambda: is_equal("four classes", -_Z.x[_Y] + sp.log(_Z.total), _Z.loss(_Y)),
            formulas=(sp.Eq(J, _lse - _z3),),
        ),
        mutant=Thesis(
            "J = z_3 + log Σ e^z", lambda: is_equal("four classes", _Z.x[_Y] + sp.log(_Z.total), _Z.loss(_Y))
        ),
    ),
    Claim(
        id="002-5",
        quote=r"\frac{\partial{J}}{\partial{z_3}} = \frac{\exp(z_3)}{... + \exp(z_2) +\exp(z_3)+... } -1 = a_3 - 1",
        verdict="proved",
        claimed=Thesis(
            "dJ/dz_3 = a_3 - 1 for the true class 3.",
            lambda: gradient_is(lambda a, t: a - 1, _Z, labels=[_Y], classes=[_Y]),
            formulas=(sp.Eq(_slope3, _a3 - 1),),
        ),
        mutant=Thesis("dJ/dz_3 = 1 - a_3", lambda: gradient_is(lambda a, t: 1 - a, _Z, labels=[_Y], classes=[_Y])),
    ),
    Claim(
        id="002-6",
        quote=r"\frac{\partial{J}}{\partial{z_n}} = a_n where n \ne 3",
        verdict="proved",
        claimed=Thesis(
            "dJ/dz_n = a_n for every other class.",
            lambda: gradient_is(lambda a, t: a, _Z, labels=[_Y], classes=[0, 1, 3]),
            formulas=(sp.Eq(_slope, _an), sp.Ne(n, 3)),
        ),
        mutant=Thesis("dJ/dz_n = -a_n", lambda: gradient_is(lambda a, t: -a, _Z, labels=[_Y], classes=[0, 1, 3])),
        remark="The post infers it 'by induction' from n = 2; it is right because the other classes can be renamed.",
    ),
    Claim(
        id="002-7",
        quote=r"makes \frac{\partial{J}}{\partial{z_3}} always less than or equal to 0",
        verdict="proved",
        claimed=Thesis(
            "dJ/dz_3 <= 0 and dJ/dz_n >= 0 for the others.",
            lambda: is_positive(
                "-dJ/dz_3, dJ/dz_1, dJ/dz_2, dJ/dz_4",
                *(g if c != _Y else -g for c, g in enumerate(_Z.gradient(_Y))),
                strict=False,
            ),
            formulas=(sp.Le(_slope3, 0), sp.Ge(_slope, 0)),
        ),
        mutant=Thesis("dJ/dz_3 >= 0", lambda: is_positive("dJ/dz_3", _Z.gradient(_Y)[_Y], strict=False)),
        remark="With two classes or more neither is ever 0 at finite logits.",
    ),
    Claim(
        id="002-8",
        quote="the sum is not equal to 1. Remember there is a -1",
        verdict="proved",
        claimed=Thesis(
            "The derivatives by all logits do not sum to 1; they sum to 0.",
            lambda: _gradient_sum(0),
            formulas=(sp.Eq(sp.Sum(_slope, (n, 1, C)), 0),),
        ),
        mutant=Thesis("they sum to 1, as was asked", lambda: _gradient_sum(1)),
    ),
    Claim(
        id="002-9",
        quote="all neurons get suppressed and only the 3rd neuron gets incited",
        verdict="proved",
        claimed=Thesis(
            "A descent step raises the true logit z_3 and lowers every other logit.",
            lambda: descent.directions(1),
            formulas=(
                sp.StrictGreaterThan(sp.Symbol("z_3'"), _z3),
                sp.StrictLessThan(sp.Symbol("z_n'"), _zn),
            ),
        ),
        mutant=Thesis("it lowers z_3 and raises the others", lambda: descent.directions(-1)),
        remark="Of logits, for a step taken in the logits themselves; of probabilities see 002-16.",
    ),
    Claim(
        id="002-10",
        quote="only the learning rate term is being added to the update",
        verdict="corrected",
        claimed=Thesis(
            "The step adds the learning rate to z_3: z_3' = z_3 + α.",
            lambda: descent.true_logit_update(lambda alpha, a: alpha),
            formulas=(sp.Eq(sp.Symbol("z_3'"), _z3 + descent.STEP),),
        ),
        correction=Thesis(
            "It adds α (1 - a_3), which is less than α and fades as a_3 nears 1.",
            lambda: descent.true_logit_update(lambda alpha, a: alpha * (1 - a)),
            formulas=(sp.Eq(sp.Symbol("z_3'"), _z3 + descent.STEP * (1 - _a3)),),
        ),
    ),
    Claim(
        id="002-11",
        quote="a_n is always less than or equal to one",
        verdict="proved",
        claimed=Thesis(
            "Every a_n is positive and at most 1.",
            lambda: is_positive("a_n and 1 - a_n, four classes", *_A, *(1 - a for a in _A)),
            formulas=(sp.StrictLessThan(0, _an), sp.Le(_an, 1)),
        ),
        mutant=Thesis(
            "every a_n is at most 1/2", lambda: is_positive("1/2 - a_n", *(sp.Rational(1, 2) - a for a in _A))
        ),
        remark="With two classes or more it is below 1 for all finite logits.",
    ),
    Claim(
        id="002-12",
        quote="until the 3rd neuron predicts a_3=1",
        verdict="corrected",
        claimed=Thesis("Descent goes on until a_3 = 1.", lambda: _attained(True), formulas=(sp.Eq(_a3, 1),)),
        correction=Thesis(
            "a_3 = 1 is approached and never attained: at finite logits a_3 < 1, and every step still raises z_3.",
            lambda: _attained(False),
            formulas=(sp.StrictLessThan(_a3, 1),),
        ),
        remark="In floating point a_3 is rounded to 1 once the others are too small; the computed gradient is then 0.",
    ),
    Claim(
        id="002-13",
        quote="a_3 - 1 is between -1 and 0",
        verdict="proved",
        claimed=Thesis(
            "a_3 - 1 lies between -1 and 0.",
            lambda: _in_minus_one_zero(sp.Integer(-1)),
            formulas=(sp.StrictLessThan(-1, _a3 - 1), sp.StrictLessThan(_a3 - 1, 0)),
        ),
        mutant=Thesis("it lies between -1/2 and 0", lambda: _in_minus_one_zero(-sp.Rational(1, 2))),
    ),
    Claim(
        id="002-14",
        quote="If z_3 is the largest, a_3 stays the largest",
        verdict="proved",
        claimed=Thesis(
            "The common denominator keeps the order: the largest logit has the largest probability.",
            lambda: keeps_order(4),
            formulas=(sp.Implies(_z3 > _zn, _a3 > _an),),
        ),
        mutant=Thesis("with exp(-z) as well", lambda: keeps_order(4, -1)),
    ),
    Claim(
        id="002-15",
        quote="I think the negatives in exp(-z) shouldn",
        verdict="proved",
        claimed=Thesis(
            "exp(-z) is a mistake: with it the gradient is t - a, and a step lowers z_3 and raises every other logit.",
            lambda: _sign_in_exponent(lambda a, t: t - a),
            formulas=(sp.Eq(_slope, _tn - _an),),
        ),
        mutant=Thesis("with exp(-z) the gradient is a - t all the same", lambda: _sign_in_exponent(lambda a, t: a - t)),
        remark="exp(-z) belongs to the sigmoid 1 / (1 + exp(-z)), which is softmax of (z, 0).",
    ),
    Claim(
        id="002-16",
        quote="these values will be reducing. Am I right?",
        verdict="refuted",
        claimed=Thesis(
            "After a step the probabilities of all other classes are smaller.",
            descent.others_fall,
            formulas=(sp.StrictLessThan(sp.Symbol("a_n'"), _an), sp.Ne(n, 3)),
            method=EXACT,
        ),
        correction=Thesis(
            "After a step a_3 is larger and the others are smaller in their sum, but single ones may rise.",
            descent.true_class_rises,
            formulas=(
                sp.StrictGreaterThan(sp.Symbol("a_3'"), _a3),
                sp.StrictLessThan(1 - sp.Symbol("a_3'"), 1 - _a3, evaluate=False),
            ),
        ),
        remark="Logits of small probabilities are lowered least, so their share can grow. It holds for two classes.",
    ),
    Claim(
        id="002-17",
        quote=r"\sum_{n=1,2,3,4} log(y_n)",
        verdict="corrected",
        claimed=Thesis(
            "Several labels on one sample: the loss is Σ log y_n over them.",
            lambda: _several_labels(lambda logs: sp.Add(*logs)),
            formulas=(sp.Sum(sp.log(sp.Symbol("y_n")), (n, 1, 4)),),
        ),
        correction=Thesis(
            "The sum of the single losses is -Σ log y_n, with the minus.",
            lambda: _several_labels(lambda logs: -sp.Add(*logs)),
            formulas=(-sp.Sum(sp.log(sp.Symbol("y_n")), (n, 1, 4)),),
        ),
        remark="Whether several labels are summed or refused is a library's choice, as the post says.",
    ),
    Claim(
        id="002-18",
        quote="the 3rd neuron a_3 will be getting closer to 1 while all the others will get close to 0",
        verdict="proved",
        claimed=Thesis(
            "Descent on one sample of class 3 raises a_3 at every step, and in the limit a_3 is 1 and every other a_n "
            "is 0.",
            lambda: descent.in_the_limit(_Y),
            formulas=(
                sp.Eq(sp.Limit(_a3, sp.Symbol("s"), sp.oo), 1, evaluate=False),
                sp.Eq(sp.Limit(_an, sp.Symbol("s"), sp.oo), 0, evaluate=False),
                sp.Ne(n, 3),
            ),
        ),
        mutant=Thesis("the first neuron's output tends to 1", lambda: descent.in_the_limit(0)),
        remark="s counts the steps, which are taken in the logits themselves, of any constant size α > 0. On the way "
        "single others may rise (002-16).",
    ),
    Claim(
        id="002-19",
        quote="All of them contribute to the cost value",
        verdict="corrected",
        claimed=Thesis(
            "Each of the N outputs contributes a summand -t_n log a_n to the loss of a sample.",
            lambda: _summands(4),
            formulas=(sp.Eq(J, -sp.Sum(_tn * sp.log(_an), (n, 1, N))),),
        ),
        correction=Thesis(
            "One summand is left, that of the label. All outputs contribute through its denominator: every logit "
            "moves the loss.",
            _through_the_denominator,
            formulas=(sp.Eq(J, -sp.log(_a3)), sp.Ne(_slope, 0)),
        ),
        remark="The post goes on to say so: 'you use all the z's to calculate the loss in the denominator'.",
    ),
)
