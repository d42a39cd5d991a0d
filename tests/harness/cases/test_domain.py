"""The contract's domain: each bound excludes what lies beyond it and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.domain import largest_logit, outside, outside_by_shape
from softcert.cases.inputs import build


@pytest.mark.parametrize(
    ("claims", "inside", "beyond", "said"),
    [
        ({"min_classes": 2}, (1, 2), (1, 1), "fewer than 2 classes"),
        ({"max_classes": 3}, (1, 3), (1, 4), "more than 3 classes"),
        ({"classes_multiple_of": 4}, (1, 8), (1, 6), "classes not a multiple of 4"),
        ({"max_rows": 2}, (2, 3), (3, 3), "more than 2 rows"),
    ],
)
def test_a_bound_on_the_shape(claims, inside, beyond, said):
    contract = terms(**claims)
    assert outside_by_shape(rows_case(np.zeros(inside)), contract) == ""
    assert outside_by_shape(rows_case(np.zeros(beyond)), contract) == said
    assert outside(build(rows_case(np.zeros(beyond))), contract) == said


def test_a_bound_on_the_logits_looks_at_finite_ones():
    contract = terms(max_abs_logit=10.0)
    assert outside(build(rows_case([[10.0, -np.inf]])), contract) == ""
    assert outside(build(rows_case([[-10.5, 0.0]])), contract) == "a logit beyond 10"
    assert largest_logit(build(rows_case([[np.nan, np.inf]]))) == 0.0


def test_a_layout_that_is_not_claimed():
    contract = terms(layouts=("C",))
    assert outside(build(rows_case([[1.0, 2.0]])), contract) == ""
    assert outside(build(rows_case([[1.0, 2.0]], layout="Fortran")), contract) == "layout 'Fortran' not claimed"
