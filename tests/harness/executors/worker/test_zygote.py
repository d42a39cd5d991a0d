"""The zygote: it loads only modules that survive a fork, and its workers end with it."""

import os
import time

import numpy as np
import pytest
from tests.harness.executors.calls import asking

from softcert.executors.process import ProcessExecutor
from softcert.executors.worker import zygote
from softcert.executors.worker_starters import HAS_FORK, Memory, Zygote

pytestmark = pytest.mark.skipif(not HAS_FORK, reason="there is no fork here")


def test_libraries_that_start_threads_are_never_loaded_ahead(monkeypatch):
    asked = []
    monkeypatch.setattr(zygote.gc, "freeze", lambda: None)  # this process goes on
    monkeypatch.setattr(zygote.importlib, "import_module", asked.append)
    zygote._preload(["jax", "tensorflow", "cupy", "torch", "os"])
    assert asked == ["torch"]
    assert not {"jax", "tensorflow", "cupy", "mlx", "onnxruntime"} & set(zygote.PRELOADED)


def test_a_module_that_cannot_be_loaded_ahead_is_left_to_the_worker(monkeypatch):
    def broken(name):
        raise ImportError(name)

    monkeypatch.setattr(zygote.gc, "freeze", lambda: None)
    monkeypatch.setattr(zygote.importlib, "import_module", broken)
    zygote._preload(["torch"])


def test_the_subject_never_runs_in_the_zygote(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import os\nhome = os.getpid()\ndef softmax(x):\n    return x * 0 + (os.getpid() == home)\n"
    )
    with ProcessExecutor(f"{tmp_path}/mine.py:softmax") as executor:
        reply = executor.run(asking(np.zeros((1, 2), np.float32)))
        assert np.frombuffer(reply.results[0].data, np.float32).tolist() == [1, 1]
        assert executor._worker.pid != executor._starter._process.pid


def test_workers_end_with_the_harness_that_asked_for_them():
    memory = Memory(named=False)
    started = Zygote(memory, ())
    worker = started.worker(60)
    started._control.close()  # as when the harness is killed
    started._control = None
    assert started._process.wait(60) == 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(worker.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("a worker outlived its zygote")
    worker.channel.close()
    started.close()
    memory.close()
