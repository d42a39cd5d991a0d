"""Levels are ordered by what they promise, not by the alphabet."""

from __future__ import annotations

import itertools

import pytest

from softcert_reports.document import Level

ORDER = ["sound", "stable", "accurate", "faithful"]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(ORDER, repeat=2)))
def test_levels_compare_by_rank_and_with_plain_strings(a: str, b: str) -> None:
    rank = ORDER.index
    assert (Level(a) < b, Level(a) <= b) == (rank(a) < rank(b), rank(a) <= rank(b))
    assert (Level(a) > b, Level(a) >= b) == (rank(a) > rank(b), rank(a) >= rank(b))
    assert (Level(a) == b) == (a == b)


def test_the_rank_is_the_position_in_the_order() -> None:
    assert [level.rank for level in Level] == [0, 1, 2, 3]
    assert [str(level) for level in Level] == ORDER
