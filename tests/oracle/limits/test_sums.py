"""Depth and growth of sums: what rounding does to the sum of exponentials and to the sum over a batch."""

from __future__ import annotations

import numpy as np
import pytest

from softcert_oracle.limits import sums


@pytest.mark.parametrize("count", [*range(1, 40), 127, 128, 129, 255, 256, 1000, 1023, 8192, 32000, 65537])
def test_pairwise_depth_lies_between_a_balanced_tree_and_a_loop(count):
    found = sums.depth(count, "pairwise")
    assert np.ceil(np.log2(count)) <= found <= max(count - 1, 0) + (8 <= count < 16) * 4
    assert sums.depth(count, "any") == count - 1
    assert sums.depth(count, 3) == min(count - 1, 3)


def test_a_thousand_classes_summed_pairwise_have_a_small_fraction_of_the_depth():
    assert sums.depth(32000, "any") == 31999
    assert sums.depth(32000, "pairwise") <= 40
