"""The suite measured on its gallery: what is counted, what is stored, and what a broken file is."""

from __future__ import annotations

import json

import pytest

from softcert.certification.plan import Plan
from softcert.commands import power
from softcert.commands.power import CorrectResult, DefectResult, PowerResult, attempt, load, save
from softcert.commands.power_table import table
from softcert_implementations.gallery import DEFECTS, VARIANTS
from softcert_oracle.errors import UsageError

PLAN = Plan.of("quick", isolation="none")


def defect(name="d", **fields):
    given = {
        "part": "defects",
        "family": "f",
        "operation": "softmax",
        "format": "float32",
        "debated": False,
        "killed": True,
    }
    return DefectResult(name=name, **{**given, **fields})


def correct(expected="stable", held="stable"):
    return CorrectResult(name="c", operation="softmax", format="float32", expected=expected, held=held)


def result(defects=(), correct=()):
    return PowerResult(effort="quick", seed=0, defects=tuple(defects), correct=tuple(correct))


@pytest.mark.parametrize(
    ("expected", "held", "alarm"),
    [("stable", "stable", False), ("stable", "faithful", False), ("accurate", "stable", True), ("sound", None, True)],
)
def test_a_false_alarm_is_a_level_below_the_expected_one(expected, held, alarm):
    assert correct(expected, held).false_alarm is alarm
    assert result(correct=[correct(expected, held)]).passed is not alarm


def test_a_debated_defect_may_survive_and_nothing_at_all_passes_nothing():
    assert result([defect(killed=False)]).survivors
    assert not result([defect(killed=False, debated=True)]).survivors
    assert not result().passed


def test_one_model_is_caught_at_its_first_finding():
    model = next(d for d in DEFECTS if d.name == "softmax_unshifted")
    outcome = attempt("defects", model, "float32", PLAN)
    assert (outcome.killed, outcome.family, outcome.diagnosed) == (True, "no max shift", None)
    assert outcome.finding.startswith("finite: ")
    assert outcome.seconds >= 0


@pytest.mark.slow
def test_a_variant_is_diagnosed_as_well():
    """A whole certification with its diagnosis."""
    model = next(v for v in VARIANTS if v.family == "no max shift" and v.operation == "softmax")
    outcome = attempt("variants", model, model.formats[0], PLAN)
    assert (outcome.killed, outcome.diagnosed) == (True, "no max shift")


def test_tasks_cover_the_parts_and_families_that_are_asked_for():
    everything = power._tasks("quick", 0, None, "all")
    assert {t.part for t in everything} == {"defects", "variants", "degenerate", "correct"}
    family = power._tasks("quick", 0, "no max shift", "defects")
    assert 0 < len(family) < len(power._tasks("quick", 0, None, "defects"))
    assert sum(map(len, power._batches(everything))) == len(everything)


@pytest.mark.parametrize(
    ("arguments", "said"), [(("defect",), "defects"), (("defects", "no max shft"), "no max shift")]
)
def test_unknown_parts_and_families_are_refused(arguments, said):
    part, family = (*arguments, None)[:2]
    with pytest.raises(UsageError, match=said):
        power.measure("quick", 0, family, part)


def test_figures_are_read_back_as_the_report_shows_them(tmp_path):
    save(result([defect("a"), defect("b", killed=False)], [correct(), correct("accurate")]), tmp_path / "p.json")
    shown = load(tmp_path / "p.json")
    (family,) = shown.families
    assert (family.defects, family.killed, family.missed) == (2, 1, ("b (float32)",))
    assert (shown.correct, shown.false_alarms) == (2, ("c (softmax, float32)",))


def test_figures_that_contradict_one_another_are_refused(tmp_path):
    path = tmp_path / "p.json"
    save(result([defect(killed=False)]), path)
    data = json.loads(path.read_text())
    path.write_text(json.dumps({**data, "passed": True}))
    with pytest.raises(UsageError, match="contradict"):
        load(path)


def test_the_table_names_survivors_alarms_times_and_diagnoses():
    text = table(
        result(
            [
                defect("fast", seconds=0.5),
                defect("gone", killed=False),
                defect("v", part="variants", diagnosed="other", seconds=1.5),
            ],
            [correct("accurate")],
        )
    )
    assert "2 of   3 killed  f" in text
    assert "undebated defects killed: 2 of 3" in text
    assert "SURVIVED gone (f, softmax, float32)" in text
    assert "false alarms on correct implementations: 1 of 1" in text
    assert "FALSE ALARM c (softmax, float32): expected accurate, held stable" in text
    assert "median 1.00 s, worst 1.50 s" in text
    assert "top diagnosis names the family: 0 of 1 variants" in text
    assert "v (float32): f, diagnosed as other" in text
