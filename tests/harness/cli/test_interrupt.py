"""Ctrl-C or SIGTERM at the hundredth call: at most one call more, finished results kept, exit code 3."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")

SUBJECT = """
import os, pathlib, signal, time
import numpy as np

CALLS, HARNESS = pathlib.Path("calls"), pathlib.Path("harness")

def finished(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def interrupting(x):
    with CALLS.open("ab") as file:
        file.write(b".")
    if CALLS.stat().st_size == 100:
        while not HARNESS.exists():
            time.sleep(0.01)
        os.kill(int(HARNESS.read_text()), signal.Signals[os.environ["STOP"]])
        time.sleep(1)
    return finished(x)
"""


@pytest.mark.parametrize(("isolation", "stop"), [("process", "SIGINT"), ("none", "SIGINT"), ("process", "SIGTERM")])
def test_a_signal_at_the_hundredth_call(tmp_path, isolation, stop):
    """CI systems send SIGTERM where a person presses Ctrl-C; both keep what is finished."""
    (tmp_path / "mine.py").write_text(SUBJECT)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "softcert", "certify", "mine.py:finished", "mine.py:interrupting"),
            *("--op", "softmax", "--dtype", "float32", "--effort", "quick", "--results", "r.json"),
            *("--isolation", isolation),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "STOP": stop},
        start_new_session=True,
    )
    written = tmp_path / "harness.part"
    written.write_text(str(process.pid))
    written.rename(tmp_path / "harness")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 3, out
    assert 100 <= (tmp_path / "calls").stat().st_size <= 101
    document = json.loads((tmp_path / "r.json").read_text())
    assert (document["complete"], document["exit_code"]) == (False, 3)
    assert document["incomplete_reason"] == ("ended by SIGTERM" if stop == "SIGTERM" else "interrupted by the user")
    assert [s["verdict"] for s in document["subjects"]] == ["certified", "inconclusive"]
