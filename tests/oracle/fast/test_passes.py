"""The loops over classes: an almost exact sum in any order, and the two largest logits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

pytest.importorskip("numba")
from softcert_oracle.fast.passes import sum_of_tile, two_largest


def test_a_tile_is_summed_almost_exactly_and_in_any_order() -> None:
    rng = np.random.default_rng(5)
    size = 4096
    hi, n = rng.uniform(1, 2, size), -rng.integers(0, 140, size)
    n[0] = 0
    lo = rng.uniform(-1, 1, size) * 2.0**-54
    truth = sum(
        ((Fraction(h) + Fraction(w)) * Fraction(2) ** int(e) for h, w, e in list(zip(hi, lo, n, strict=True))[:-1]),
        Fraction(0),
    )
    words = sum_of_tile(hi, lo, n, size - 1, 0)
    assert abs(sum(map(Fraction, words)) - truth) <= size * Fraction(1, 2**128) + Fraction(1, 2**120)
    order = rng.permutation(size - 1)
    again = sum_of_tile(np.append(hi[order], 9.0), np.append(lo[order], 9.0), np.append(n[order], 0), size - 1, 0)
    assert words == again


@pytest.mark.parametrize(
    ("row", "place", "second"),
    [
        ([1.0, 2.0, 3.0], 2, 2.0),
        ([3.0, 1.0, 2.0], 0, 2.0),
        ([1.0, 3.0, 3.0], 1, 3.0),
        ([5.0], 0, -np.inf),
        ([-np.inf, -5.0], 1, -np.inf),
        ([-np.inf, -np.inf], 0, -np.inf),
        ([0.0, -0.0], 0, 0.0),
        ([-0.0, 0.0], 0, 0.0),
        ([-1.0, -5e-324, -2.0], 1, -1.0),
        ([np.inf, 1.0], 0, 1.0),
        ([np.nan, 1.0], 0, np.nan),
        ([1.0, -np.nan], 0, np.nan),
    ],
)
def test_the_two_largest_logits(row: list[float], place: int, second: float) -> None:
    found = two_largest(np.array(row))
    assert found[0] == place
    assert np.array_equal(found[1], second, equal_nan=True)
