"""Efforts grow in every count."""

from __future__ import annotations

from softcert.cases.effort import EFFORTS


def test_each_effort_does_at_least_as_much_as_the_one_before():
    quick, standard, thorough = EFFORTS.values()
    assert [e.name for e in EFFORTS.values()] == list(EFFORTS) == ["quick", "standard", "thorough"]
    for count in ("seeds", "hypothesis_examples", "hill_climb_steps", "relations"):
        assert getattr(quick, count) < getattr(standard, count) < getattr(thorough, count)
    assert (quick.thin, standard.thin, thorough.thin) == (True, False, False)
