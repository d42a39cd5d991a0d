"""The table of properties: complete, unique, and named by level where accuracy is meant."""

from __future__ import annotations

import pytest

from softcert.commands.explain import explanation
from softcert.properties import relations, structure, table
from softcert.properties.table import ACCURACY, PROPERTIES, lookup, named_by_level
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.operations import CORE, OPERATIONS


def test_every_property_says_what_why_and_what_to_do():
    for name, entry in PROPERTIES.items():
        assert name == entry.name
        assert entry.statement.endswith(".")
        assert entry.derivation
        assert entry.remedy
        assert set(entry.operations) <= set(OPERATIONS)


def test_accuracy_has_a_name_at_each_level():
    assert [named_by_level("accuracy", level) for level in Level] == list(ACCURACY.values())
    assert [PROPERTIES[name].level for name in ACCURACY.values()] == list(Level)
    assert named_by_level("ties", Level.SOUND) == "ties"


def test_an_unknown_property_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="sum_to_one"):
        lookup("sum_to_on")


def test_names_are_unique_and_each_is_found_by_itself():
    assert len(table._ENTRIES) == len(PROPERTIES)
    for name, entry in PROPERTIES.items():
        assert lookup(name) is entry


def test_only_accuracy_is_asked_for_above_sound():
    assert {name for name, entry in PROPERTIES.items() if entry.level != Level.SOUND} == set(
        list(ACCURACY.values())[1:]
    )


def test_properties_stand_in_families_and_in_the_order_of_the_page():
    families = list(dict.fromkeys(entry.family for entry in PROPERTIES.values()))
    assert families == [
        "accuracy",
        "robustness",
        "special values",
        "probability",
        "gradient",
        "loss",
        "relations",
        "hygiene",
    ]


@pytest.mark.parametrize("operation", CORE)
def test_structural_properties_and_relations_of_an_operation_are_those_of_the_table(operation):
    of_operation = {name for name, entry in PROPERTIES.items() if operation in entry.operations}
    by_family = {name for name in of_operation if PROPERTIES[name].family in ("probability", "gradient", "loss")}
    assert set(structure.names(operation)) == by_family - {"gradient_differences"}
    assert {name for name, entry in PROPERTIES.items() if entry.family == "relations"} == {
        *relations._RELATIONS,
        "consistency",
    }


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_is_explained(name):
    text = "".join(explanation(name).split())  # lines break at spaces and hyphens
    for part in (PROPERTIES[name].statement, PROPERTIES[name].derivation, PROPERTIES[name].remedy):
        assert "".join(part.split()) in text
