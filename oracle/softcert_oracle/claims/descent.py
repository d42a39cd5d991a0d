"""One step of gradient descent on the logits: z_n' = z_n - α (a_n - t_n), and what it does to the probabilities.

In symbols for any step α > 0, and in exact numbers at the probabilities of the seed's question: a = (0.90, 0.04,
0.05, 0.01), true class 3, α = 1/10.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from softcert_oracle.claims import exact
from softcert_oracle.claims.arguments import Form, named
from softcert_oracle.claims.claim import Parts
from softcert_oracle.symbolic.definitions import delta
from softcert_oracle.symbolic.limits import tends
from softcert_oracle.symbolic.proof import Outcome, every
from softcert_oracle.symbolic.rational import equal, positive

Z = named("z", 1, 4)
TRUE = 2  # class 3, counted from 1 as in the document
STEP = sp.Symbol("alpha", positive=True)

BEFORE = (Fraction(90, 100), Fraction(4, 100), Fraction(5, 100), Fraction(1, 100))
RATE = Fraction(1, 10)


def change(n: int) -> sp.Expr:
    """z_n' - z_n, from the differentiated loss."""
    return -STEP * Z.gradient(TRUE)[n]


def directions(sign: int) -> Parts:
    """The true logit rises and every other falls (sign 1), or the opposite."""
    outcomes = (positive(sign * change(n) * (1 if n == TRUE else -1)) for n in range(4))
    yield "z_n' - z_n = -α dJ/dz_n, four classes", every(outcomes, "sign by coefficients, for every α > 0")


def true_logit_update(form: Form) -> Parts:
    """z_3' - z_3 is form(α, a_3)."""
    at = dict.fromkeys(Z.x, 0) | {STEP: sp.Rational(1, 10)}
    yield "z_3' - z_3", equal(form(STEP, Z.softmax[TRUE]), change(TRUE), at)


def after() -> list[exact.Interval]:
    """The probabilities after the step, enclosed: a_n e^{-α (a_n - t_n)} over their sum."""
    grown = [exact.point(a) * exact.exp(-RATE * (a - int(n == TRUE))) for n, a in enumerate(BEFORE)]
    s = exact.total(grown)
    return [g / s for g in grown]


def others_fall() -> Parts:
    """Every other probability falls in the example's step."""
    new = after()
    for n in (0, 1, 3):
        fell = exact.less(new[n], exact.point(BEFORE[n]), f"a_{n + 1}")
        every_new = ", ".join(str(v) for v in new)
        text = (
            "a = (0.90, 0.04, 0.05, 0.01), true class 3, step 0.1: "
            f"a_{n + 1} rises from {float(BEFORE[n])} to {new[n]}; all after the step: ({every_new})"
        )
        yield f"a_{n + 1} falls", fell if fell.holds else Outcome(False, "it rises", text)


def true_class_rises() -> Parts:
    """a_y rises and the sum of the others falls, for every step: by an identity and in the example.

    With G_n = e^{α (t_n - a_n)}: a_y' - a_y = a_y Σ_{n != y} a_n (G_y - G_n) / Σ a_n G_n, and G_y > 1 > G_n.
    """
    growth = sp.symbols("G_1:5", positive=True)
    p = Z.softmax
    s = sp.Add(*(a * g for a, g in zip(p, growth, strict=True)))
    rise = p[TRUE] * growth[TRUE] / s - p[TRUE]
    as_sum = p[TRUE] * sp.Add(*(p[n] * (growth[TRUE] - growth[n]) for n in range(4))) / s
    yield "a_3' - a_3 = a_3 Σ a_n (G_3 - G_n) / Σ a_n G_n", equal(as_sum, rise)
    gap = sp.Symbol("h", positive=True)
    ahead = as_sum
    for n in (0, 1, 3):  # G_n = G_3 / (1 + h): any smaller positive number
        ahead = ahead.subs(growth[n], growth[TRUE] / (1 + gap * sp.Symbol(f"r_{n + 1}", positive=True)))
    yield "that is positive for every G_3 > G_n > 0", positive(ahead)
    exponents = [delta(n, TRUE) - p[n] for n in range(4)]
    signs = (positive(exponents[n] if n == TRUE else -exponents[n]) for n in range(4))
    yield "G_3 > 1 > G_n: exponents α (1 - a_3) > 0 > -α a_n", every(signs, "signs by coefficients")
    yield "the others' sum is 1 - a_3, so it falls", equal(sp.Add(*(p[n] for n in (0, 1, 3))), 1 - p[TRUE])
    yield "in the example a_3 rises", exact.less(exact.point(BEFORE[TRUE]), after()[TRUE], "a_3")


def in_the_limit(winner: int) -> Parts:
    """Descent without end takes the output of the winner to 1 and every other to 0.

    The gap of the winner's logit to any other grows in each step by more than α (1 - a_winner). If a_winner stayed
    below a bound under 1, every gap would therefore grow beyond all bounds, and with all gaps a_winner tends to 1.
    For the true class a_3 rises at every step (`true_class_rises`), so that it has a limit, and 1 is what is left.
    """
    others = [n for n in range(4) if n != winner]
    growth = {n: (change(winner) - change(n)) / STEP for n in others}
    left = 1 - Z.softmax[winner]
    faster = (positive(g - left) for g in growth.values())
    yield "each gap z_w - z_n grows by more than α (1 - a_w) in a step", every(faster, "sign by coefficients")
    yield "a_w < 1, so that growth is positive", positive(left)
    gaps = {n: sp.Symbol(f"h_{n + 1}", positive=True) for n in others}
    behind = {Z.x[n]: Z.x[winner] - gaps[n] for n in others}
    alone = sp.Symbol("G", positive=True)
    beyond = Z.softmax[winner].subs(behind).subs({h: sp.log(alone) for h in gaps.values()})
    yield "all gaps beyond all bounds: a_w -> 1", tends(sp.simplify(beyond), alone, sp.oo, sp.Integer(1))
    yield from true_class_rises()
