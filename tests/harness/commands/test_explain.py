"""Every name in the tables is explained, and another one is refused with the nearest."""

from __future__ import annotations

import pytest

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
