"""Expressions compiled to numbers: logarithmic forms are those of the definition, at the caller's precision."""

import mpmath
import pytest

from softcert_oracle.symbolic import lambdified
from softcert_oracle.symbolic.expressions import agrees_with_definition


@pytest.mark.parametrize("classes", [1, 2, 3, 4, 5])
def test_its_logarithmic_forms_are_those_of_the_definition(classes):
    assert agrees_with_definition(classes)


def test_the_functions_work_at_the_callers_precision():
    (softmax,) = lambdified("softmax", 2)
    with mpmath.workdps(50):
        assert abs(softmax(0, 1)[0] - 1 / (1 + mpmath.e)) < mpmath.mpf(10) ** -49
    assert len(lambdified("cross_entropy_grad", 3)) == 3
