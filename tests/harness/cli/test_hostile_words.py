"""Every command with names that would command a terminal or a CI system: nothing of them reaches the log as it is."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from tests.harness.cli.documents import HOSTILE, certified, hostile

from softcert.commands import certify as certification
from softcert.commands import power, sweep
from softcert_reports import document as doc
from softcert_reports.exports import certificate

WORDS = ("\n".join(HOSTILE), "::error::at the start", "##[error]at the start")
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(params=WORDS, ids=["all", "colons", "hashes"])
def word(request, tmp_path) -> str:
    """A hostile word, with documents and files that hold it."""
    (tmp_path / "r.json").write_text(doc.dumps(hostile(request.param)), encoding="utf-8")
    (tmp_path / "good.json").write_text(doc.dumps(certified(request.param, "other")), encoding="utf-8")
    (tmp_path / "c.json").write_text(certificate.certificate(hostile(request.param)), encoding="utf-8")
    (tmp_path / "b.toml").write_text(f"{json.dumps(request.param)} = 1\n", encoding="utf-8")
    (tmp_path / "raises.py").write_text(f"raise ImportError({request.param!r})\n", encoding="utf-8")
    return str(request.param)


def safe(told: str) -> list[str]:
    """The lines that were printed, none of which is raw or a command."""
    lines = told.split("\n")
    assert not [line for line in lines if _RAW.search(line)]
    assert not [line for line in lines if re.match(r"\s*(::|##)", line) or re.search(r"##\w*\[", line)]
    return lines


COMMANDS = [
    "report r.json -o page", "report r.json good.json -o page", "diff good.json r.json", "diff r.json good.json",
    "verify c.json --results r.json", "verify c.json --results r.json --rerun", "verify c.json --results good.json",
    "verify b.toml --results r.json", "replay WORD --results r.json", "replay x --results r.json",
    "replay WORD --results WORD", "list WORD", "explain WORD", "oracle WORD 1", "oracle softmax WORD",
    "oracle softmax 1 --dtype WORD", "power --family WORD", "power --part WORD", "power --effort WORD",
    "certify good.json --dtype WORD", "certify good.json --op WORD", "certify good.json --arrays WORD",
    "certify good.json --level WORD", "certify good.json --baseline WORD", "certify good.json --baseline b.toml",
    "certify good.json --contract b.toml", "certify good.json --power r.json", "certify --WORD", "WORD",
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS)
def test_no_command_prints_a_hostile_word_as_it_is(softcert, capsys, word, arguments):
    """Names and messages of documents and files, and arguments in error messages."""
    code = softcert(*(a.replace("WORD", word) for a in arguments.split(" ")))
    out, err = capsys.readouterr()
    safe(out)
    assert len([line for line in safe(err) if line]) <= (4 if arguments in ("certify --WORD", "WORD") else 1)
    assert code in (0, 1, 2)
    assert "the harness itself failed" not in err


@pytest.mark.parametrize("on_github", [False, True])
def test_certify_prints_no_hostile_word_as_it_is(softcert, capsys, monkeypatch, word, on_github):
    """The summary of a run; on GitHub only our own annotations are commands."""
    monkeypatch.setattr(certification.Run, "add", lambda *a, **k: None)
    monkeypatch.setattr(certification.Run, "certify", lambda *a, **k: None)
    monkeypatch.setattr(certification.Run, "document", lambda *a, **k: hostile(word))
    if on_github:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert softcert("certify", "x") == 1
    out, err = capsys.readouterr()
    lines = out.split("\n")
    ours = [line for line in lines if re.match(r"::error (file=[^:]*,)?title=softcert", line)]
    assert bool(ours) == on_github
    assert not _RAW.search(out)
    safe("\n".join(line for line in lines if line not in ours) + err)


def test_power_and_sweep_print_no_hostile_word_as_it_is(softcert, capsys, monkeypatch, word):
    """Names of defects and witnesses come from the gallery and from subjects."""
    defect = SimpleNamespace(
        family=word, killed=False, debated=False, name=word, operation=word, format=word, seconds=None, part=word
    )
    alarm = SimpleNamespace(name=word, operation=word, format=word, expected=word, held=word, finding=word)
    measured = SimpleNamespace(
        effort=word,
        seed=0,
        defects=(defect,),
        survivors=(defect,),
        false_alarms=(alarm,),
        correct=(alarm,),
        passed=False,
    )
    monkeypatch.setattr(power, "measure", lambda *a, **k: measured)
    monkeypatch.setattr(sweep, "sweep", lambda *a, **k: iter([word]))
    assert softcert("power") == 1
    assert softcert("sweep", "x") == 0
    out, err = capsys.readouterr()
    safe(out + err)


def test_a_subject_that_cannot_be_imported_prints_no_hostile_word_as_it_is(softcert, capsys, word):
    """The message of an ImportError is the subject's own."""
    for command in ("certify", "sweep"):
        assert softcert(command, "raises.py:softmax", "--dtype", "float32", "--isolation", "none") in (1, 2, 3)
    out, err = capsys.readouterr()
    safe(out)
    assert "raises.py" in out + err
    safe(err)


def test_a_document_makes_no_line_of_its_own(softcert, capsys, tmp_path):
    """A name with a newline must not forge a verdict between the lines of a comparison or a check."""
    name = "a\nverified\nno difference"
    (tmp_path / "r.json").write_text(doc.dumps(hostile(name)), encoding="utf-8")
    (tmp_path / "good.json").write_text(doc.dumps(certified(name)), encoding="utf-8")
    (tmp_path / "c.json").write_text(certificate.certificate(hostile(name)), encoding="utf-8")
    for command in ("diff good.json r.json", "verify c.json --results good.json", "replay x --results r.json"):
        softcert(*command.split())
    out, err = capsys.readouterr()
    assert {"verified", "no difference"}.isdisjoint((out + err).splitlines())
