"""Every proof holds, and the same machinery refutes what is wrong."""

from xml.etree import ElementTree

import pytest
import sympy as sp

from softcert_oracle.symbolic import Outcome, every, proofs, prove
from softcert_oracle.symbolic.definitions import definitions, delta
from softcert_oracle.symbolic.indexed import C, closed, i, j, p, vanishes, x, y
from softcert_oracle.symbolic.limits import tends
from softcert_oracle.symbolic.mathml import mathml
from softcert_oracle.symbolic.rational import equal, positive


@pytest.mark.parametrize("index", range(20))
def test_each_proof_holds_and_shows_its_steps(index):
    assert len(proofs()) == 20
    proof = proofs()[index]
    assert proof.holds, proof.counterexample
    assert proof.statement
    assert proof.method
    assert all(proof.steps)
    assert not proof.counterexample
    if proof.mathml:
        ElementTree.fromstring(proof.mathml)


@pytest.mark.parametrize("wrong", [lambda p, t: p + t, lambda p, t: p, lambda p, t: 2 * p - t, lambda p, t: p - p * t])
@pytest.mark.parametrize("classes", [2, 3, 4])
def test_a_wrong_gradient_is_refuted_by_numbers(classes, wrong):
    d = definitions(classes)
    outcome = every((equal(g, wrong(d.softmax[k], delta(k, 0))) for k, g in enumerate(d.gradient(0))), "gradient")
    assert not outcome.holds
    assert "the claim gives" in outcome.counterexample


def test_a_jacobian_without_its_off_diagonal_is_refuted():
    d = definitions(2)
    assert equal(d.jacobian()[0][0], d.softmax[0] * (1 - d.softmax[0])).holds
    assert not equal(d.jacobian()[0][1], sp.Integer(0)).holds


def test_wrong_derivatives_for_symbolic_class_count_are_refuted():
    loss = -sp.log(p(y))
    assert vanishes(sp.diff(loss, x[j]) - (p(j) - sp.KroneckerDelta(j, y))).holds
    assert not vanishes(sp.diff(loss, x[j]) - p(j)).holds
    assert not vanishes(sp.diff(loss, x[j]) - (p(j) + sp.KroneckerDelta(j, y))).holds
    assert not vanishes(sp.diff(p(i), x[j]) - p(i) * (sp.KroneckerDelta(i, j) + p(j))).holds
    assert not vanishes(sp.diff(p(i), x[j]) - p(i) * (2 * sp.KroneckerDelta(i, j) - p(j))).holds


def test_kroneckers_delta_is_summed_out_inside_the_range():
    k = sp.Symbol("k", integer=True)
    assert closed(sp.Sum(sp.exp(x[k]) * sp.KroneckerDelta(j, k), (k, 1, C))) == sp.exp(x[j])


def test_equality_with_logarithms_sees_a_constant_and_a_slope():
    d = definitions(3)
    assert equal(d.loss(0), d.logsumexp - d.x[0]).holds
    assert not equal(d.loss(0), d.logsumexp - d.x[0] + sp.log(2)).holds
    assert not equal(d.loss(0), d.logsumexp - d.x[1]).holds


def test_a_sign_is_proven_refuted_or_reported_as_undecided():
    a, b = sp.symbols("a b", positive=True)
    assert positive(a / (a + b)).holds
    assert not positive(a - b).holds
    assert positive(sp.Integer(0), strict=False).holds
    assert not positive(sp.Integer(0)).holds
    with pytest.raises(ArithmeticError, match="neither proven nor refuted"):
        positive(a**2 - a * b + b**2)
    with pytest.raises(ArithmeticError, match="positive symbols only"):
        positive(sp.Symbol("v"))


def test_a_wrong_limit_is_refuted():
    d = definitions(2)
    assert tends(d.softmax[0], d.x[0], sp.oo, sp.Integer(1)).holds
    assert not tends(d.softmax[0], d.x[0], sp.oo, sp.Integer(0)).holds
    assert not tends(d.softmax[0], d.x[0], sp.oo, sp.oo).holds


def test_nothing_decided_proves_nothing():
    with pytest.raises(ValueError, match="nothing was decided"):
        every([], "nothing")
    with pytest.raises(ValueError, match="no argument"):
        prove("nothing", [], method="none")
    refuted = prove("two parts", [("a", Outcome(True, "")), ("b", Outcome(False, "", "1"))], method="none")
    assert (refuted.holds, refuted.counterexample) == (False, "b: 1")


@pytest.mark.parametrize(
    ("formula", "parts"),
    [
        (sp.Symbol("a") < sp.Symbol("b"), ["&lt;"]),
        (sp.Derivative(sp.Symbol("L"), sp.Symbol("x"), sp.Symbol("x")), ["∂", "<mn>2</mn>"]),
        (sp.Sum(sp.Sum(sp.Symbol("a"), (j, 1, 2)), (i, 1, 3)), ["<mi>i</mi>", "<mi>j</mi>"]),
        (sp.Product(sp.Symbol("p_j"), (j, 1, C)), ["∏"]),
        (1 - sp.Symbol("p"), ["<mn>1</mn><mo>−</mo><mi>p</mi>"]),
        (sp.exp(sp.Symbol("x")), ["<mi>e</mi>"]),
        (sp.KroneckerDelta(i, j), ["δ"]),
        (sp.Function("P")(sp.Symbol("a"), sp.Symbol("b")), ["<mi>P</mi>", "<mo>,</mo>"]),
    ],
)
def test_mathml_is_well_formed_and_says_all(formula, parts):
    text = mathml(formula)
    assert ElementTree.fromstring(text).tag.endswith("}math")
    for part in parts:
        assert part in text
