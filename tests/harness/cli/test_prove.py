"""``softcert prove``, ``merge`` and ``verify`` of a proof: exit codes, files, sentences."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from softcert.cli.app import app
from softcert.cli.main import UsageError
from softcert_reports.document import DocumentError

PROVE = ("prove", "faithful", "--op", "softmax", "--dtype", "float8_e5m2", "--jobs", "1", "--rows-per-call", "8192")


def call(*arguments: object):
    """The result of a command."""
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if isinstance(result.exception, UsageError | DocumentError):
        raise result.exception
    return result


def test_shards_are_merged_and_the_page_is_written(tmp_path):
    paths = [tmp_path / f"{k}.json" for k in (1, 2)]
    for k, path in enumerate(paths, 1):
        done = call(*PROVE, "--level", "sound", "--shard", f"{k}/2", "--results", path)
        assert done.exit_code == 3
        assert "Incomplete: 32768 of 65536 inputs were run" in done.stdout
    assert call("merge", paths[0]).exit_code == 3
    whole = call("merge", *paths, "--results", tmp_path / "whole.json", "--report", tmp_path / "out")
    assert whole.exit_code == 0
    assert "on every one of 65536 inputs" in whole.stdout
    assert "every input was run" in (tmp_path / "out/index.html").read_text()
    assert "every input" in json.loads((tmp_path / "out/badge.json").read_text())["message"]
    again = call("verify", tmp_path / "whole.json", "--rerun", "--leaves", 2, "--seed", 3)
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "verified")


def test_a_proof_that_fails_has_exit_code_1_and_a_witness():
    done = call("prove", "naive", "--op", "softmax", "--dtype", "float8_e5m2", "--jobs", "1")
    assert done.exit_code == 1
    assert "Refuted: naive does not hold level “stable”" in done.stdout
    assert "first failing" in done.stdout


def test_an_altered_part_is_refused(tmp_path):
    path = tmp_path / "part.json"
    call(*PROVE, "--results", path)
    path.write_text(path.read_text().replace('"failing": 0', '"failing": 1'))
    path.write_text(path.read_text().replace('"special_wrong": 0', '"special_wrong": 7'))
    for command in (("merge", path), ("verify", path), (*PROVE, "--results", path)):
        with pytest.raises(DocumentError, match="was changed"):
            call(*command)


def test_a_spec_that_a_document_names_is_not_run(tmp_path):
    (tmp_path / "mine.py").write_text("def softmax(x):\n    return x\n")
    path = tmp_path / "part.json"
    spec = f"{tmp_path}/mine.py:softmax"
    call("prove", spec, "--dtype", "float8_e5m2", "--classes", 1, "--jobs", "1", "--results", path)
    with pytest.raises(UsageError, match="only registered names are run"):
        call("verify", path, "--rerun")
    assert call("verify", path, "--rerun", "--trust").exit_code == 0


def test_explain_says_what_a_proof_is():
    assert "every row of a shape" in call("explain", "proof").stdout
