"""In CI the outputs that the system reads switch themselves on, and nowhere else."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from tests.reports import small

from softcert import Implementation, cli
from softcert.certification.plan import Plan
from softcert.commands.certify import Run
from softcert.results import outputs
from softcert.results.gate import decide
from softcert_reports import document as doc
from softcert_reports.page import render

VARIABLES = ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "SOFTCERT_NO_GITLAB")
REPORT = "gl-code-quality-report.json"


def _unfinished(x):
    raise RuntimeError("100% not finished\n::error::forged")


def document_of(subject: Implementation, plan: Plan) -> doc.Document:
    run = Run(plan, [subject])
    run.certify()
    return run.document("c")


@pytest.fixture(scope="module")
def document() -> doc.Document:
    """The results of a subject that fails, quickly."""
    plan = Plan.of("quick", isolation="none")
    subject = Implementation("broken", {"softmax": _unfinished}, ("float32",), max_classes=8, max_rows=4)
    return document_of(subject, plan)


@pytest.fixture(autouse=True)
def outside(tmp_path, monkeypatch):
    """A folder of its own, and no CI system around it."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def told(document: doc.Document, capsys) -> str:
    written = outputs.continuous_integration(document)
    assert not written.problems
    print(outputs.workflow_commands(document), end="")
    return capsys.readouterr().out


def test_outside_ci_nothing_is_written(document, capsys, tmp_path):
    assert told(document, capsys) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "false", "0"])
def test_a_variable_that_says_no_is_no(document, capsys, tmp_path, monkeypatch, value):
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    monkeypatch.setenv("GITLAB_CI", value)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert told(document, capsys) == ""
    assert list(tmp_path.iterdir()) == []


def test_on_github_findings_are_annotated_and_the_summary_is_appended(document, capsys, tmp_path, monkeypatch):
    summary = tmp_path / "summary.md"
    summary.write_text("what another step wrote\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    lines = told(document, capsys).splitlines()
    assert lines
    assert all(line.startswith("::error ") for line in lines if line)
    assert any("broken" in line for line in lines)
    assert not any(line.startswith("::error::forged") for line in lines), "a message must not forge a command"
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("what another step wrote\n")
    assert "not certified" in text
    assert not (tmp_path / REPORT).exists()


def test_on_github_without_a_summary_file_annotations_still_come(document, capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "::error " in told(document, capsys)


def test_on_gitlab_the_code_quality_report_is_written(document, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("GITLAB_CI", "true")
    assert "::error" not in told(document, capsys)
    entries = json.loads((tmp_path / REPORT).read_text(encoding="utf-8"))
    assert {e["check_name"] for e in entries} == {f"softcert/{f.property}" for f in document.findings}
    assert all(len(e["fingerprint"]) >= 32 and e["location"]["path"] for e in entries)


def test_on_gitlab_it_can_be_turned_off(document, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SOFTCERT_NO_GITLAB", "1")
    told(document, capsys)
    assert not (tmp_path / REPORT).exists()


def test_a_certified_run_annotates_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITLAB_CI", "true")
    good = decide(small.green())
    assert good.exit_code == 0
    assert told(good, capsys).strip() == ""
    assert json.loads((tmp_path / REPORT).read_text(encoding="utf-8")) == []


def test_the_command_line_does_it_by_itself(capsys, monkeypatch, tmp_path):
    (tmp_path / "mine.py").write_text("import numpy as np\n\n\ndef softmax(x):\n    return x[:0]\n", encoding="utf-8")
    (tmp_path / "small.toml").write_text("max_classes = 4\nmax_rows = 2\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    arguments = "certify mine.py:softmax --dtype float32 --effort quick --contract small.toml --isolation none"
    monkeypatch.setattr(sys, "argv", ["softcert", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert "::error file=mine.py,line=4,title=softcert" in out
    assert "not certified" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_costs_no_other(document, tmp_path, monkeypatch):
    """A folder in a file's place, a full disk, a fault in one export: each is one sentence, and the rest is written."""
    (tmp_path / "folder").mkdir()

    def broken(document):
        raise RecursionError("a fault of ours")

    monkeypatch.setitem(outputs.EXPORTS, "badge", broken)
    paths = {"junit": tmp_path / "folder", "badge": tmp_path / "b.json", "sarif": tmp_path / "s.sarif"}
    written = outputs.write(document, report=tmp_path / "out", results=tmp_path / "r.json", **paths)
    assert [p.name for p in written.paths] == ["r.json", "results.json", "index.html", "s.sarif"]
    assert all(path.stat().st_size for path in written.paths)
    assert len(written.problems) == 2
    assert "Is a directory" in written.problems[0]
    assert "RecursionError: a fault of ours" in written.problems[1]
    assert not list(tmp_path.glob("**/.*")), "no temporary file is left"


def test_a_report_that_cannot_be_drawn_leaves_its_results(document, tmp_path, monkeypatch):
    """A page can be made of the results later."""
    monkeypatch.setattr(render, "render", lambda document: 1 / 0)
    written = outputs.write(document, report=tmp_path / "out", results=None)
    assert [p.name for p in written.paths] == ["results.json"]
    assert len(written.problems) == 1


@pytest.mark.parametrize("summary", ["folder", "no/such/folder/summary.md"])
def test_a_job_summary_that_cannot_be_written_is_a_sentence(document, tmp_path, monkeypatch, summary):
    """GITHUB_STEP_SUMMARY may name anything."""
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / summary))
    written = outputs.continuous_integration(document)
    assert written.paths == ()
    assert "cannot be written" in written.problems[0]


def test_a_baseline_is_not_made_of_a_run_that_was_stopped(document, tmp_path):
    """What was not reached would count as mended, and its entry be dropped."""
    path = tmp_path / "baseline.toml"
    written = outputs.baseline(replace(document, complete=False), None, path)
    assert "incomplete" in written.problems[0]
    assert not path.exists()
    assert outputs.baseline(document, None, path).paths == (path,)
