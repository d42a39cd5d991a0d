"""softcert init: what it writes runs as it is, and nothing that exists is overwritten."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from softcert.commands import init
from softcert.commands.init import ci_files
from softcert.commands.init.contract_file import contract_file
from softcert_implementations.contract import FIELDS, Contract
from softcert_oracle.errors import UsageError

yaml = pytest.importorskip("yaml")

NAIVE = """
import numpy as np

def softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)
"""
ASKED = ("--dtype", "float32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(NAIVE)
    return tmp_path


def run_again(folder: Path, commands: list[str]) -> None:
    """Run the commands of a job but those that install."""
    binaries = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": binaries + os.pathsep + os.environ["PATH"], "CI": ""}
    for command in commands:
        if not command.startswith("python -m pip install "):
            done = subprocess.run(
                ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="CI jobs speak to a POSIX shell")
def test_what_is_written_runs_as_it_is_and_is_green(folder, softcert, capsys):
    assert softcert("init", "mine.py:softmax", *ASKED) == 0
    assert "Mend it, or write why" in capsys.readouterr().out
    (job,) = yaml.safe_load((folder / ".github/workflows/softcert.yml").read_text())["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0] == f"python -m pip install softcert=={metadata.version('softcert')}"
    run_again(folder, commands)
    uploads = [step["with"] for step in job["steps"] if "upload" in step.get("uses", "")]
    assert all((folder / u.get("path", u.get("sarif_file"))).exists() for u in uploads)
    before = {path: path.read_bytes() for path in folder.glob("*.toml")}
    assert softcert("init", "mine.py:softmax", *ASKED) == 2
    assert "exists, and init overwrites nothing" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in folder.glob("*.toml")}


def test_a_subject_that_cannot_be_loaded_writes_nothing(folder, softcert, capsys):
    (folder / "broken.py").write_text("raise RuntimeError('no GPU here')")
    assert softcert("init", "broken.py:softmax", *ASKED) == 2
    assert "no GPU here" in capsys.readouterr().err
    assert {path.name for path in folder.iterdir()} <= {"broken.py", "mine.py", "__pycache__"}


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_words_that_a_shell_or_yaml_would_change_reach_the_command_as_they_are(system, tmp_path):
    spec = 'odd name\'s #1: "x".py:softmax'
    project = init.prepare(spec, {"op": "softmax", "dtype": None}, system, tmp_path)
    _, make = init.CI_FILES[system]
    (job,) = (
        (loaded := yaml.safe_load(make(["pip install -r 'a b.txt'"], init.gate(project), "3.12")))
        .get("jobs", loaded)
        .values()
    )
    lines = job["script"] if system == "gitlab" else [step["run"] for step in job["steps"] if "run" in step]
    assert lines[0] == "pip install -r 'a b.txt'"
    words = shlex.split(lines[-1])
    assert words[:5] == ["softcert", "certify", spec, "--op", "softmax"]
    assert f"--report {ci_files.FOLDER}" in lines[-1]


@pytest.mark.parametrize(
    ("spec", "ci", "message"),
    [
        ("${{ secrets.TOKEN }}.py:softmax", "github", "cannot stand in a CI file"),
        ("two\nlines.py:softmax", "none", "cannot stand in a CI file"),
        ("/somewhere/else.py:softmax", "none", "outside of"),
        ("mine.py:softmax", "jenkins", "jenkins"),
    ],
)
def test_what_no_ci_job_could_run_is_refused_before_anything_runs(spec, ci, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        init.prepare(spec, {}, ci, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_is_named_as_another_checkout_has_it(tmp_path):
    assert init.prepare(f"{tmp_path}/src/mine.py:softmax", {}, "none", tmp_path).spec == "src/mine.py:softmax"
    assert init.prepare(f"exec:{tmp_path}/bin/softmax", {}, "none", tmp_path).spec == "exec:./bin/softmax"


def test_the_ci_system_is_the_one_that_the_folder_has(tmp_path):
    assert init.prepare("mine.py:softmax", {}, None, tmp_path).ci == "github"
    (tmp_path / ".gitlab-ci.yml").touch()
    with pytest.raises(UsageError, match=r"'.gitlab-ci.yml' exists"):
        init.prepare("mine.py:softmax", {}, None, tmp_path)


def test_the_contract_claims_what_was_inferred_and_shows_every_other_field():
    given = {"flush_subnormals": True, "exp_ulp": {"default": 4, "softmax": 2}}
    text = contract_file("mine.py:softmax", Contract(given))
    assert tomllib.loads(text) == given
    assert all(name in text for name in FIELDS)
    commented = {line[2:] for line in text.splitlines() if line.startswith("# ") and " = " in line}
    for line in commented:
        Contract(tomllib.loads(line))
