"""A terminal that cannot take the text changes no verdict, no exit code and no file, whatever the command."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.harness.cli.documents import certified, hostile

from softcert.commands import certify as certification
from softcert.commands import replay, sweep
from softcert.results import outputs
from softcert_reports import document as doc
from softcert_reports.exports import certificate


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Documents for the commands that read them, and runs that nothing is called for."""
    (tmp_path / "r.json").write_text(doc.dumps(hostile("naive")), encoding="utf-8")
    (tmp_path / "good.json").write_text(doc.dumps(certified("naive")), encoding="utf-8")
    (tmp_path / "c.json").write_text(certificate.certificate(certified("naive")), encoding="utf-8")
    monkeypatch.setattr(certification.Run, "add", lambda *a, **k: None)
    monkeypatch.setattr(certification.Run, "certify", lambda *a, **k: None)
    monkeypatch.setattr(certification.Run, "document", lambda *a, **k: certified("ü"))
    outcome = SimpleNamespace(text="“it fails”", fails=lambda level: True)
    monkeypatch.setattr(replay, "replay_finding", lambda *a: (outcome, "sound"))
    monkeypatch.setattr(sweep, "sweep", lambda *a, **k: iter(["softmax"]))


COMMANDS = [
    "certify x --results new.json --report page", "replay x --results r.json", "report r.json -o page2",
    "diff good.json r.json", "diff good.json good.json", "verify c.json --results good.json", "sweep x",
    "list operations", "list nothing", "explain stable", "oracle softmax 1 2", "--help", "certify --help", "",
    "certify",
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS)
def test_streams_that_fail_change_no_exit_code(softcert, files, capsys, monkeypatch, tmp_path, arguments):
    """Standard output alone, and both."""
    code = softcert(*arguments.split())
    capsys.readouterr()
    made = sorted(p.name for p in tmp_path.rglob("*"))
    for path in ("new.json", "page/index.html", "page2/index.html"):
        (tmp_path / path).unlink(missing_ok=True)
    for names in (["stdout"], ["stderr"], ["stdout", "stderr"]):
        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(sys, name, Full())
            assert softcert(*arguments.split()) == code
    assert sorted(p.name for p in tmp_path.rglob("*")) == made


def test_files_are_written_before_anything_is_printed(softcert, files, monkeypatch, tmp_path):
    """Whoever is killed by the first word on the terminal has the files."""
    seen: list[bool] = []

    class Watching(io.StringIO):
        def write(self, text: str) -> int:
            seen.append((tmp_path / "new.json").exists() and (tmp_path / "b.json").exists())
            return len(text)

    monkeypatch.setattr(sys, "stdout", Watching())
    assert softcert("certify", "x", "--results", "new.json", "--badge", "b.json") == 0
    assert seen
    assert all(seen)


def test_a_lost_file_is_told_and_takes_the_green(softcert, files, capsys, monkeypatch, tmp_path):
    """The other files and the summary are there, and the exit code is 3."""
    monkeypatch.setitem(outputs.EXPORTS, "junit", lambda document: 1 / 0)
    assert softcert("certify", "x", "--results", "new.json", "--junit", "j.xml", "--badge", "b.json") == 3
    out, err = capsys.readouterr()
    assert "certified" in out
    assert "softcert: j.xml cannot be written: ZeroDivisionError" in err
    assert (tmp_path / "new.json").exists()
    assert (tmp_path / "b.json").exists()


def test_a_job_summary_that_cannot_be_written_is_told_and_changes_nothing(softcert, files, capsys, monkeypatch):
    """The CI system asked for it, not the user: the verdict stands in the exit code."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "no/such/folder/summary.md")
    assert softcert("certify", "x") == 0
    assert "summary.md cannot be written" in capsys.readouterr().err


def test_a_signal_while_files_are_written_lets_them_be_finished(softcert, files, monkeypatch, tmp_path):
    """The run was complete, and so are its files and its exit code."""
    whole = outputs.write

    def write(*arguments, **keywords):
        signal.raise_signal(signal.SIGTERM)
        return whole(*arguments, **keywords)

    monkeypatch.setattr(outputs, "write", write)
    assert softcert("certify", "x", "--results", "new.json") == 0
    assert json.loads((tmp_path / "new.json").read_text())["exit_code"] == 0


def test_a_second_signal_while_the_run_is_being_ended_leaves_its_files(softcert, files, monkeypatch, tmp_path):
    """What is finished is written, and the exit code is 3."""

    def certify(run, progress):
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)

    def document(run, *arguments):
        return replace(certified("a"), complete=not run.interrupted, incomplete_reason=run.reason, exit_code=3)

    monkeypatch.setattr(certification.Run, "certify", certify)
    monkeypatch.setattr(certification.Run, "document", document)
    assert softcert("certify", "x", "--results", "new.json") == 3
    written = json.loads((tmp_path / "new.json").read_text())
    assert (written["complete"], written["incomplete_reason"]) == (False, "ended by SIGTERM")


def test_ctrl_c_is_exit_code_3_in_every_command(softcert, files, capsys, monkeypatch):
    """Typer would say 130 or 1, which is a verdict."""
    monkeypatch.setattr(replay, "replay_finding", lambda *a: signal.raise_signal(signal.SIGINT))
    assert softcert("replay", "x", "--results", "r.json") == 3
    assert "softcert: interrupted by the user" in capsys.readouterr().err


@pytest.mark.parametrize("error", [BrokenPipeError(errno.EPIPE, "a worker"), SystemExit(0), EOFError()])
def test_nothing_that_a_command_raises_is_green(softcert, files, capsys, monkeypatch, error):
    """sys.exit(0) of a subject without isolation, and what Typer takes for an end of its own."""

    def fail(*arguments):
        raise error

    monkeypatch.setattr(replay, "replay_finding", fail)
    assert softcert("replay", "x", "--results", "r.json") == 3
    assert "softcert: " in capsys.readouterr().err


DRIVER = """
from softcert.commands import certify as c
from tests.harness.cli.documents import certified
c.Run.add = c.Run.certify = lambda *a, **k: None
c.Run.document = lambda *a, **k: certified("\\u00fc\\u540d")
from softcert.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell leads the streams")
@pytest.mark.parametrize(
    "streams", ["| true", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full", "| cat  # ascii"]
)
def test_what_a_shell_can_do_to_the_streams_changes_nothing(tmp_path, streams):
    """A real process: descriptors that are closed must not become those of a file that is written."""
    if "full" in streams and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "driver.py").write_text(DRIVER)
    root = Path(__file__).parents[3]
    paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    encoding = {"PYTHONIOENCODING": "ascii"} if "ascii" in streams else {}
    command = f"{sys.executable} driver.py certify x --results r.json --junit j.xml {streams}\n"
    done = subprocess.run(
        ["bash", "-c", f"{command}exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": paths, "GITHUB_ACTIONS": "", "GITLAB_CI": "", **encoding},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["exit_code"] == 0
    assert (tmp_path / "j.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert "Error" not in done.stderr
