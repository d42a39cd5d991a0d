"""The GitLab component of templates/certify.yml: its script is run with the inputs that a project would give."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from tests.packaging.ci_steps import RIGHT, bash, binaries, filled
from tests.packaging.imports import ROOT

yaml = pytest.importorskip("yaml")

pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="the script speaks to bash")

HEADER, JOBS = yaml.safe_load_all((ROOT / "templates" / "certify.yml").read_text(encoding="utf-8"))
INPUTS = HEADER["spec"]["inputs"]
(JOB,) = JOBS.values()
_EXPRESSION = r"\$\[\[ inputs\.(\w+) \]\]"


def run(folder: Path, place: Path, code: int = 0, **inputs: str) -> tuple[int, str]:
    """Run the job's script as GitLab does, in one shell; its exit code, and what was printed."""
    given = {name: value.get("default", "") for name, value in INPUTS.items()} | inputs
    variables = {name: filled(value, _EXPRESSION, given) for name, value in JOB["variables"].items()}
    done = bash("\n".join(JOB["script"]), folder, place, {"GITLAB_CI": "true", "CODE": str(code), **variables})
    return done.returncode, done.stdout + done.stderr


def test_every_input_is_used_and_none_is_read_as_code():
    used = set(re.findall(_EXPRESSION, str(JOBS)))
    assert used == set(INPUTS)
    assert "[[" not in "".join(JOB["script"])


def test_the_release_that_is_installed_is_this_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert INPUTS["version"]["default"] == project["version"]


def test_inputs_become_options_and_the_exit_code_is_the_gates(tmp_path):
    place = binaries(tmp_path, real=False)
    status, printed = run(tmp_path, place, 3, spec="my file.py", op="softmax", requirements="needs.txt")
    assert status == 3, printed
    assert (tmp_path / "arguments.txt").read_text().splitlines() == [
        "certify", "my file.py", "--effort", "quick", "--level", "stable", "--report", "reports/softcert",
        "--junit", "reports/softcert/junit.xml", "--op", "softmax",
    ]  # fmt: skip
    version = INPUTS["version"]["default"]
    assert (tmp_path / "pip.txt").read_text() == (f"-m pip install -r needs.txt\n-m pip install softcert=={version}\n")


@pytest.mark.slow
def test_a_right_function_is_green_and_leaves_every_artifact(tmp_path):
    (tmp_path / "mine.py").write_text(RIGHT)
    status, printed = run(tmp_path, binaries(tmp_path, real=True), spec="mine.py:softmax", dtype="float32")
    assert status == 0, printed
    artifacts = JOB["artifacts"]
    for path in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (tmp_path / filled(path, _EXPRESSION, {"report": "reports/softcert"})).exists(), path
