"""The symbolic definitions are those of NumPy in numbers, and their derivatives are differentiated, not written."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from softcert_oracle.symbolic.definitions import CLASSES, definitions, delta

AT = [0.3, -1.2, 2.0, 0.7, -0.4]


def number(expression: sp.Expr, classes: int) -> float:
    return float(expression.subs(dict(zip(definitions(classes).x, AT, strict=False))).evalf(17))


@pytest.mark.parametrize("classes", CLASSES)
def test_probabilities_losses_and_derivatives_are_those_of_the_definition_in_numbers(classes: int) -> None:
    d, x = definitions(classes), np.array(AT[:classes])
    p = np.exp(x) / np.exp(x).sum()
    label = classes - 1
    one_hot = np.eye(classes)[label]
    assert [number(v, classes) for v in d.softmax] == pytest.approx(p, rel=1e-14)
    assert number(d.logsumexp, classes) == pytest.approx(np.log(np.exp(x).sum()), rel=1e-14)
    assert number(d.loss(label), classes) == pytest.approx(-np.log(p[label]), abs=1e-15)
    assert [number(v, classes) for v in d.gradient(label)] == pytest.approx(p - one_hot, abs=1e-15)
    jacobian = np.diag(p) - np.outer(p, p)
    for symbolic in (d.jacobian(), d.hessian(label)):
        got = [[number(v, classes) for v in row] for row in symbolic]
        assert np.allclose(got, jacobian, atol=1e-15)


def test_logits_are_named_from_one_and_deltas_are_one_where_indices_agree() -> None:
    assert [s.name for s in definitions(3, "z").x] == ["z_1", "z_2", "z_3"]
    assert [delta(1, j) for j in range(3)] == [0, 1, 0]
