"""The order of the levels: by rank, never by alphabet, whichever side is a plain string."""

from __future__ import annotations

import itertools

import pytest

from softcert_oracle.levels import Level

ORDER = ("sound", "stable", "accurate", "faithful")


@pytest.mark.parametrize(("low", "high"), tuple(itertools.combinations(ORDER, 2)))
def test_levels_compare_by_rank_with_levels_and_with_strings(low: str, high: str) -> None:
    assert Level(low) < Level(high) and Level(high) > Level(low)  # noqa: PT018 (one statement of one order)
    assert Level(low) < high and high > Level(low)  # noqa: PT018
    assert Level(low) <= high and not Level(high) <= low  # noqa: PT018
    assert Level(high) >= low and not Level(low) >= high  # noqa: PT018


def test_a_level_is_its_name_and_sorts_in_its_order() -> None:
    assert [str(level) for level in sorted(map(Level, sorted(ORDER)))] == list(ORDER)
    assert {("accuracy", Level.SOUND): 1}["accuracy", "sound"] == 1


def test_a_level_includes_those_below_it_and_itself() -> None:
    assert Level.ACCURATE.included == ("sound", "stable", "accurate")
    assert Level.SOUND.included == ("sound",)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="strict"):
        Level("strict")
