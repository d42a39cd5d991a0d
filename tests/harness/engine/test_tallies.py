"""Counts by property and level, and violations by cause: what holds a level, and what is shown of a violation."""

from __future__ import annotations

import pytest

from softcert.cases.case import Case
from softcert.engine.tallies import Tallies
from softcert.properties.check import Check
from softcert_oracle.levels import Level
from softcert_reports.document.verdicts.units import Unit


def case(classes: int = 3, **fields: object) -> Case:
    return Case.of("ordinary", 2, classes, "float32", **fields)


def accuracy(level: Level, violated: int = 0, **fields: object) -> Check:
    facts = {"checked": 6, "violated": violated, "cause": "value" if violated else "", "ratio": 2.0 * violated}
    return Check(property_name="accuracy", level=level, **{**facts, **fields})


def held(tallies: Tallies) -> str | None:
    """The level that follows from the counts, by the rules of the results document."""
    return Unit(operation="softmax", format="float32", parts=tallies.counts()).level


def test_a_level_holds_while_everything_up_to_it_passes():
    tallies = Tallies()
    assert held(tallies) is None
    tallies.record(case(), [accuracy(Level.SOUND), accuracy(Level.STABLE), accuracy(Level.ACCURATE, 1)])
    assert held(tallies) == Level.STABLE
    assert tallies.failed(Level.ACCURATE)
    assert not tallies.failed(Level.STABLE)
    tallies.record(case(), [Check(property_name="ties", level=Level.SOUND, checked=1, violated=1)])
    assert held(tallies) is None


def test_an_undecided_check_is_never_held():
    tallies = Tallies()
    tallies.record(case(), [accuracy(Level.SOUND), accuracy(Level.STABLE, undecided=2)])
    assert held(tallies) == Level.SOUND
    counts = Unit(operation="softmax", format="float32", parts=tallies.counts())
    assert counts.undecided(Level.STABLE) == 2
    assert counts.undecided(Level.SOUND) == 0


def test_a_level_at_which_nothing_was_checked_is_not_held():
    tallies = Tallies()
    tallies.record(case(), [accuracy(Level.SOUND), accuracy(Level.STABLE, checked=0, cause="vacuous")])
    assert held(tallies) == Level.SOUND
    assert tallies.by_property["accuracy", Level.STABLE].vacuous == 1


def test_a_level_is_lost_after_five_failing_cases():
    tallies = Tallies()
    for number in range(5):
        assert tallies.lost(Level.FAITHFUL) is False, number
        tallies.record(case(), [accuracy(Level.FAITHFUL, 3)])
    assert tallies.lost(Level.FAITHFUL)
    assert not tallies.lost(Level.ACCURATE)


def test_a_violation_has_the_lowest_level_that_it_breaks():
    tallies = Tallies()
    tallies.record(case(9), [accuracy(Level.STABLE, 1)])
    tallies.record(case(8), [accuracy(Level.SOUND, 1)])
    tallies.record(case(2), [accuracy(Level.STABLE, 1)])
    (violation,) = tallies.violations.values()
    assert violation.level == Level.SOUND
    assert [c.classes for c, _ in violation.candidates] == [8]


def test_above_stable_each_level_has_violations_of_its_own():
    tallies = Tallies()
    tallies.record(case(), [accuracy(Level.STABLE, 1), accuracy(Level.FAITHFUL, 1), accuracy(Level.ACCURATE, 1)])
    assert sorted(v.level for v in tallies.violations.values()) == [Level.STABLE, Level.ACCURATE, Level.FAITHFUL]


def test_the_three_smallest_cases_are_candidates_for_the_witness():
    tallies = Tallies()
    for classes in (40, 7, 300, 5, 6, 90):
        tallies.record(case(classes), [accuracy(Level.STABLE, 1)])
    (violation,) = tallies.violations.values()
    assert [c.classes for c, _ in violation.candidates] == [5, 6, 7]
    assert violation.occurrences == 6


def test_the_worst_case_of_each_property_is_stored():
    tallies = Tallies()
    for classes, ratio in ((3, 0.2), (4, 0.9), (5, 0.5)):
        tallies.record(case(classes), [accuracy(Level.STABLE, ratio=ratio, ulp=ratio * 10)])
    tally = tallies.by_property["accuracy", Level.STABLE]
    assert (tally.worst_case.classes, tally.worst.ratio, tally.worst_ulp) == (4, 0.9, 9.0)
    assert (tally.cases, tally.checked) == (3, 18)


@pytest.mark.parametrize(("level", "counts"), [(Level.STABLE, True), (Level.ACCURATE, False)])
def test_the_first_finding_is_one_up_to_stable(level, counts):
    tallies = Tallies()
    tallies.record(case(), [accuracy(level, 1)])
    assert (tallies.first_finding is not None) is counts
