"""The compiled entry: phases one by one or at once, and the largest logit of a row from those of its tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from softcert_oracle.fast.entry import RESULTS, SCAN, SUM, TILE, work
from softcert_oracle.fast.kernels import largest_of


@pytest.mark.parametrize(
    ("x", "places", "seconds", "expected"),
    [
        ([1.0, 5.0, 3.0], [1, 2], [1.0, -np.inf], (1, 3.0)),
        ([1.0, 2.0, 7.0], [1, 2], [1.0, 6.0], (2, 6.0)),
        ([1.0, 5.0, 7.0], [1, 2], [1.0, 3.0], (2, 5.0)),  # the largest of the tiles before
        ([1.0, 7.0, 7.0], [1, 2], [1.0, -np.inf], (1, 7.0)),  # the first of equal maxima
        ([1.0, 7.0, 7.0], [1, 2], [np.nan, 1.0], (1, np.nan)),
        ([1.0, 7.0, 9.0], [1, 2], [1.0, np.nan], (2, np.nan)),
    ],
)
def test_the_two_largest_of_a_row_come_from_those_of_its_tiles(
    x: list[float], places: list[int], seconds: list[float], expected: tuple[int, float]
) -> None:
    got = largest_of(np.array(x), np.array(places), np.array(seconds))
    assert got[0] == expected[0]
    assert np.array_equal(got[1], expected[1], equal_nan=True)


def outputs(m: int, classes: int) -> tuple[Any, ...]:
    def four(*shape: int) -> tuple[np.ndarray, ...]:
        return np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape)

    plain = np.zeros(m), np.zeros(m), np.zeros(m)
    return True, four(m, classes), four(m, classes), four(m, classes), four(m), plain


def scratch(tiles: int) -> tuple[np.ndarray, ...]:
    return np.zeros(tiles, np.int64), np.zeros(tiles), np.zeros((tiles, 3))


def test_phases_one_by_one_and_tile_by_tile_give_the_bits_of_all_at_once() -> None:
    x = np.random.default_rng(0).normal(size=(1, TILE * 2 + 5)) * 9
    tiles = 3
    at_once, apart = outputs(*x.shape), outputs(*x.shape)
    assert work((SCAN, RESULTS), x, (0, 1), (0, tiles), scratch(tiles), at_once) == 0
    buffers = scratch(tiles)
    for phase in (SCAN, SUM, RESULTS):
        for t in range(tiles):
            assert work((phase, phase), x, (0, 1), (t, t + 1), buffers, apart) == 0
    for a, b in zip(at_once[1:], apart[1:], strict=True):
        assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))
    assert at_once[1][0].sum() > 0


def test_rows_without_a_finite_maximum_are_counted_and_the_others_are_filled() -> None:
    x = np.array([[1.0, np.nan], [1.0, 1.0], [-np.inf, -np.inf], [np.inf, 0.0], [2.0, -np.inf]])
    out = outputs(*x.shape)
    assert work((SCAN, RESULTS), x, (0, 5), (0, 1), scratch(1), out) == 3
    p = out[1][0] * 2.0 ** out[1][2]
    assert p[1].tolist() == [0.5, 0.5]
    assert p[4].tolist() == [1.0, 0.0]
    assert out[5][0][[1, 4]].tolist() == [2.0, 1.0]  # s
