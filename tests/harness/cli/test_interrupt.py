"""Ctrl-C or SIGTERM at the hundredth call: at most one call more, finished results kept, exit code 3."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM"])
def test_a_signal_reaches_every_job_and_no_process_stays_behind(tmp_path, stop):
    """Two jobs, interrupted in the middle of both: what each has found so far is kept."""
    (tmp_path / "mine.py").write_text(SUBJECT)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "softcert", "certify", "mine.py:interrupting", "mine.py:finished", "--jobs", "2"),
            *("--op", "softmax", "--dtype", "float32", "--effort", "standard", "--results", "r.json"),
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
    first, second = [s["verdict"] for s in document["subjects"]]
    assert first == "inconclusive"
    assert second in ("inconclusive", "not run"), "the signal may come before the other job's first call"
    assert document["subjects"][0]["counts"]["checks"] > 0
    assert not _running_in(tmp_path)


def _running_in(folder):
    """The processes whose folder it is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append((process.name, (process / "cmdline").read_text()))
    return found
