"""Enclosures as arrays: shapes, views, and operations that are exact."""

from __future__ import annotations

import numpy as np

from softcert_oracle.numbers.enclosure import Enclosure


def test_exact_values_are_intervals_of_no_width() -> None:
    e = Enclosure.exactly([1.5, 0.0, np.inf, np.nan])
    assert e.shape == (4,)
    assert e.is_finite.tolist() == [True, True, False, False]
    assert (e.relative_radius() == 0).all()
    assert np.array_equal(e.to_float(), [1.5, 0.0, np.inf, np.nan], equal_nan=True)


def test_negating_and_scaling_by_powers_of_two_are_exact() -> None:
    e = Enclosure(
        hi=np.array([0.5, 0.0]),
        lo=np.array([2.0**-60, 0.0]),
        exponent=np.array([3, 0]),
        radius=np.array([2.0**-110, 0.0]),
    )
    assert e.negated().to_float().tolist() == [-4.0, 0.0]
    assert e.negated().lo[0] == -(2.0**-60)
    moved = e.scaled_by(10**9)
    assert moved.exponent.tolist() == [10**9 + 3, 0]
    assert (moved.relative_radius() == e.relative_radius()).all()


def test_indexing_reshaping_joining_and_repeating() -> None:
    e = Enclosure.exactly([[1.0, 2.0], [3.0, 4.0]])
    assert e[1].hi.tolist() == [3.0, 4.0]
    assert e.reshape(4).hi.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert Enclosure.concatenate([e, e], axis=1).shape == (2, 4)
    assert e[0].broadcast_to((3, 2)).hi.tolist() == [[1.0, 2.0]] * 3
    assert e.broadcast_to((2, 2)) is e
