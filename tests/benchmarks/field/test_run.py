"""The runner of the field: what it keeps, what it runs again, and what it says of what cannot be run."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest
from benchmarks.field import run
from benchmarks.field.entries import ENTRIES, PHASES, Entry

SCIPY = next(e for e in ENTRIES if e.key == "scipy")


def test_entries_have_names_of_their_own_and_known_formats() -> None:
    assert len({e.key for e in ENTRIES}) == len({e.title for e in ENTRIES}) == len(ENTRIES)
    assert all(set(e.formats) <= set(PHASES) for e in ENTRIES)


def test_each_claim_of_a_contract_has_its_reason() -> None:
    for entry in ENTRIES:
        claimed = {field for claims in entry.contract.values() for field in claims}
        assert bool(claimed) <= bool(entry.reasons), entry.key


def body_lines(source: str) -> int:
    """The longest function of a module, in lines of its body."""
    import ast

    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    return max((f.end_lineno or f.lineno) - f.lineno for f in functions)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if ":" not in e.spec and "/" in e.spec], ids=lambda e: e.key)
def test_glue_has_at_most_five_lines_an_operation(entry: Entry) -> None:
    assert body_lines(entry.source().decode()) <= 5


def test_a_finished_part_is_kept_and_a_changed_one_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []
    monkeypatch.setattr(run, "_one", lambda entry, format, stem, seconds: calls.append(entry.key) or "")
    run.run(tmp_path, ["scipy"], ["float32"])
    run.run(tmp_path, ["scipy"], ["float32"])
    assert calls == ["scipy"]
    monkeypatch.setattr(run, "version", lambda distribution: "another")
    run.run(tmp_path, ["scipy"], ["float32"])
    assert calls == ["scipy", "scipy"]
    assert "SciPy, float32: kept" in capsys.readouterr().out


def test_a_part_that_was_not_run_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(run, "_one", lambda entry, format, stem, seconds: calls.append(seconds) or "took too long")
    for seconds in (1.0, 2.0):
        run.run(tmp_path, ["scipy"], ["float32"], seconds)
    assert calls == [1.0, 2.0]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"distributions": ("no-such-distribution",)}, "no-such-distribution is not installed"),
        ({"programs": ("no-such-program",)}, "it calls no-such-program, which is not there"),
    ],
)
def test_what_cannot_be_run_says_why(tmp_path: Path, facts: dict[str, tuple[str, ...]], reason: str) -> None:
    entry = dataclasses.replace(SCIPY, **facts)
    assert run._one(entry, "float32", tmp_path / "part", 1.0) == reason


def test_a_part_that_takes_too_long_leaves_no_results(tmp_path: Path) -> None:
    assert run._one(SCIPY, "float32", tmp_path / "part", 0.01) == "took more than 0.01 s"
    assert not (tmp_path / "part.json").exists()


@pytest.mark.parametrize(
    ("code", "complete", "reason"),
    [(0, True, ""), (1, True, ""), (1, False, "stopped: ended by SIGTERM"), (-9, True, "ended by SIGKILL")],
)
def test_a_part_that_was_stopped_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, complete: bool, reason: str
) -> None:
    def ended(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        facts = {"complete": complete, "incomplete_reason": "" if complete else "ended by SIGTERM"}
        Path(command[-1]).write_text(json.dumps(facts))
        return subprocess.CompletedProcess(command, code, "", "")

    monkeypatch.setattr(run.subprocess, "run", ended)
    assert run._one(SCIPY, "float32", tmp_path / "part", 1.0) == reason
