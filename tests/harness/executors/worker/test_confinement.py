"""What a worker may not do to other processes, and what becomes of those that escape it."""

import os
import sys
import time

import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking
from tests.harness.executors.hostile import softmax

from softcert.executors.process import ProcessExecutor
from softcert.executors.worker.confinement import SIGNALS

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system has nothing of the kind")

FINE = asking(np.zeros((1, 2), np.float32))


def gone(pid):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_process_in_a_session_of_its_own_is_observed_and_ends_with_the_worker(tmp_path, monkeypatch):
    """It has left the worker's process group and its parent has ended: only a foster parent finds it."""
    path = tmp_path / "pid"
    monkeypatch.setenv("DETACHED", str(path))
    with ProcessExecutor(softmax, KEYWORDS) as executor:
        reply = executor.run(asking(np.full((1, 2), 90, np.float32)))
        assert reply.fault is None
        assert ("process", "left running") in reply.observations
        pid = int(path.read_text())
        os.kill(pid, 0)
    assert gone(pid)


def test_the_memory_of_the_harness_cannot_be_read():
    """Landlock keeps a worker from tracing any process outside, the harness among them."""
    harness = os.getpid()

    def reads(x):
        with open(f"/proc/{harness}/mem", "rb") as memory:
            return x + len(memory.name)

    with ProcessExecutor(reads, KEYWORDS) as executor:
        fault = executor.run(FINE).fault
    if fault is None:
        pytest.skip("this kernel has no Landlock")
    assert "PermissionError" in fault.message


def test_signals_to_the_harness_are_refused_where_that_is_asked_for(monkeypatch):
    monkeypatch.setenv(SIGNALS, "1")
    harness = os.getpid()

    def signals(x):
        os.kill(harness, 0)
        return x

    with ProcessExecutor(signals, KEYWORDS) as executor:
        fault = executor.run(FINE).fault
    if fault is None:
        pytest.skip("this kernel does not restrict signals")
    assert "PermissionError" in fault.message


def test_a_stopped_zygote_is_replaced_within_seconds():
    def stops(x):
        if x[0, 0] == 1:
            os.kill(os.getppid(), 19)
        if x[0, 0] == 2:
            os._exit(1)
        return x

    with ProcessExecutor(stops, KEYWORDS) as executor:
        executor.run(FINE)
        executor.run(asking(np.ones((1, 2), np.float32)))
        start = time.monotonic()
        assert executor.run(asking(np.full((1, 2), 2, np.float32))).fault is not None
        assert executor.run(FINE).fault is None
        assert time.monotonic() - start < 30


def test_what_a_worker_prints_is_bounded():
    """A file that it writes has at most 256 MiB, so a flood ends as an error in the subject."""

    def floods(x):
        for _ in range(300):
            os.write(1, bytes(1 << 20))
        return x

    with ProcessExecutor(floods, KEYWORDS, timeout=60) as executor:
        fault = executor.run(FINE).fault
        assert "File too large" in fault.message
