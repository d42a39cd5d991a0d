"""What CI systems read is what their published schemas accept, and runs what exists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.packaging.imports import ROOT

from softcert.commands.init import ci_files

yaml = pytest.importorskip("yaml")


def check(schema: str, *paths: Path) -> None:
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_is_one():
    check("github-actions", ROOT / "action.yml")


def test_the_component_holds_a_job_of_gitlab(tmp_path):
    _, jobs = yaml.safe_load_all((ROOT / "templates" / "certify.yml").read_text(encoding="utf-8"))
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    check("gitlab-ci", tmp_path / "jobs.json")


@pytest.mark.parametrize(("schema", "make"), [("github-workflows", ci_files.github), ("gitlab-ci", ci_files.gitlab)])
def test_what_init_writes_is_accepted(tmp_path, schema, make):
    (tmp_path / "ci.yml").write_text(make(["python -m pip install ."], "softcert certify mine.py", "3.12"))
    check(schema, tmp_path / "ci.yml")


def test_a_mistake_is_found(tmp_path):
    (tmp_path / "action.yml").write_text("name: no steps\n")
    with pytest.raises(AssertionError):
        check("github-actions", tmp_path / "action.yml")


def test_the_pre_commit_hook_is_one_that_pre_commit_runs(tmp_path):
    """``pre-commit try-repo`` on a copy; its language is system there, for an environment of its own takes minutes."""
    pytest.importorskip("pre_commit")
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"] == "softcert certify"
    assert hook["language"] == "python"
    source, project = tmp_path / "source", tmp_path / "project"
    for folder in (source, project):
        folder.mkdir()
        git(folder, "init", "-q")
    hook |= {"language": "system", "entry": f"{sys.executable} -m softcert certify", "args": ["--help"]}
    (source / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump([hook]))
    (project / "kernels.py").touch()
    for folder in (source, project):
        git(folder, "add", "-A")
        git(folder, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(source), "softcert", "--verbose", "--all-files"]
    done = subprocess.run(
        command, cwd=project, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
    assert "--baseline" in done.stdout


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=environment(folder.parent))


def environment(home: Path) -> dict[str, str]:
    """Of git and pre-commit, without what a surrounding hook or a user has set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**kept, "PRE_COMMIT_HOME": str(home / "cache"), "GIT_CONFIG_GLOBAL": os.devnull, "NO_COLOR": "1"}
