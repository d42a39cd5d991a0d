"""Whatever a subject writes into its worker's channel is a finding within the time limit; the next call is answered."""

import time

import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking
from tests.harness.executors.hostile import ENDLESS, FORGERIES, NAMES, softmax

from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import FaultKind, to_numpy

FINE = asking(np.zeros((1, 2), np.float32))
PATIENCE = 60.0


def named(name):
    return asking(np.full((1, 2), 100 + NAMES.index(name), np.float32))


@pytest.fixture(scope="module")
def executor():
    with ProcessExecutor(softmax, KEYWORDS, timeout=PATIENCE, deaths_limit=10**6) as executor:
        assert executor.run(FINE).fault is None
        yield executor


@pytest.mark.parametrize("name", [n for n in FORGERIES if n != "a cut arena"])
def test_a_forged_frame_is_a_finding_at_once(executor, name):
    """Types, shapes, places, kinds, depth, encodings and sizes that no worker of ours sends."""
    start = time.monotonic()
    reply = executor.run(named(name))
    assert reply.results is None
    assert reply.fault.kind is FaultKind.PROTOCOL
    assert reply.fault.message.startswith("the worker broke the protocol: it sent ")
    assert time.monotonic() - start < PATIENCE / 2
    assert to_numpy(executor.run(FINE).results[0]).tolist() == [[0.5, 0.5]]


def test_shared_memory_cannot_be_cut_short(executor):
    """Reading a mapped file beyond its end would kill the harness; on Linux the file is sealed."""
    assert executor.run(named("a cut arena")).fault is not None
    assert executor.run(FINE).fault is None


@pytest.mark.parametrize("name", ENDLESS)
def test_frames_without_end_and_a_stopped_worker_are_a_hang(executor, name):
    executor.timeout = 0.5
    try:
        start = time.monotonic()
        assert executor.run(named(name)).fault.kind is FaultKind.HANG
        assert time.monotonic() - start < PATIENCE / 2
    finally:
        executor.timeout = PATIENCE
    assert executor.run(FINE).fault is None


@pytest.mark.slow
def test_a_thousand_calls_of_which_every_tenth_forges_a_frame_lose_no_other_result(executor):
    """Slow: a hundred workers are lost and started again."""
    names = [n for n in FORGERIES if n != "a cut arena"]
    for i in range(1000):
        if i % 10 == 9:
            assert executor.run(named(names[i // 10 % len(names)])).fault.kind is FaultKind.PROTOCOL
            continue
        x = np.array([[-i, 0.5]], np.float32)
        assert np.array_equal(to_numpy(executor.run(asking(x)).results[0]), softmax(x))
