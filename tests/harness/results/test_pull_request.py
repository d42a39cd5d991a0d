"""The gate on pull requests: a defect is stopped, a change of layout gets through. Shown in a small git repository.

The repository holds an implementation, the results of its last release and one gate script, as a CI system would
run it. A pull request is a branch with one change to the implementation.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from softcert_implementations.resolving.resolve import resolve
from softcert_implementations.resolving.source_digest import digest

pytestmark = [
    pytest.mark.slow,  # whole certifications, one after the other
    pytest.mark.skipif(
        os.name == "nt" or shutil.which("git") is None, reason="the gate is a shell script, the repository git's"
    ),
]

KERNEL = """\
import numpy as np


def log_softmax(x):
    top = x.max(axis=-1, keepdims=True)
    d = x - top
    if x.shape[-1] > 1:
        return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))
    return d
"""

REFORMATTED = """\
import numpy as np  # the array library


def log_softmax(
        x):

        top = x.max(axis = -1,
                    keepdims = True)   # of each row

        d = x-top
        if x.shape[ -1 ] > 1 :
                return d - np.log(np.exp(d).sum(axis = -1, keepdims = True))
        return d
"""

DEFECTS = {
    "the maximum is no longer subtracted": KERNEL.replace("d = x - top", "d = x"),
    "the maximum of the whole batch": KERNEL.replace("x.max(axis=-1, keepdims=True)", "x.max()"),
    "each row's sum misses its last class": KERNEL.replace("np.exp(d).sum", "np.exp(d[..., :-1]).sum"),
}

GATE = """\
set -eu
softcert certify kernel.py:log_softmax --dtype float32 --effort quick --results "$1" --certificate certificate.json
softcert diff released.json "$1"
"""


class Repository:
    """A repository whose main branch passes the gate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir()
        self.write(".ci/gate.sh", GATE)
        self.write("kernel.py", KERNEL)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "someone@example.org")
        self.git("config", "user.name", "Someone")
        first = self.run("bash", "-c", GATE.splitlines()[1], "gate", "released.json")
        assert first.returncode == 0, first.stdout + first.stderr
        self.commit("Release")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self, message: str) -> None:
        self.git("add", "kernel.py", ".ci", "released.json")
        self.git("commit", "-q", "-m", message)

    def git(self, *words: str) -> None:
        done = self.run("git", *words)
        assert done.returncode == 0, done.stderr

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        quiet = {"CI": "", "GITHUB_ACTIONS": "", "GITLAB_CI": "", "PATH": path}
        return subprocess.run(
            words,
            cwd=self.folder,
            env={**os.environ, **quiet},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def gate(self, branch: str, kernel: str) -> subprocess.CompletedProcess[str]:
        """Open a pull request with another kernel, and run the gate on it."""
        assert kernel != KERNEL
        self.git("checkout", "-q", "-b", branch, "main")
        self.write("kernel.py", kernel)
        self.commit(branch)
        return self.run("bash", ".ci/gate.sh", "now.json")

    def source_digest(self, name: str) -> str:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))["subjects"][0]["source_digest"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Repository:
    return Repository(tmp_path_factory.mktemp("repository"))


def test_a_change_of_layout_gets_through(repository):
    done = repository.gate("reformat", REFORMATTED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no difference" in done.stdout
    assert repository.source_digest("now.json") == repository.source_digest("released.json")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_stopped(repository, name):
    done = repository.gate(name.replace(" ", "-").replace("'", ""), DEFECTS[name])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "not certified" in done.stdout
    assert "remedy" in done.stdout
    assert repository.source_digest("now.json") != repository.source_digest("released.json")
    diff = repository.run("softcert", "diff", "released.json", "now.json")
    assert diff.returncode == 1, diff.stdout
    assert diff.stdout.startswith("worse")


def test_indentation_that_changes_the_meaning_is_another_source(tmp_path):
    def source_digest(name: str, text: str) -> str:
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return digest(resolve(f"{path}:softmax", op="softmax", dtypes="float32", arrays="numpy", batched=True))

    inside = "def softmax(x, a=0):\n    if a:\n        x = x + 1\n        x = x + 2\n    return x\n"
    outside = "def softmax(x, a=0):\n    if a:\n        x = x + 1\n    x = x + 2\n    return x\n"
    blanks = "def softmax(x, a=0):\n  if a:\n    x = x + 1 # why\n\n    x = x + 2\n  return x"
    assert source_digest("inside", inside) != source_digest("outside", outside)
    assert source_digest("inside", inside) == source_digest("blanks", blanks)
