"""Depth and growth of sums: what rounding does to the sum of exponentials and to the sum over a batch."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.limit_parameters import LimitParameters
from softcert_oracle.limits import sums

U = 2.0**-24


@pytest.mark.parametrize("count", [*range(1, 40), 127, 128, 129, 255, 256, 1000, 1023, 8192, 32000, 65537])
def test_pairwise_depth_lies_between_a_balanced_tree_and_a_loop(count):
    found = sums.depth(count, "pairwise")
    assert np.ceil(np.log2(count)) <= found <= max(count - 1, 0) + (8 <= count < 16) * 4
    assert sums.depth(count, "any") == count - 1
    assert sums.depth(count, 3) == min(count - 1, 3)


def test_a_thousand_classes_summed_pairwise_have_a_small_fraction_of_the_depth():
    assert sums.depth(32000, "any") == 31999
    assert sums.depth(32000, "pairwise") <= 40


@pytest.mark.parametrize(("count", "depth"), [(1, 0), (7, 6), (8, 4), (15, 12), (128, 19), (129, 14), (1000, 22)])
def test_the_pairwise_tree_is_numpys(count, depth):
    # Below 8 a loop; else the longest of eight lanes, three levels that join them, a plain tail; halves above 128.
    assert sums.depth(count, "pairwise") == depth


def test_growth_is_one_rounding_a_level_of_the_format_that_sums_are_kept_in():
    def growth(count, **claims):
        return sums.growth(count, LimitParameters(**{"format": "float32", **claims}))

    one, half, double = np.log1p(U), np.log1p(2.0**-11), np.log1p(2.0**-53)
    assert growth(1) == 0.0
    assert growth(10) == 9 * one
    assert growth(10, summation=2) == 2 * one
    assert growth(10, sum_format="float16", summation=2) == pytest.approx(2 * half + 9 * one, rel=1e-15)
    assert growth(10, sum_format="float64") == pytest.approx(9 * double + one, rel=1e-15)
    assert growth(10, algorithm="online") == pytest.approx(9 * (2 * one - np.log1p(-8 * U)), rel=1e-15)


def test_a_named_depth_is_that_of_a_row_and_not_of_the_batch():
    def growth(count, **claims):
        return sums.batch_growth(count, LimitParameters(**{"format": "float32", **claims}))

    one, half = np.log1p(U), np.log1p(2.0**-11)
    assert growth(100, summation=3) == 99 * one
    assert growth(1000, summation="pairwise") == sums.depth(1000, "pairwise") * one
    assert growth(100, summation=3, algorithm="online") == 99 * one
    assert growth(100, summation=3, sum_format="float16") == pytest.approx(3 * half + 99 * one, rel=1e-15)


def test_errors_of_terms_join_in_the_sum_weighted_by_the_terms():
    weights, terms = np.array([[0.25, 0.75]]), np.array([[0.5, 1e-9]])
    joined = sums.joined(weights, terms, -np.log(weights), np.zeros((1, 1)))
    assert joined.item() == pytest.approx(np.log(0.25 * np.exp(0.5) + 0.75 * np.exp(1e-9)), rel=1e-14)
    lost = sums.joined(weights, terms, -np.log(weights), np.full((1, 1), 0.1))
    assert lost.item() == pytest.approx(joined.item() - np.log1p(-0.1 * np.exp(joined.item())), rel=1e-14)
    hopeless = sums.joined(weights, terms, -np.log(weights), np.ones((1, 1)))
    assert hopeless.item() == np.inf


def test_an_underflowed_weight_times_an_overflowed_factor_is_formed_by_logarithms():
    grown = sums.enlarged(np.array([0.0, 0.5]), np.array([1000.0, 1.0]), np.array([990.0, np.log(2.0)]))
    assert grown.tolist() == pytest.approx([np.exp(10.0), 0.5 * np.expm1(1.0)], rel=1e-14)
