"""The GitHub Action of action.yml: its steps are run with the inputs that a workflow would give."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from tests.packaging.ci_steps import RIGHT, bash, binaries, filled
from tests.packaging.imports import ROOT

yaml = pytest.importorskip("yaml")

pytestmark = pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="the steps speak to bash")

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = r"\$\{\{ (inputs\.[\w-]+|github\.action_path) \}\}"


def run(folder: Path, place: Path, code: int = 0, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the steps; the exit code of the last, what was printed, and the outputs."""
    given = {f"inputs.{name}": value.get("default", "") for name, value in ACTION["inputs"].items()}
    given |= {f"inputs.{name}": value for name, value in inputs.items()} | {"github.action_path": str(ROOT)}
    outputs = folder / "outputs.txt"
    outputs.touch()
    fixed = {"GITHUB_OUTPUT": str(outputs), "GITHUB_ACTIONS": "true", "CODE": str(code)}
    fixed["GITHUB_STEP_SUMMARY"] = str(folder / "summary.md")
    printed, status = "", 0
    for step in ACTION["runs"]["steps"]:
        assert status == 0, printed
        variables = {name: filled(value, _EXPRESSION, given) for name, value in step["env"].items()}
        done = bash(step["run"], folder, place, {**fixed, **variables})
        status, printed = done.returncode, printed + done.stdout + done.stderr
    lines = outputs.read_text().splitlines()
    return status, printed, dict(line.split("=", 1) for line in lines)


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    return binaries(tmp_path, real=False)


def test_no_input_is_read_as_code():
    """An expression within a script would put a caller's text into the shell."""
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]


def test_every_input_is_handed_on_and_every_output_is_made():
    used = set(re.findall(r"inputs\.([\w-]+)", str(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
    assert all(value["description"] for value in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


def test_inputs_become_options_and_empty_ones_are_left_out(tmp_path, fake):
    baseline = "known failures; rm -rf $HOME.toml"
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "results.json").write_text('{"subjects": [{"verdict": "certified"}]}')
    status, printed, outputs = run(
        tmp_path, fake, spec="a.py:softmax\nb c.py\n", dtype="float32", baseline=baseline, report="reports"
    )
    assert status == 0, printed
    assert (tmp_path / "arguments.txt").read_text().splitlines() == [
        "certify", "a.py:softmax", "b c.py", "--dtype", "float32", "--effort", "quick", "--level", "stable",
        "--seed", "0", "--baseline", baseline, "--report", "reports", "--sarif", "reports/softcert.sarif",
        "--junit", "reports/junit.xml", "--ctrf", "reports/ctrf.json", "--badge", "reports/badge.json",
    ]  # fmt: skip
    assert set(outputs) == set(ACTION["outputs"])
    assert outputs["report"] == "reports/index.html"


@pytest.mark.parametrize(
    ("code", "verdicts", "verdict"),
    [
        (0, ["certified", "certified"], "certified"),
        (0, ["certified", "not certified"], "as expected by the baseline"),
        (1, [], "not certified"),
        (2, [], "wrong use"),
        (3, [], "not decided"),
    ],
)
def test_the_exit_code_is_the_gates_and_only_a_certified_run_is_called_so(tmp_path, fake, code, verdicts, verdict):
    subjects = ", ".join(f'{{"verdict": "{v}"}}' for v in verdicts)
    (tmp_path / "results.json").write_text(f'{{"subjects": [{subjects}]}}')
    status, _, outputs = run(tmp_path, fake, code, spec="a.py", report=".")
    assert (status, outputs["exit-code"], outputs["verdict"]) == (code, str(code), verdict)


@pytest.mark.parametrize(("version", "installed"), [("", str(ROOT)), ("0.1.0", "softcert==0.1.0")])
def test_the_actions_own_checkout_is_installed_unless_a_release_is_named(tmp_path, fake, version, installed):
    run(tmp_path, fake, 1, spec="a.py", version=version)
    assert (tmp_path / "pip.txt").read_text() == f"-m pip install {installed}\n"


@pytest.mark.slow
def test_a_right_function_is_green_and_leaves_every_file(tmp_path):
    (tmp_path / "mine.py").write_text(RIGHT)
    status, printed, outputs = run(
        tmp_path, binaries(tmp_path, real=True), spec="mine.py:softmax", dtype="float32", report="out"
    )
    assert (status, outputs["verdict"]) == (0, "certified"), printed
    assert all((tmp_path / outputs[name]).exists() for name in ("report", "results", "sarif", "junit", "ctrf"))
    assert "softmax" in (tmp_path / "summary.md").read_text()
