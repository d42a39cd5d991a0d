"""Derivatives for a symbolic number of classes: wrong ones are refuted."""

import sympy as sp

from softcert_oracle.symbolic.indexed import C, closed, i, j, p, vanishes, x, y


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
