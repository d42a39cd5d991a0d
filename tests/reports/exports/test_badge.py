"""The badge is green where everything is certified, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.reports import sample

from softcert_reports.exports.badge import badge


@pytest.mark.parametrize(
    ("change", "message", "color"),
    [
        ({}, "3 of 5 certified at stable", "red"),
        ({"exit_code": 0}, "as expected by the baseline: 3 of 5 certified at stable", "blue"),
        ({"exit_code": 3}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "complete": False}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "subjects": ()}, "inconclusive", "lightgrey"),
        ({"exit_code": 0, "subjects": sample.sample().subjects[1:2]}, "stable", "brightgreen"),
        ({"exit_code": 1, "subjects": sample.sample().subjects[:1]}, "not certified", "red"),
    ],
)
def test_the_badge_is_green_for_a_certificate_alone(change: dict[str, Any], message: str, color: str) -> None:
    data = json.loads(badge(replace(sample.sample(), **change)))
    assert (data["message"], data["color"], data["schemaVersion"]) == (message, color, 1)
