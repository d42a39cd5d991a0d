"""The document of the field, its page, its words and its comparison, from parts that are made here."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.field import diff, document, judged, page, view, words
from benchmarks.field.__main__ import main
from benchmarks.field.run import ROOT

HOSTILE = "<script>alert(1)</script>"
FINDING = {
    "id": "scipy-softmax-float32-accuracy-1",
    "property": "accuracy",
    "level": "stable",
    "summary": f"softmax of [1, 2] gives {HOSTILE}",
    "occurrences": 2,
    "ratio": "0x1.8000000000000p+0",
    "operation": "softmax",
    "witness": {"got": {"decimal": "1"}, "exact": {"decimal": "0.5"}},
    "diagnosis": {"text": "Behaves like a sum that stops early.", "remedy": "Sum all."},
}
CELL = {
    "operation": "softmax",
    "format": "float32",
    "property": "accuracy",
    "worst_ulp": "0x1.4000000000000p+1",
    "worst_ratio": "0x1.8000000000000p+0",
    "checks": 10,
    "undecided": 0,
}
PART = {
    "complete": True,
    "versions": {"softcert": "0.1.0", "battery": "3", "limits": "2", "schema": "2"},
    "environment": {"os": "Linux", "python": "3.11.7"},
    "subjects": [
        {
            "operations": ["softmax"],
            "levels": {"softmax": {"float32": {"level": "sound", "basis": "largest seen"}}},
            "reason": "",
            "verdict": "not certified",
        }
    ],
    "cells": [CELL],
    "growth": [],
    "series": [],
    "special_values": [
        {"operation": "softmax", "row": "one +inf", "got": "nan, nan", "accepted": "1 or nan", "outcome": "pass"}
    ],
    "findings": [FINDING],
    "speed": [{"operation": "softmax", "elements_per_second": "0x1.0000000000000p+20"}],
}


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder with one part that was run and one that was not."""
    (tmp_path / "scipy-float32.json").write_text(json.dumps(PART))
    (tmp_path / "scipy-float32.state.json").write_text(json.dumps({"outcome": "run", "seconds": 3.0}))
    (tmp_path / "mlx-float32.state.json").write_text(json.dumps({"outcome": "not run: took too long", "seconds": 9.0}))
    return tmp_path


def test_two_documents_of_the_same_results_differ_in_times_only(parts: Path) -> None:
    first = document.build(parts)
    (parts / "scipy-float32.state.json").write_text(json.dumps({"outcome": "run", "seconds": 4.0}))
    second = document.build(parts)
    assert first["times"] != second["times"]
    assert {**first, "times": {}} == {**second, "times": {}}


def test_what_was_not_run_stands_there_with_its_reason(parts: Path) -> None:
    rows = document.build(parts)["rows"]
    reasons = {(r["library"], r["format"]): r["reason"] for r in rows}
    assert reasons["mlx", "float32"] == "took too long"
    assert reasons["jax", "float32"] == "not started"
    assert reasons["scipy", "float32"] == ""


def test_the_page_escapes_what_a_library_answers(parts: Path) -> None:
    html = page.render(document.build(parts))
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    assert "sound" in html


def test_the_words_escape_markup_and_keep_the_level(parts: Path) -> None:
    text = words.render(document.build(parts))
    assert HOSTILE not in text
    assert "| SciPy | sound, 2.5 |" in text


def test_a_refusal_that_nobody_examined_is_never_called_a_defect() -> None:
    row = {"library": "no such library", "operation": "softmax", "format": "float32"}
    assert judged.of(row, FINDING).kind == "open"


def test_every_defect_has_a_snippet() -> None:
    kinds = {j.kind for j in judged.JUDGED}
    assert kinds <= {"defect", "formula", "documented choice", "open"}
    assert all(j.snippet for j in judged.JUDGED if j.kind == "defect")


def changed(old: dict[str, Any], **facts: Any) -> dict[str, Any]:
    new = copy.deepcopy(old)
    next(r for r in new["rows"] if not r["reason"]).update(facts)
    return new


@pytest.mark.parametrize(
    ("facts", "worse"),
    [
        ({}, []),
        ({"level": "stable"}, [False]),
        ({"level": None}, [True]),
        ({"findings": []}, [False]),
        ({"worst_ulp": "0x1p+9"}, [False]),
        ({"reason": "took too long"}, [True]),
    ],
)
def test_a_comparison_says_what_is_worse(parts: Path, facts: dict[str, Any], worse: list[bool]) -> None:
    old = document.build(parts)
    assert [w for w, _ in diff.lines(old, changed(old, **facts))] == worse


def test_the_comparison_ends_with_1_if_anything_is_worse(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = document.build(parts)
    document.write(old, parts / "old")
    document.write(changed(old, level=None), parts / "new")
    assert main(["diff", str(parts / "old"), str(parts / "new")]) == 1
    assert "scipy/softmax/float32: sound -> none" in capsys.readouterr().out
    assert main(["diff", str(parts / "old"), str(parts / "old")]) == 0


def test_another_file_is_wrong_use(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(parts / "scipy-float32.json"), str(parts / "scipy-float32.json")]) == 2
    assert "is no document of the field" in capsys.readouterr().err


def test_the_page_in_words_follows_from_its_document() -> None:
    kept = document.read(ROOT / "docs/field/results.json")
    assert (ROOT / "docs/field.md").read_text() == words.render(kept)


def test_a_curve_keeps_the_largest_error_of_each_doubling_with_the_limit_beside_it() -> None:
    points = [(2, 1, 4), (3, 8, 9), (4, 2, 5), (7, 1, 3)]
    kept = [{k: float(v).hex() for k, v in zip(("x", "worst", "limit"), p, strict=True)} for p in points]
    part = {"series": [{"operation": "softmax", "axis": "classes", "points": kept}]}
    curve = [[float.fromhex(text) for text in point] for point in document._curve(part, "softmax")]
    assert curve == [[3, 8, 9], [4, 2, 5]]


def test_a_figure_runs_from_the_left_below_to_the_right_above() -> None:
    curve = [[float(v).hex() for v in point] for point in ((1, 1, 2), (512, 2, 4), (262144, 4, 16))]
    lines = view.figure({"curve": curve})
    assert lines["error"] == "4.0,44.0 80.0,34.0 156.0,24.0"
    assert lines["limit"] == "4.0,34.0 80.0,24.0 156.0,4.0"
    assert view.figure({"curve": curve[:2]}) == {}
