"""Claims of seed 001: softmax as probability, mean cross-entropy, the example, log-sum-exp, the derivative."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from softcert_oracle.claims import exact
from softcert_oracle.claims.arguments import (
    C,
    Form,
    J,
    definitions,
    delta,
    equal,
    every,
    gradient_is,
    i,
    j,
    jacobian_is,
    k,
    keeps_order,
    m,
    named,
    positive,
)
from softcert_oracle.claims.claim import EXACT, Claim, Parts, Thesis

_Z = named("z", 1, 4)
_EXAMPLE = dict(zip(_Z.x, (5, 2, -1, 3), strict=True))
_zj, _zk, _P, _star = sp.symbols("z_j z_k P x^*")
_xk = sp.Symbol("x_k")
_shifted = sp.Sum(sp.exp(_xk - _star), (k, 1, sp.Symbol("n")))


def _inside_unit_interval(smallest: int) -> Parts:
    for classes in range(smallest, 6):
        p = definitions(classes, "z").softmax
        bounds = [o for v in p for o in (positive(v), positive(1 - v))]
        yield f"{classes} classes, each p > 0 and 1 - p > 0", every(bounds, "signs by coefficients")


def _sum_is(value: int) -> Parts:
    for classes in range(1, 6):
        total = sp.Add(*definitions(classes, "z").softmax)
        yield f"{classes} classes", equal(sp.Integer(value), total)


def _proportional(form: Form) -> Parts:
    p = _Z.softmax
    outcomes = (equal(form(_Z.x[a], _Z.x[b]), p[a] / p[b]) for a in range(4) for b in range(4))
    yield "p_i / p_j for all pairs of four classes", every(outcomes, "cancels")


def _one_argument(claimed: bool) -> Parts:
    """dσ_1/dz_2 is 0, or is -σ_1 σ_2."""
    p = _Z.softmax
    form = sp.Integer(0) if claimed else -p[0] * p[1]
    yield "dσ_1/dz_2", equal(form, sp.diff(p[0], _Z.x[1]), dict.fromkeys(_Z.x, 0))


def _shifted_softmax(form: Form) -> Parts:
    """form(z_n - z*, all z_k - z*, z*) against softmax, with z* the first logit and with any other number."""
    for star in (_Z.x[0], sp.Symbol("x_star", real=True)):
        shifts = [z - star for z in _Z.x]
        outcomes = (equal(form(shifts[c], shifts, star), _Z.softmax[c], _at(star)) for c in range(4))
        yield f"four classes, x* = {star}", every(outcomes, "equal for all logits")


def _log_sum_exp(form: Form) -> Parts:
    for star in (_Z.x[0], sp.Symbol("x_star", real=True)):
        yield f"four logits, x* = {star}", equal(form([z - star for z in _Z.x], star), _Z.logsumexp, _at(star))


def _at(star: sp.Symbol) -> dict[sp.Symbol, int]:
    """The document's example; 5 is its largest logit."""
    return _EXAMPLE | {star: 5}


def _mean_loss(form: Form) -> Parts:
    """Two samples of three classes, labels 2 and 3: form(targets, log p) of each, averaged, against -log p_y."""
    samples = [(named("u", 1, 3), 1), (named("v", 1, 3), 2)]
    claimed = sp.Add(*(form([delta(c, y) for c in range(3)], [sp.log(p) for p in d.softmax]) for d, y in samples)) / 2
    true = sp.Add(*(d.loss(y) for d, y in samples)) / 2
    yield "m = 2 samples, C = 3 classes, one-hot targets", equal(claimed, true)


def _classes_summed(count: int) -> Parts:
    """The probabilities of the classes 1..count of the four in the example sum to 1."""
    total = sp.Add(*_Z.softmax[:count])
    yield f"sum over c = 1..{count} of P(c)", equal(total, sp.Integer(1), _EXAMPLE)


def _example_rounds_to(decimals: Sequence[str]) -> Parts:
    """The four numbers belong to the logits as read, and to the same logits moved by 1 as well."""
    for logits in ((5, 2, -1, 3), (6, 3, 0, 4)):
        outcomes = (exact.rounds_to(v, d) for v, d in zip(exact.softmax(logits), decimals, strict=True))
        text = every(outcomes, "each probability rounds to the number shown")
        yield f"softmax{logits}, enclosed to 60 digits", text


