"""Side effects are observed in every executor, and decide nothing."""

import threading

import numpy as np
import pytest
from tests.harness.executors.calls import asking_for

from softcert.executors.transport.captured_text import TEXT_LIMIT
from softcert.executors.worker.side_effects import Streams, Watch


def observed(executor, code):
    return dict(executor.run(asking_for(code)).observations)


def test_text_from_python_descriptors_and_c_is_observed(misbehaves):
    assert observed(misbehaves, 14) == {"stdout": "from print\n"}
    assert observed(misbehaves, 15) == {"stderr": "from a descriptor"}
    assert observed(misbehaves, 16) == {"stdout": "from C\n"}
    assert observed(misbehaves, 0) == {}


def test_warnings_are_observed_and_decide_nothing(misbehaves):
    reply = misbehaves.run(asking_for(17))
    assert dict(reply.observations) == {"warning": "UserWarning: from warn"}
    assert reply.fault is None


def test_threads_left_behind_are_observed(misbehaves):
    assert observed(misbehaves, 18) == {"thread": "left left running"}


def test_a_changed_floating_point_environment_is_observed_and_undone(misbehaves):
    pytest.importorskip("torch")
    seen = observed(misbehaves, 19)
    assert "subnormal results are flushed to zero" in seen["floating-point environment"]
    assert "floating-point environment" not in observed(misbehaves, 0)
    assert np.float32(1e-38) * np.float32(0.1) != 0


def test_streams_put_stdout_and_stderr_back(capfd):
    streams = Streams()
    with streams:
        print("inside")
    assert streams.drain() == [("stdout", "inside\n")]
    assert streams.drain() == []
    print("outside")
    assert capfd.readouterr().out == "outside\n"
    streams.close()
    streams.close()


def test_a_watch_observes_each_side_effect_once_and_only_so_many():
    streams = Streams()
    release = threading.Event()
    with streams:
        with Watch(streams) as watch:
            for i in range(50):
                threading.Thread(target=release.wait, daemon=True, name=f"thread {i % 40}").start()
            print("x" * 2 * TEXT_LIMIT)
        release.set()
    streams.close()
    kinds = [kind for kind, _ in watch.observations]
    assert len(watch.observations) == len(set(watch.observations)) == 20
    assert kinds[0] == "stdout"
    assert set(kinds[1:]) == {"thread"}
    assert len(watch.observations[0][1]) < 1.1 * TEXT_LIMIT
