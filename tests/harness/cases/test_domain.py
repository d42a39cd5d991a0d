"""The contract's domain: each bound excludes what lies beyond it and nothing else."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tests.harness.building import rows_case, terms

from softcert.cases.domain import admits, largest_logit, outside, outside_by_shape, restricts
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


@pytest.mark.parametrize(
    "claims",
    [
        {"min_classes": 3},
        {"max_classes": 2},
        {"classes_multiple_of": 3},
        {"max_rows": 1},
        {"max_abs_logit": 1.5},
        {"layouts": ("C",)},
    ],
)
def test_a_case_is_admitted_where_its_inputs_lie_inside(claims):
    """The same answer, whether inputs are built or not; they are built only where logits decide."""
    contract = terms(**claims)
    crossed = product((1, 2), (2, 3), (1.0, 2.0), ("C", "Fortran"))
    cases = [rows_case(np.full((m, n), value), layout=layout) for m, n, value, layout in crossed]
    built = []
    found = [admits(case, contract, lambda case: built.append(case) or build(case)) for case in cases]
    assert found == [outside(build(case), contract) == "" for case in cases]
    assert set(found) == {True, False}
    assert bool(built) == ("max_abs_logit" in claims)
    assert restricts(contract)


def test_the_default_domain_leaves_nothing_out():
    assert not restricts(terms())
    assert not restricts(terms(exp_ulp=1.0, special_values="nan"))
