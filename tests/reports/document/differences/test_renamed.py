"""A subject under another name is known by its source, and compared with itself."""

from __future__ import annotations

from dataclasses import replace

from tests.reports import small

from softcert_reports import document as d
from softcert_reports.document.differences.renamed import renamed, with_names

OLD = small.red()


def _with_sources(document: d.Document, *digests: str) -> d.Document:
    subjects = zip(document.subjects, digests, strict=True)
    return replace(document, subjects=tuple(replace(s, source_digest=digest) for s, digest in subjects))


def test_a_renamed_subject_is_told_and_is_neither_new_nor_gone() -> None:
    old = _with_sources(OLD, "sha256:a", "sha256:b")
    new = with_names(old, {"wrong": "mine"})
    difference = d.diff(old, new)
    assert (difference.gone, difference.new, difference.worse, difference.better) == ((), (), (), ())
    assert [str(c) for c in difference.notes] == ["wrong: its name in the old run -> renamed to mine"]


def test_what_became_worse_under_the_new_name_is_worse() -> None:
    old = _with_sources(OLD, "sha256:a", "sha256:b")
    new = with_names(old, {"right": "mine"})
    cells = tuple(replace(c, outcome="fail") if c.subject == "mine" else c for c in new.cells)
    assert any(str(c).startswith("mine / ") for c in d.diff(old, replace(new, cells=cells)).worse)


def test_a_baseline_follows_the_name() -> None:
    old = _with_sources(small.expected(), "sha256:a", "sha256:b")
    new = with_names(old, {"wrong": "mine"})
    assert new.baseline is not None
    assert [e.subject for e in new.baseline.entries] == ["mine"]
    assert not d.diff(old, new).fell


def test_where_it_is_not_certain_which_subject_it_is_none_is_renamed() -> None:
    twice = _with_sources(OLD, "sha256:a", "sha256:a")
    assert renamed(twice, with_names(twice, {"right": "one", "wrong": "two"})) == {}
    without = _with_sources(OLD, "", "")
    assert renamed(without, with_names(without, {"right": "one"})) == {}
    changed = with_names(_with_sources(OLD, "sha256:c", "sha256:b"), {"right": "one"})
    assert renamed(_with_sources(OLD, "sha256:a", "sha256:b"), changed) == {}