# The smallest number that rounds to infinity, and half the smallest subnormal (what is not above it rounds to 0).
_EDGES = {
    "float32": ((2 - Fraction(1, 2**24)) * 2**127, Fraction(1, 2**150)),
    "float64": ((2 - Fraction(1, 2**53)) * 2**1023, Fraction(1, 2**1075)),
}


def _leaves_the_range(over: dict[str, tuple[str, str]]) -> Parts:
    """For each format: exp of the first number overflows, exp of the second underflows to 0."""
    for name, (high, low) in over.items():
        top, bottom = (exact.point(v) for v in _EDGES[name])
        yield f"exp({high}) overflows in {name}", exact.less(top, exact.exp(high), f"exp({high})")
        yield f"exp({low}) is 0 in {name}", exact.less(exact.exp(low), bottom, f"exp({low})")
    d = definitions(2)
    yield "while the loss of two equal logits is log 2, however large", equal(d.loss(0).subs(d.x[1], d.x[0]), sp.log(2))


def _quotient_rule(form: Form) -> Parts:
    top, total = sp.exp(_Z.x[0]), _Z.total
    slope = sp.diff(_Z.softmax[0], _Z.x[0])
    yield "as printed, before simplifying", equal(form(top, total), slope)
    yield "simplified", equal(top * (total - top) / total**2, slope)


_lse_true = sp.Eq(sp.Symbol("LSE"), _star + sp.log(_shifted))

