"""Small results documents with everything that a verdict rests on, for tests that change them one field at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from softcert_reports import document as d

WHERE = {"operation": "softmax", "format": "float32"}


def _cell(subject: str, name: str, *by_level: d.AtLevel, **fields: object) -> d.Cell:
    return d.Cell(subject=subject, **WHERE, property=name, outcome="not run", by_level=by_level, **fields)  # type: ignore[arg-type]


def _at(level: str, violations: int = 0) -> d.AtLevel:
    return d.AtLevel(level=level, checks=50, violations=violations)  # type: ignore[arg-type]


def _subject(name: str) -> d.Subject:
    return d.Subject(
        name=name,
        verdict="not run",
        spec=f"{name}.py:softmax",
        formats=("float32",),
        operations=("softmax",),
        levels={"softmax": {"float32": d.Held(level=None)}},
        source_digest="sha256:" + "ab" * 32,
        counts=d.Counts(calls=7),
    )


@cache
def green() -> d.Document:
    """One subject that holds "stable": exit code 0."""
    cells = (
        _cell("right", "sound_accuracy", _at("sound"), worst_ratio=0.25, worst_ulp=2.0),
        _cell("right", "accuracy", _at("stable"), worst_ratio=0.5, worst_ulp=2.0),
        _cell("right", "relative_accuracy", _at("accurate", 3), worst_ratio=5.0),
        _cell("right", "special_values", _at("sound")),
    )
    return d.derive(
        d.Document(
            title="small",
            created="2026-01-02T03:04:05Z",
            effort="quick",
            asked_operations=("softmax",),
            properties=(d.Property(name="special_values", statement="...", level=d.Level.SOUND),),
            subjects=(_subject("right"),),
            cells=cells,
            domains=(d.Domain(subject="right", **WHERE, classes=(1, 4), rows=(1, 2), regimes={"ordinary": 9}),),
            special_values=(
                d.SpecialValue(subject="right", **WHERE, row="one class", got="1", accepted="1", outcome="pass"),
            ),
        )
    )


def _finding() -> d.Finding:
    return d.Finding(
        id="wrong-accuracy", subject="wrong", **WHERE, property="accuracy", summary="1 ulp", level=d.Level.STABLE
    )


@cache
def red() -> d.Document:
    """With a second subject that violates "stable": exit code 1."""
    base = green()
    failing = (
        _cell("wrong", "sound_accuracy", _at("sound")),
        _cell("wrong", "accuracy", _at("stable", 4), worst_ulp=16.0, findings=("wrong-accuracy",)),
    )
    return d.derive(
        replace(
            base,
            subjects=(*base.subjects, _subject("wrong")),
            cells=(*base.cells, *failing),
            findings=(_finding(),),
            domains=(*base.domains, d.Domain(subject="wrong", **WHERE)),
        )
    )


@cache
def expected() -> d.Document:
    """The same, and a baseline that expects the failure: exit code 0."""
    entry = d.BaselineEntry(
        subject="wrong", **WHERE, property="accuracy", reason="known", largest_error=16.0, holds="sound"
    )
    return d.derive(replace(red(), baseline=d.Baseline(path="baseline.toml", entries=(entry,))))
