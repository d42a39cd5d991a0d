"""``pytest --audit OP``: tests with the fixture ``candidate`` are run on every candidate of the gallery."""

from __future__ import annotations

import subprocess
import sys

import pytest

SUITE = """
import numpy as np
import pytest

@pytest.fixture
def candidate():
    return lambda x: x

@pytest.fixture
def softmax(candidate):
    return candidate

def test_values(softmax):
    x = np.array([[0, 1, 2.0]], np.float32)
    e = np.exp(x)
    np.testing.assert_allclose(softmax(x), e / e.sum(), rtol=1e-4)
"""


def session(tmp_path, *arguments):
    (tmp_path / "test_suite.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, str(tmp_path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)


@pytest.mark.slow  # a session of pytest over the whole gallery
def test_survivors_fail_the_session_and_are_named(tmp_path):
    done = session(tmp_path, "--audit", "softmax")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "softcert audit" in done.stdout
    assert "passes: softmax_unshifted (no max shift)" in done.stdout
    assert "correct ones refused: 0 of" in done.stdout


def test_an_unknown_operation_is_wrong_use(tmp_path):
    done = session(tmp_path, "--audit", "softmaxx")
    assert done.returncode == 4
    assert "unknown operation" in done.stdout + done.stderr


def test_without_the_option_a_suite_runs_as_it_is(tmp_path):
    done = session(tmp_path)
    assert "1 failed" in done.stdout
