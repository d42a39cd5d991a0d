"""The relative limit of 1 - p_y where it is formed from the sum of the others, or as expm1 of the loss."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import EXP, HALF, LABELS, LOG, ROUNDING, U, quantities, row

from softcert_oracle.limits import complement


def test_the_constant_has_four_roundings_the_sums_growth_and_both_functions() -> None:
    none = np.zeros(1)
    assert np.isclose(complement.constant(quantities(), none), 4 * ROUNDING + EXP + LOG, rtol=1e-14)
    grown = complement.constant(quantities(exp_ulp=1.0, log_ulp=1.0), np.full(1, 5 * ROUNDING))
    assert np.isclose(grown, 9 * ROUNDING - np.log1p(-2 * U) + 2 * U, rtol=1e-14)
    division = complement.constant(quantities(div_ulp=2.0), none) - complement.constant(quantities(), none)
    assert np.isclose(division, -np.log1p(-4 * U) - ROUNDING, rtol=1e-6)


def test_the_limit_is_relative_however_near_to_one_the_probability_lies() -> None:
    r = row()
    at = np.arange(3), LABELS
    both = (r.growth() + r.growth(LABELS))[:, 0]
    relative = np.expm1(U * (3 * r.others(LABELS) + r.D)[:, 0] + 4 * ROUNDING + both + 2 * EXP + LOG)
    one_minus = np.array([r.p[i].sum() - r.p[i, y] for i, y in enumerate(LABELS)])
    one_minus[1] = np.sum(np.delete(r.p[1], 0))
    got = complement.gradient(quantities(), LABELS).to_float()
    assert np.allclose(got, one_minus * relative + HALF, rtol=1e-9)
    assert got[1] < 1e-13 < 1 - r.p[at][1]


def test_terms_that_underflow_lose_what_they_may_lose() -> None:
    t = quantities(np.array([[0.0, -87.0, -100.0]]))
    assert complement.lost(t).to_float().item() == 2 * 4 * 2.0**-149 + HALF
    assert complement.lost(quantities()).to_float().ravel().tolist() == [HALF] * 3


def test_special_rows_have_no_limit() -> None:
    t = quantities(np.array([[np.inf, 0.0], [1.0, 0.0]]))
    limit = complement.gradient(t, np.array([0, 0])).to_float()
    assert limit[0] == 0.0
    assert limit[1] > 0.0


def test_the_entries_of_the_labels_are_marked() -> None:
    marked = complement.true_class(quantities(), LABELS)
    assert marked.tolist() == [[j == y for j in range(4)] for y in LABELS]
