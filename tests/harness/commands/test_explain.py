"""Every name in the tables is explained, and another one is refused with the nearest."""

from __future__ import annotations

import pytest

from softcert.cli import list as list_command
from softcert.commands.explain import explanation
from softcert.properties.table import PROPERTIES
from softcert_implementations.gallery import DEFECTS
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.operations import OPERATIONS


@pytest.mark.parametrize("name", [*PROPERTIES, *Level, *OPERATIONS, DEFECTS[0].name, DEFECTS[0].family])
def test_a_name_is_explained(name):
    text = explanation(name)
    assert name in text.splitlines()[0]
    assert len(text.splitlines()) > 3
    assert max(map(len, text.splitlines())) <= 100 or "_" in text


@pytest.mark.parametrize("what", [w for w in list_command._LISTS if w != "coverage"])
def test_every_name_that_a_list_shows_is_explained(what):
    _, rows = list_command._LISTS[what]()
    assert rows
    for row in rows:
        assert row[0] in explanation(row[0]).splitlines()[0]


def test_efforts_and_axes_of_the_coverage_are_explained():
    for effort in ("quick", "standard", "thorough"):
        assert f"effort {effort}" in explanation(effort)
    for axis in ("regime", "layout", "classes", "rows", "state", "labels"):
        assert "Its values: " in explanation(axis)


def test_a_property_has_its_slack_and_its_remedy():
    text = " ".join(explanation("sum_to_one").split())
    assert PROPERTIES["sum_to_one"].statement in text
    assert PROPERTIES["sum_to_one"].remedy in text


def test_a_level_has_its_limits():
    assert "logsumexp, stable" in explanation("stable")
    assert "sound" not in explanation("stable").splitlines()[0]


def test_another_name_is_refused():
    with pytest.raises(UsageError, match="sum_to_one"):
        explanation("sum_to_on")