CLAIMS = (
    Claim(
        id="001-1",
        quote="each component will be in the interval",
        verdict="corrected",
        claimed=Thesis(
            "For every number K of classes, each probability lies in the open interval (0, 1).",
            lambda: _inside_unit_interval(1),
            formulas=(sp.StrictLessThan(0, sp.Symbol("σ_i")), sp.StrictLessThan(sp.Symbol("σ_i"), 1)),
        ),
        correction=Thesis(
            "With two classes or more each probability lies in (0, 1); with one class it is 1.",
            lambda: _inside_unit_interval(2),
            formulas=(
                sp.StrictLessThan(0, sp.Symbol("σ_i")),
                sp.StrictLessThan(sp.Symbol("σ_i"), 1),
                sp.Ge(sp.Symbol("K"), 2),
            ),
        ),
        remark="In floating point 0 and 1 occur as rounded values for any K.",
    ),
    Claim(
        id="001-2",
        quote="the components will add up to 1",
        verdict="proved",
        claimed=Thesis(
            "The probabilities sum to 1.",
            lambda: _sum_is(1),
            formulas=(sp.Eq(sp.Sum(sp.Symbol("σ_i"), (i, 1, sp.Symbol("K"))), 1),),
        ),
        mutant=Thesis("they sum to 2", lambda: _sum_is(2)),
    ),
    Claim(
        id="001-3",
        quote="the larger input components will correspond to larger probabilities",
        verdict="proved",
        claimed=Thesis(
            "A larger logit has a larger probability.",
            lambda: keeps_order(4),
            formulas=(sp.Implies(sp.Symbol("z_i") > sp.Symbol("z_j"), sp.Symbol("σ_i") > sp.Symbol("σ_j")),),
        ),
        mutant=Thesis("a larger logit has a smaller probability", lambda: keeps_order(4, -1)),
    ),
    Claim(
        id="001-4",
        quote="probabilities proportional to the exponentials of the input numbers",
        verdict="proved",
        claimed=Thesis(
            "Two probabilities are in the ratio of the exponentials of their logits.",
            lambda: _proportional(lambda a, b: sp.exp(a) / sp.exp(b)),
            formulas=(sp.Eq(sp.Symbol("σ_i") / sp.Symbol("σ_j"), sp.exp(sp.Symbol("z_i") - sp.Symbol("z_j"))),),
        ),
        mutant=Thesis("their ratio is exp(z_j - z_i)", lambda: _proportional(lambda a, b: sp.exp(b - a))),
    ),
    Claim(
        id="001-5",
        quote=r"\sigma(z_i) = rac{e^{z_i}}",
        verdict="corrected",
        claimed=Thesis(
            "σ is a function of the single number z_i.",
            lambda: _one_argument(True),
            formulas=(sp.Function("σ")(sp.Symbol("z_i")),),
        ),
        correction=Thesis(
            "σ is a function of the whole vector: component i is σ(z)_i, and it falls when another logit grows.",
            lambda: _one_argument(False),
            formulas=(sp.Eq(sp.Symbol("σ_i"), sp.exp(sp.Symbol("z_i")) / sp.Sum(sp.exp(_zj), (j, 1, sp.Symbol("K")))),),
        ),
        reconstructed=True,
        remark="'rac' is what is left of \\frac.",
    ),
    Claim(
        id="001-6",
        quote=r"P(y=|x) = \frac{(x_n - x^n)}{x^n + \log(\exp(x_1 - x^n)) + ... + \log(\exp(x_n - x^n))}",
        verdict="corrected",
        claimed=Thesis(
            "P(y = n | x) is (x_n - x*) over x* + Σ log exp(x_k - x*), with x* the largest logit.",
            lambda: _shifted_softmax(
                lambda own, shifts, star: own / (star + sp.Add(*(sp.log(sp.exp(s)) for s in shifts)))
            ),
            formulas=(
                sp.Eq(
                    _P,
                    (sp.Symbol("x_n") - _star) / (_star + sp.Sum(sp.log(sp.exp(_xk - _star)), (k, 1, sp.Symbol("n")))),
                ),
            ),
        ),
        correction=Thesis(
            "P(y = n | x) is exp(x_n - x*) over Σ exp(x_k - x*); its logarithm is x_n - x* - log Σ exp(x_k - x*).",
            lambda: _shifted_softmax(lambda own, shifts, star: sp.exp(own) / sp.Add(*(sp.exp(s) for s in shifts))),
            formulas=(sp.Eq(_P, sp.exp(sp.Symbol("x_n") - _star) / _shifted),),
        ),
        reconstructed=True,
        remark="x^n of the print is read as x*, as in the formula for LSE. By it the largest logit has P = 0.",
    ),
    Claim(
        id="001-7",
        quote=r"[-y_{(c)} \log P(y_{(c)}|x^{(i)})]",
        verdict="proved",
        claimed=Thesis(
            "Mean cross-entropy: for one-hot targets the double sum is the mean of -log P of the samples' labels.",
            lambda: _mean_loss(lambda y, log_p: sp.Add(*(-a * b for a, b in zip(y, log_p, strict=True)))),
            formulas=(
                sp.Eq(
                    J,
                    sp.Sum(sp.Sum(-sp.Symbol("y_c^i") * sp.log(sp.Symbol("P_c^i")), (sp.Symbol("c"), 1, C)), (i, 1, m))
                    / m,
                ),
            ),
        ),
        mutant=Thesis(
            "without the minus",
            lambda: _mean_loss(lambda y, log_p: sp.Add(*(a * b for a, b in zip(y, log_p, strict=True)))),
        ),
        reconstructed=True,
        remark="The target needs its sample's index too: y_c of sample i. 'rac' is what is left of \\frac.",
    ),
    Claim(
        id="001-8",
        quote="where C is the ground true label",
        verdict="corrected",
        claimed=Thesis(
            "C, the upper end of the sum over classes, is the true label (1, dog, in the example).",
            lambda: _classes_summed(1),
            formulas=(sp.Eq(C, sp.Symbol("y")),),
        ),
        correction=Thesis(
            "C is the number of classes: the sum runs over all of them, and their probabilities sum to 1.",
            lambda: _classes_summed(4),
            formulas=(sp.Eq(sp.Sum(sp.Symbol("P_c"), (sp.Symbol("c"), 1, C)), 1),),
        ),
    ),
    Claim(
        id="001-9",
        quote="0.842\\ 0.042\\ 0.002\\ 0.114",
        verdict="proved",
        claimed=Thesis(
            "softmax(5, 2, -1, 3) = (0.842, 0.042, 0.002, 0.114) to three places.",
            lambda: _example_rounds_to(("0.842", "0.042", "0.002", "0.114")),
            formulas=(
                sp.Eq(sp.Function("σ")(5, 2, -1, 3), sp.Tuple(*map(sp.Symbol, ("0.842", "0.042", "0.002", "0.114")))),
            ),
            method=EXACT,
        ),
        mutant=Thesis("its first entry is 0.843", lambda: _example_rounds_to(("0.843", "0.042", "0.002", "0.114"))),
        reconstructed=True,
        remark="The row of logits is printed [52 - 13]: four digits, with the minus before the third, are read as four "
        "logits. The four numbers do not settle it: other logits, such as 6, 3, 0, 4, give them as well.",
    ),
    Claim(
        id="001-10",
        quote="This can result in numerical underflow/overflow",
        verdict="proved",
        claimed=Thesis(
            "The direct formula leaves the range: exp overflows above 88.7229 (float32) or 709.7828 (float64) and is 0 "
            "below -103.9721 or -745.1333, though the loss is an ordinary number.",
            lambda: _leaves_the_range({"float32": ("88.7229", "-103.9721"), "float64": ("709.7828", "-745.1333")}),
            formulas=(sp.Eq(sp.log(2 * sp.exp(sp.Symbol("x"))) - sp.Symbol("x"), sp.log(2), evaluate=False),),
            method=EXACT,
        ),
        mutant=Thesis(
            "exp overflows already at 88.7228 (float32) or 709.7827 (float64)",
            lambda: _leaves_the_range({"float32": ("88.7228", "-103.9721"), "float64": ("709.7827", "-745.1333")}),
        ),
    ),
    Claim(
        id="001-11",
        quote="SE(x_1, x_2, ..., x_n) = x^* + log(exp(x_1 - x^*)) + ... + log(exp(x_n - x^*))",
        verdict="corrected",
        claimed=Thesis(
            "Log-sum-exp is x* + Σ log exp(x_k - x*), the logarithm inside the sum.",
            lambda: _log_sum_exp(lambda shifts, star: star + sp.Add(*(sp.log(sp.exp(s)) for s in shifts))),
            formulas=(sp.Eq(sp.Symbol("LSE"), _star + sp.Sum(sp.log(sp.exp(_xk - _star)), (k, 1, sp.Symbol("n")))),),
        ),
        correction=Thesis(
            "Log-sum-exp is x* + log Σ exp(x_k - x*), for any x*; the largest logit is the safe choice.",
            lambda: _log_sum_exp(lambda shifts, star: star + sp.log(sp.Add(*(sp.exp(s) for s in shifts)))),
            formulas=(_lse_true,),
        ),
        reconstructed=True,
        remark="The L of LSE is lost in the print. As printed it is x* + Σ (x_k - x*), linear in the logits.",
    ),
    Claim(
        id="001-12",
        quote=r"rac{\partial P}{\partial z_j} = rac{exp(z_j)' \sum_{k=1}^K \exp(z_k) - [\sum_{k=1}^K \exp(z_k)]' "
        r"exp(z_j)}",
        verdict="proved",
        claimed=Thesis(
            "Quotient rule for dP_j/dz_j: (e^{z_j} Σ - e^{z_j} e^{z_j}) / Σ², that is e^{z_j} (Σ - e^{z_j}) / Σ².",
            lambda: _quotient_rule(lambda e, s: (e * s - e * e) / s**2),
            formulas=(
                sp.Eq(sp.Derivative(_P, _zj), sp.exp(_zj) * (sp.Symbol("Σ") - sp.exp(_zj)) / sp.Symbol("Σ") ** 2),
            ),
        ),
        mutant=Thesis("with a plus in the numerator", lambda: _quotient_rule(lambda e, s: (e * s + e * e) / s**2)),
        reconstructed=True,
    ),
    Claim(
        id="001-13",
        quote=r"rac{\partial P}{\partial z_j} = P(y=j|x)(1-P(y=j|x))",
        verdict="proved",
        claimed=Thesis(
            "The probability of class j, differentiated by its own logit z_j, is P_j (1 - P_j).",
            lambda: jacobian_is(lambda a, b, d: a * (1 - a), 4, "diagonal"),
            formulas=(sp.Eq(sp.Derivative(sp.Symbol("P_j"), _zj), sp.Symbol("P_j") * (1 - sp.Symbol("P_j"))),),
        ),
        mutant=Thesis("it is P_j (1 + P_j)", lambda: jacobian_is(lambda a, b, d: a * (1 + a), 4, "diagonal")),
        reconstructed=True,
        remark="This is the diagonal of the derivative. The document does not give the entries off it, "
        "dP_j/dz_k = -P_j P_k (claim 003-6), which the gradient of the loss by the other logits needs.",
    ),
    Claim(
        id="001-14",
        quote=r"y_{(c)} = [\, 1\ 0\ 0\ 0\,]",
        verdict="proved",
        claimed=Thesis(
            "With the one-hot target (1, 0, 0, 0) of the example, the gradient of its loss is p - y.",
            lambda: gradient_is(lambda p, t: p - t, _Z, labels=[0]),
            formulas=(sp.Eq(sp.Derivative(J, _zj), sp.Symbol("σ_j") - sp.Symbol("y_j")),),
        ),
        mutant=Thesis("it is y - p", lambda: gradient_is(lambda p, t: t - p, _Z, labels=[0])),
        remark="Not written out in the document: it follows from its loss, target and example.",
    ),
)
