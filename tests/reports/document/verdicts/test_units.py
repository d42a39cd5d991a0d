"""The rules: from counts to levels and verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from softcert.properties.table import ACCURACY
from softcert_reports import document as d
from softcert_reports.document.verdicts import units

Parts = tuple[tuple[str, d.AtLevel], ...]


def _unit(*parts: tuple[str, str, dict[str, int]]) -> units.Unit:
    counted = tuple((name, d.AtLevel(level=d.Level(level), **{"checks": 9, **counts})) for name, level, counts in parts)
    return units.Unit(operation="softmax", format="float32", parts=counted)


SOUND: tuple[str, str, dict[str, int]] = ("sound_accuracy", "sound", {})
STABLE: tuple[str, str, dict[str, int]] = ("accuracy", "stable", {})
ACCURATE: tuple[str, str, dict[str, int]] = ("relative_accuracy", "accurate", {})


def test_accuracy_has_the_names_that_the_harness_gives_it() -> None:
    """Reports import nothing of ours: the names are written down a second time."""
    assert {str(level): name for level, name in ACCURACY.items()} == dict(units.ACCURACY)


@pytest.mark.parametrize(
    ("unit", "level"),
    [
        (_unit(SOUND, STABLE, ACCURATE), "accurate"),
        (_unit(SOUND, STABLE), "stable"),
        (_unit(STABLE), None),
        (_unit(SOUND, ("accuracy", "stable", {"violations": 1}), ACCURATE), "sound"),
        (_unit(SOUND, ("accuracy", "stable", {"undecided": 1})), "sound"),
        (_unit(SOUND, ("accuracy", "stable", {"checks": 0, "vacuous": 9})), "sound"),
        (_unit(SOUND, STABLE, ("ties", "sound", {"violations": 1})), None),
        (_unit(SOUND, STABLE, ("shift", "stable", {"undecided": 1})), "sound"),
        (_unit(SOUND, ("relative_accuracy", "stable", {})), "sound"),
        (_unit(), None),
    ],
)
def test_a_level_is_held_where_its_accuracy_was_checked_and_everything_up_to_it_holds(
    unit: units.Unit, level: str | None
) -> None:
    assert unit.level == level


@pytest.mark.parametrize(
    ("of", "ending", "verdict", "level"),
    [
        ([_unit(SOUND, STABLE)], "complete", "certified", "stable"),
        ([_unit(SOUND, STABLE)], "interrupted", "inconclusive", None),
        ([_unit(SOUND, STABLE)], "harness error", "harness error", None),
        ([_unit(SOUND, STABLE), _unit()], "complete", "inconclusive", None),
        ([_unit(SOUND, STABLE), _unit(SOUND)], "complete", "inconclusive", "sound"),
        ([_unit(SOUND, ("accuracy", "stable", {"violations": 1})), _unit()], "interrupted", "not certified", None),
        ([_unit()], "complete", "not run", None),
        ([], "complete", "not run", None),
    ],
)
def test_a_subject_is_certified_only_if_every_unit_was_run_and_holds_the_level(
    of: list[units.Unit], ending: Any, verdict: str, level: str | None
) -> None:
    assert units.verdict_of(of, d.Level.STABLE, ending) == verdict
    assert units.level_of(of, ending) == level
