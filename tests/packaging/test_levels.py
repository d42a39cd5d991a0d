"""Oracle and reports know nothing of each other, so each has its own levels: they are the same."""

from __future__ import annotations

import itertools

import pytest

from softcert_oracle.levels import Level
from softcert_reports import document as d


def test_the_levels_of_oracle_and_reports_are_the_same_in_the_same_order() -> None:
    assert [(m.name, m.value) for m in d.Level] == [(m.name, m.value) for m in Level]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(Level, repeat=2)))
def test_a_level_of_the_oracle_compares_with_one_of_the_reports(a: Level, b: Level) -> None:
    assert (a < b) == (a < d.Level(b)) == (d.Level(a) < b)
    assert (a >= b) == (a >= d.Level(b)) == (d.Level(a) >= b)


@pytest.mark.parametrize("level", Level)
def test_a_document_of_the_oracles_levels_has_the_bytes_of_one_of_plain_strings(level: Level) -> None:
    texts = {
        d.dumps(
            d.Document(
                title="levels",
                created="2026-01-02T03:04:05Z",
                asked_level=given,  # type: ignore[arg-type]
                properties=(d.Property(name="finite", statement="statement", level=given),),  # type: ignore[arg-type]
                subjects=(d.Subject(name="s", verdict="not run"),),
            )
        )
        for given in (level, str(level), d.Level(level))
    }
    assert len(texts) == 1
    assert d.loads(texts.pop()).asked_level is d.Level(level)
