"""Efforts grow in every count."""

from __future__ import annotations

from softcert.cases.effort import EFFORTS


def test_each_effort_does_at_least_as_much_as_the_one_before():
    quick, standard, thorough = EFFORTS.values()
    assert [e.name for e in EFFORTS.values()] == list(EFFORTS) == ["quick", "standard", "thorough"]
    for count in ("seeds", "hypothesis_examples", "hill_climb_steps", "relations"):
        assert getattr(quick, count) < getattr(standard, count) < getattr(thorough, count)
    assert (quick.thin, standard.thin, thorough.thin) == (True, False, False)


def test_the_counts_decide_what_a_certificate_stands_for():
    names = ("seeds", "hypothesis_examples", "hill_climb_steps", "relations")
    counts = {e.name: tuple(getattr(e, name) for name in names) for e in EFFORTS.values()}
    assert counts == {"quick": (1, 40, 0, 4), "standard": (3, 300, 100, 20), "thorough": (12, 2500, 1000, 60)}
