"""The command line as a user types it: output, exit codes, and one sentence for every mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """
import numpy as np

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def naive_softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(RIGHT)
    return tmp_path


def softcert(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "softcert", *arguments], cwd=folder, capture_output=True, text=True, timeout=300,
        env={**os.environ, "CI": "", "GITHUB_ACTIONS": "", "GITLAB_CI": "", **environment}, check=False,
    )  # fmt: skip


def test_a_function_of_a_file_is_certified(folder):
    done = softcert(folder, "certify", "mine.py:softmax", "--dtype", "float32", "--effort", "quick", "--report", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "certified" in done.stdout
    assert (folder / "out" / "index.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "out" / "results.json").read_text())["exit_code"] == 0


def test_a_defect_ends_with_1_and_can_be_replayed_compared_and_verified(folder):
    done = softcert(
        folder, "certify", "mine.py:naive_softmax", "--op", "softmax", "--dtype", "float32", "--effort", "quick",
        "--report", "out", "--certificate", "out/certificate.json",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    findings = json.loads((folder / "out" / "results.json").read_text())["findings"]
    again = softcert(folder, "replay", findings[0]["id"], "--results", "out/results.json", "--trust")
    assert again.returncode == 1, again.stdout + again.stderr
    assert "exact" in again.stdout
    assert softcert(folder, "diff", "out/results.json", "out/results.json").returncode == 0
    assert softcert(folder, "verify", "out/certificate.json").returncode == 0
    assert softcert(folder, "report", "out/results.json", "-o", "page").returncode == 0
    assert softcert(folder, "report", "out/results.json", "out/results.json", "-o", "two").returncode == 0
    assert (folder / "two" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("certify", "nave"), "naive"),
        (("certify", "nowhere.py:softmax"), "no file"),
        (("certify", "mine.py:softmx"), "softmax"),
        (("certify", "mine.py:softmax", "--dtype", "float23"), "float32"),
        (("certify", "mine.py:softmax", "--op", "sofmax"), "softmax"),
        (("certify", "mine.py:softmax", "--effort", "quik"), "quick"),
        (("certify", "mine.py:softmax", "--level", "stabel"), "stable"),
        (("certify", "mine.py:softmax", "--arrays", "numpi"), "numpy"),
        (("certify", "mine.py:softmax", "--baseline", "no.toml"), "no.toml"),
        (("certify", "mine.py:softmax", "--contract", "no.toml"), "no.toml"),
        (("certify", "mine.py:softmax", "--report", "mine.py/x"), "mine.py"),
        (("list", "implementation"), "implementations"),
        (("explain", "sum_to_on"), "sum_to_one"),
        (("oracle", "softmax", "5", "two"), "two"),
        (("oracle", "sotfmax", "5"), "softmax"),
        (("oracle", "cross_entropy", "5", "2"), "label"),
        (("oracle", "cross_entropy", "5", "2", "--label", "7"), "7"),
        (("replay", "x", "--results", "no.json"), "no.json"),
        (("report", "mine.py"), "mine.py"),
        (("diff", "mine.py", "mine.py"), "mine.py"),
        (("power", "--part", "defect"), "defects"),
        (("power", "--part", "blind", "nowhere"), "manifest.toml"),
    ],
)
def test_a_mistake_is_one_sentence_with_what_is_accepted(folder, arguments, said):
    done = softcert(folder, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) <= 2


def test_the_oracle_prints_the_truth(folder):
    done = softcert(folder, "oracle", "softmax", "5", "2", "-1", "3", "--digits", "30")
    assert done.returncode == 0, done.stderr
    assert "0.842033572397457915464229463735" in done.stdout
    gradient = softcert(folder, "oracle", "cross_entropy_grad", "1000", "0", "--label", "1")
    assert gradient.returncode == 0, gradient.stderr
    assert [float(line) for line in gradient.stdout.split()] == [1.0, -1.0]
    vanishing = softcert(folder, "oracle", "cross_entropy_grad", "1000", "0", "--label", "0", "--digits", "5")
    assert vanishing.stdout.split() == ["-5.0760e-435", "5.0760e-435"]  # e^-1000, far below every format


@pytest.mark.parametrize("what", ["implementations", "operations", "properties", "regimes", "defects"])
def test_everything_there_is_can_be_listed(folder, what):
    done = softcert(folder, "list", what)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 4


@pytest.mark.parametrize("name", ["accuracy", "stable", "softmax", "sum_to_one"])
def test_everything_can_be_explained(folder, name):
    done = softcert(folder, "explain", name)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 200
