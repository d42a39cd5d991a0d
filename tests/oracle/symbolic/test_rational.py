"""Equality and sign of rational functions of exponentials: proven, refuted by numbers, or undecided."""

import pytest
import sympy as sp

from softcert_oracle.symbolic import every
from softcert_oracle.symbolic.definitions import definitions, delta
from softcert_oracle.symbolic.rational import equal, positive


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
