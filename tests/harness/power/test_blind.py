"""The suite on a blind set: what is caught, what is missed, and what is refused although it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from softcert.power import blind
from softcert.power.blind import BlindPower, BlindResult

MANIFEST = """
name = "tiny"

[[model]]
name = "zeros"
function = "zeros_of_a_blind_test.py:zeros"
operation = "softmax"
formats = ["float32"]
expect = "defect"
why = "any input"

[[model]]
name = "absent"
function = "zeros_of_a_blind_test.py:ones"
operation = "softmax"
formats = ["float32"]
expect = "right"
why = "it is not there"
"""


def result(expect: str, verdict: str) -> BlindResult:
    return BlindResult(
        set="s", name="n", operation="softmax", format="float32", expect=expect, why="w", verdict=verdict
    )


@pytest.mark.parametrize(
    ("expect", "verdict", "fine"),
    [
        ("defect", "not certified", True),
        ("defect", "certified", False),
        ("defect", "inconclusive", False),
        ("right", "certified", True),
        ("right", "not run", False),
        ("debated", "certified", True),
        ("debated", "not certified", True),
    ],
)
def test_a_model_is_as_expected_by_its_verdict(expect: str, verdict: str, fine: bool) -> None:
    """A defect that is merely undecided is not caught; a right one that did not run is not certified."""
    assert result(expect, verdict).as_expected is fine
    assert BlindPower(effort="quick", seed=0, results=(result(expect, verdict),)).passed is fine


def test_nothing_at_all_passes_nothing() -> None:
    """An empty measurement is no success."""
    assert not BlindPower(effort="quick", seed=0, results=()).passed


def test_a_set_is_run_and_what_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    """One defect is caught at once; a model whose function is absent costs no other."""
    (tmp_path / "manifest.toml").write_text(MANIFEST)
    (tmp_path / "zeros_of_a_blind_test.py").write_text("def zeros(x):\n    return x * 0\n")
    power = blind.measure(tmp_path, "quick", 0)
    caught, absent = power.results
    assert (caught.verdict, caught.as_expected) == ("not certified", True)
    assert caught.finding
    assert absent.verdict == "not run"
    assert "has no 'ones'" in absent.finding
    assert (len(power.missed), len(power.refused)) == (0, 1)
