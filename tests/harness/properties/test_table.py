"""The table of properties: complete, unique, and named by level where accuracy is meant."""

from __future__ import annotations

import pytest

from softcert.properties.table import ACCURACY, PROPERTIES, lookup, named_by_level
from softcert_oracle.errors import UsageError
from softcert_oracle.levels import Level
from softcert_oracle.operations import OPERATIONS


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
