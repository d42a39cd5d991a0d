"""The CI configurations of docs/ci.md: their structure, and every command in them, run as the CI system would."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs import fences

yaml = pytest.importorskip("yaml")

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the pages speak to a POSIX shell"),
    pytest.mark.slow,  # each configuration certifies
]

PAGE = fences.ROOT / "docs" / "ci.md"
BASELINE = "softcert certify kernels.py --dtype float32 --effort quick --update-baseline softcert.toml"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The files of the page and the baseline that it makes, made once."""
    folder = tmp_path_factory.mktemp("project")
    fences.write_files(PAGE, folder)
    assert BASELINE in PAGE.read_text(encoding="utf-8")
    ((printed, code),) = fences.shell([BASELINE], folder)
    assert code == 1, printed
    return folder


@pytest.fixture
def folder(project, tmp_path):
    return Path(shutil.copytree(project, tmp_path / "copy"))


def run(commands: list[str], folder: Path, **environment: str) -> str:
    """Run a job's commands but the one that installs softcert; all must succeed."""
    installs = [c for c in commands if c.startswith("python -m pip install softcert==")]
    assert len(installs) == 1, "the job installs softcert, pinned, and nothing else"
    printed = ""
    for command in commands:
        if command not in installs:
            ((text, code),) = fences.shell([command], folder, **environment)
            assert code == 0, text
            printed += text
    return printed


def test_the_release_that_is_pinned_is_this_one():
    import tomllib

    version = tomllib.loads((fences.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert set(re.findall(r"softcert==(\d[\w.]*\d)", PAGE.read_text(encoding="utf-8"))) == {version}


def test_the_github_workflow_gates_and_uploads_what_it_writes(folder, tmp_path):
    workflow = yaml.safe_load((folder / ".github/workflows/softcert.yml").read_text(encoding="utf-8"))
    assert workflow[True] == ["push", "pull_request"]  # YAML 1.1 reads the key "on" as true
    (job,) = workflow["jobs"].values()
    assert job["runs-on"] == "ubuntu-latest"
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", u) for u in uses), uses
    assert uses[0].startswith("actions/checkout@")
    summary = tmp_path / "summary.md"
    printed = run(
        [step["run"] for step in job["steps"] if "run" in step], folder,
        CI="true", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert "exactly what the baseline expects" in printed
    assert "kernels" in summary.read_text(encoding="utf-8")
    for step in job["steps"]:
        if "upload" in step.get("uses", ""):
            assert step["if"] == "always()"
            given = step["with"]
            assert (folder / given.get("path", given.get("sarif_file"))).exists()
    verified = fences.shell(["softcert verify reports/softcert/certificate.json"], folder)
    assert verified[0][1] == 0, verified[0][0]


def test_the_gitlab_job_gates_and_keeps_what_it_writes(folder):
    jobs = yaml.safe_load((folder / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    (job,) = jobs.values()
    run(job["script"], folder, CI="true", GITLAB_CI="true")
    artifacts = job["artifacts"]
    assert artifacts["when"] == "always"
    for path in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (folder / path).exists(), path
    assert json.loads((folder / artifacts["reports"]["codequality"]).read_text()) == []


def test_the_pre_commit_hook_passes_and_stops_a_defect(folder, monkeypatch):
    pytest.importorskip("pre_commit")
    path = folder / ".pre-commit-config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    (hook,) = config["repos"][0]["hooks"]
    assert hook.pop("additional_dependencies")[0].startswith("softcert==")
    hook["language"] = "system"  # softcert is installed already, and an index is not at hand in every test run
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    environment = fences.environment(PRE_COMMIT_HOME=str(folder / ".pre-commit"))

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    assert command("git", "init", "-q").returncode == 0
    assert command("git", "add", "-A").returncode == 0
    pre_commit = (sys.executable, "-m", "pre_commit", "run", "softcert", "--files")
    passed = command(*pre_commit, "kernels.py")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
    assert "Skipped" in command(*pre_commit, "test_kernels.py").stdout
    source = (folder / "kernels.py").read_text(encoding="utf-8")
    (folder / "kernels.py").write_text(source.replace("x - x.max(axis=-1, keepdims=True)", "x"), encoding="utf-8")
    stopped = command(*pre_commit, "kernels.py")
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "not in the baseline" in stopped.stdout


def test_the_tox_environment_gates(folder):
    config = configparser.ConfigParser()
    config.read(folder / "tox.ini", encoding="utf-8")
    assert config["tox"]["env_list"] in {s.removeprefix("testenv:") for s in config.sections()}
    section = config["testenv:certify"]
    assert section["deps"].startswith("softcert==")
    assert set(section) <= {"description", "skip_install", "deps", "pass_env", "commands"}
    (command,) = [c for c in section["commands"].splitlines() if c]
    assert shlex.split(command)[0] == "softcert"
    ((printed, code),) = fences.shell([command], folder)
    assert code == 0, printed
    assert (folder / "reports/softcert/index.html").exists()
