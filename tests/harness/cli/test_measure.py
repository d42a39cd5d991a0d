"""``softcert power``: which part is measured, what it does not read is refused, and what is written and said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from softcert.cli import measure
from softcert.cli.app import app
from softcert.power import blind, mutants
from softcert.power.blind import BlindPower, BlindResult
from softcert.power.mutants import MutantPower, MutantResult
from softcert_oracle.errors import UsageError

MUTANT = MutantResult(
    key="k",
    file="mine.py",
    line=7,
    function="softmax",
    kind="axis",
    before="-1",
    after="0",
    subject="mine",
    operations="softmax",
    formats="float32",
    outcome="caught",
)


def run(*arguments: str):
    return CliRunner().invoke(app, ["power", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--part", "mutant"), "mutants"),
        (("--part", "blind", "--family", "race"), "families"),
        (("mine.py:softmax", "--part", "defects"), "blind or mutants"),
        (("--part", "mutants", "--op", "softmax"), "a SPEC"),
        (("--limit", "3"), "--part mutants"),
        (("mine.py:softmax", "--limit", "0"), "limit=0"),
        (("absent.py:softmax",), "absent.py"),
    ],
)
def test_what_a_part_does_not_read_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Nobody takes an option for heeded that is not."""
    done = run(*arguments)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


def test_a_spec_alone_means_its_mutants(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The options of the subject reach it; text, file and exit code say the same."""
    given = {}

    def measured(spec, effort, seed, **keywords):
        given.update(keywords, spec=spec)
        return MutantPower(subject="mine", effort=effort, seed=seed, possible=1, unreached=0, results=(MUTANT,))

    monkeypatch.setattr(mutants, "measure", measured)
    file = tmp_path / "m.json"
    done = run("mine.py:softmax", "--dtype", "float32", "--limit", "5", "--json", str(file))
    assert done.exit_code == 0
    assert "Of 1 mutants of mine 1 are caught" in done.output
    assert (given["spec"], given["dtypes"], given["limit"]) == ("mine.py:softmax", "float32", 5)
    assert json.loads(file.read_text())["counts"]["caught"] == 1


def test_a_missed_defect_of_a_blind_set_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is passed on."""
    missed = BlindResult(
        set="s", name="n", operation="softmax", format="float32", expect="defect", why="w", verdict="certified"
    )
    folders = []

    def measured(folder, effort, seed, **keywords):
        folders.append(folder)
        return BlindPower(effort=effort, seed=seed, results=(missed,))

    monkeypatch.setattr(blind, "measure", measured)
    done = run("--part", "blind", "sets")
    assert done.exit_code == 1
    assert "MISSED n" in done.output
    assert run("--part", "blind").exit_code == 1
    assert folders == [Path("sets"), None]


def test_the_parts_in_the_help_are_those_that_exist() -> None:
    """One list for both."""
    text = " ".join(run("--help").output.split())
    assert f"{measure._BLIND} or {measure._MUTANTS}" in text
