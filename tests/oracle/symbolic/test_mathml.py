"""Formulas as MathML: well-formed, and nothing is left out."""

from xml.etree import ElementTree

import pytest
import sympy as sp

from softcert_oracle.symbolic.indexed import C, i, j
from softcert_oracle.symbolic.mathml import mathml


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
