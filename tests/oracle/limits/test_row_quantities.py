"""The quantities that limits are written in are those of their definitions, also for absent and special entries."""

from __future__ import annotations

import numpy as np
from tests.oracle.limits.by_hand import EXP, LABELS, U, X, quantities, row

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits.row_quantities import RowQuantities
from softcert_oracle.reference import truth


def test_distances_surprisals_and_weights_are_those_of_the_definition() -> None:
    t, r = quantities(), row()
    assert np.array_equal(t.distance, r.d)
    assert np.allclose(t.surprisal, r.l, rtol=1e-14)
    assert np.allclose(t.log_sum, r.L, rtol=1e-14)
    assert np.allclose(t.weights, r.p, rtol=1e-14)
    assert np.allclose(t.probability.to_float(), r.p, rtol=1e-14)
    assert np.allclose(t.mean_distance, r.D, rtol=1e-14)
    assert t.largest_logit.ravel().tolist() == [3.0, 20.0, 4.0]


def test_the_error_of_the_sum_weighs_the_errors_of_its_terms() -> None:
    t, r = quantities(), row()
    assert np.allclose(t.sum_error(3.0), r.sum_error(3.0), rtol=1e-12)
    assert np.allclose(t.term_error(3.0)[0], [7.5 * U + EXP, 4.5 * U + EXP, 16.5 * U + EXP, 0.0], rtol=1e-14)
    assert np.allclose(t.term_error(1.0, at_maximum=U, everywhere=2 * U)[0, 3], 3 * U, rtol=1e-14)


def test_others_leave_one_class_out_however_far_below_the_rest_lies() -> None:
    t, r = quantities(), row()
    assert np.allclose(t.mean_distance_without(LABELS), r.others(LABELS), rtol=1e-14)
    far = quantities(np.array([[0.0, -2000.0, -2001.0]]))
    weights, logs = far.others(np.array([0]))
    assert np.allclose(weights, [[0.0, 1 / (1 + np.exp(-1)), np.exp(-1) / (1 + np.exp(-1))]], rtol=1e-12)
    assert np.allclose(logs[0, 1:], [np.log1p(np.exp(-1)), 1 + np.log1p(np.exp(-1))], rtol=1e-12)
    alone = quantities(np.array([[1.0]]))
    assert alone.mean_distance_without(np.array([0])).tolist() == [[0.0]]


def test_absent_entries_and_special_rows_have_no_quantities() -> None:
    t = quantities(np.array([[0.0, -np.inf], [np.inf, 1.0], [np.nan, 1.0]]))
    assert t.absent.tolist() == [[False, True], [True, True], [True, True]]
    assert t.distance.tolist() == [[0.0, 0.0]] * 3
    assert t.weights.tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    assert t.sum.ravel().tolist() == [1.0, 1.0, 1.0]
    assert t.by_row(np.full((3, 1), 7.0)).to_float().tolist() == [7.0, 0.0, 0.0]
    assert t.absolute(np.ones((3, 2))).to_float().tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


def test_a_distance_that_overflows_counts_four_times() -> None:
    largest = float(np.finfo(np.float32).max)
    assert not quantities(np.array([[largest, -largest]])).beyond.any()  # finite in float64
    t = RowQuantities(truth.rows(np.array([[1.7e308, -1.7e308]])), LimitParameters(format="float64"))
    assert t.beyond.tolist() == [[False, True]]
    assert t.distance[0, 1] == 2.0**1023
    assert t.absolute(np.array([[1.0, 1.0]])).to_float().tolist() == [[1.0, 4.0]]


def test_exponentials_below_twice_the_smallest_normal_number_may_be_lost() -> None:
    t = quantities(np.array([[0.0, -86.0, -87.0, -100.0]]))
    assert t.below_normal.tolist() == [[False, False, True, True]]
    assert t.lost_terms.item() == 2 * 4 * 2.0**-149  # two terms, each off by at most 4 ulp of the smallest subnormal
    online = quantities(np.array([[0.0, -86.0, -87.0, -100.0]]), algorithm="online")
    assert online.lost_terms.item() == 6 * 4 * 2.0**-149
    assert t.probability_below_normal.tolist() == [[False, False, True, True]]


def test_a_large_exponent_goes_around_the_range_of_float64() -> None:
    t = quantities(np.array([[0.0, -900.0]]))
    limit = t.relative(np.array([[0.0, 1000.0]]))
    assert limit.to_float()[0, 0] == 0.0
    assert np.isclose(limit.to_float()[0, 1], np.exp(100.0), rtol=1e-9)
    assert np.allclose(t.relative(np.full((1, 2), 1e-3)).to_float()[0, 0], np.expm1(1e-3), rtol=1e-14)


def test_an_input_of_more_bits_than_are_computed_with_moves_by_its_rounding() -> None:
    assert quantities().moved.ravel().tolist() == [0.0, 0.0, 0.0]
    moved = quantities(working_precision="float16").moved
    assert np.allclose(moved[:, 0], 2.0**-11 * np.abs(X).max(axis=1), rtol=1e-4)


def test_the_logarithm_of_a_sum_adds_its_own_error_once() -> None:
    t = quantities()
    a = np.array([[1e-6], [0.0], [0.0]])
    assert np.allclose(t.log_error(a), a + 8 * U * (t.log_sum + a), rtol=1e-14)
