"""A subject that breaks its process loses its worker and the call, never the run.

Time limits are short only for calls that never end: a call that must come back has a minute, on any machine.
"""

import os
import signal
import time

import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking, asking_for
from tests.harness.executors.subjects_that_misbehave import softmax

from softcert.executors.process import LoadError, ProcessExecutor
from softcert.executors.protocol import to_numpy
from softcert_oracle.errors import UsageError

FINE = asking_for(0)
PATIENCE = 60.0  # seconds, for calls that come back
NEVER_ENDS = (5, 6)


def run(executor, code, timeout=None):
    """The reply to one action; ``timeout`` is short only where no reply can come."""
    executor.timeout = timeout or (1.0 if code in NEVER_ENDS else PATIENCE)
    try:
        return executor.run(asking_for(code))
    finally:
        executor.timeout = PATIENCE


@pytest.fixture(scope="module", params=["zygote", "spawn"])
def executor(request):
    limits = {"timeout": PATIENCE, "memory_limit": 1 << 28, "deaths_limit": 10**6}
    with ProcessExecutor(softmax, KEYWORDS, start=request.param, **limits) as executor:
        assert executor.run(FINE).fault is None
        yield executor


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (1, "crash", "SIGSEGV"),
        (2, "crash", "SIGABRT"),
        (3, "exit", "status 3"),
        (4, "exit", "sys.exit('enough')"),
        (6, "hang", "no result within 1 s"),
        (7, "memory", "MemoryError"),
        (8, "crash", "SIGSEGV"),
        (9, "exception", "ZeroDivisionError: division by zero"),
        (10, "crash", "SIGFPE"),
    ],
)
def test_a_fault_is_named_and_the_next_call_is_answered(executor, code, kind, words):
    fault = run(executor, code).fault
    assert fault is not None
    assert fault.kind == kind
    assert words in fault.message
    after = executor.run(FINE)
    assert after.fault is None
    assert to_numpy(after.results[0]).tolist() == [[0.25] * 4]


def test_a_hang_that_yields_is_a_hang_as_well(executor):
    start = time.monotonic()
    assert run(executor, 5).fault.kind == "hang"
    assert time.monotonic() - start >= 1.0
    assert executor.run(FINE).fault is None


def test_a_crash_says_where_the_subject_stood(executor):
    fault = run(executor, 1).fault
    if fault.detail != "SIGSEGV":  # the zygote's workers have faulthandler
        assert "Segmentation fault" in fault.detail
        assert "in softmax" in fault.detail
        assert "invoke.py" not in fault.detail
        assert "0x" not in fault.detail


def test_killing_its_parent_costs_no_other_result(executor):
    if not hasattr(executor._starter, "preload") or executor._starter.__class__.__name__ == "Spawner":
        pytest.skip("its parent is the harness itself: nothing survives that")
    run(executor, 11)
    assert executor.run(FINE).fault is None


def test_closing_every_descriptor_is_a_fault(executor):
    assert run(executor, 12).fault is not None
    assert executor.run(FINE).fault is None


def test_what_the_subject_started_ends_with_it(executor):
    executor.run(FINE)
    group = executor._worker.pid
    run(executor, 13)
    run(executor, 1, timeout=1.0)  # the child that 13 left keeps the channel open: nothing tells that the worker died
    executor.run(FINE)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("a child of the subject outlived its worker")


def test_a_thousand_calls_of_which_every_tenth_dies_lose_no_other_result():
    codes = [1, 2, 3, 4, 7, 8, 9, 10, 1, 6]  # every tenth call; every hundredth one of them hangs
    with ProcessExecutor(softmax, KEYWORDS, timeout=PATIENCE, memory_limit=1 << 27, deaths_limit=5) as executor:
        answers = faults = 0
        for i in range(1000):
            if i % 10 == 9:
                assert run(executor, codes[i // 10 % 10]).fault is not None
                faults += 1
                continue
            x = np.array([[i, 0.5, -i, 20.25 + i]], np.float32) - 2000
            reply = executor.run(asking(x))
            assert reply.fault is None
            assert np.array_equal(to_numpy(reply.results[0]), softmax(x))
            answers += 1
        assert (answers, faults) == (900, 100)
        assert not executor.given_up
        assert executor.deaths == 70  # an exception, sys.exit and a MemoryError cost no worker its life


def test_a_subject_that_always_crashes_is_given_up():
    with ProcessExecutor(softmax, KEYWORDS, deaths_limit=3) as executor:
        for _ in range(3):
            assert not executor.given_up
            assert run(executor, 1).fault.kind == "crash"
        assert executor.given_up
        refused = executor.run(FINE)
        assert refused.results is None
        assert refused.fault.kind == "crash"
        assert "given up after 3 calls in a row" in refused.fault.message
        assert executor.deaths == 3


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            "import ctypes; ctypes.string_at(0)",
            "crash",
            "while the subject was loaded: the process was ended by SIGSEGV",
        ),
        ("import sys; sys.exit(7)", "exit", "sys.exit(7)"),
        ("import time; time.sleep(1000)", "hang", "loading the subject took longer than 1 s"),
    ],
)
def test_a_subject_that_cannot_be_loaded_is_reported(tmp_path, text, kind, words):
    (tmp_path / "broken.py").write_text(text)
    spec = f"{tmp_path}/broken.py:softmax"
    with ProcessExecutor(spec, timeout=1, start_timeout=PATIENCE) as executor:
        if kind == "hang":  # the zygote starts before the short limit begins
            executor._starter.worker(PATIENCE).channel.close()
            executor.start_timeout = 1.0
        with pytest.raises(LoadError) as raised:
            _ = executor.description
        assert raised.value.fault.kind == kind
        assert words in raised.value.fault.message


def test_an_exception_while_importing_is_the_users_mistake(tmp_path):
    (tmp_path / "broken.py").write_text("import numpy\nnumpy.no_such_thing\n")
    with (
        ProcessExecutor(f"{tmp_path}/broken.py:softmax") as executor,
        pytest.raises(UsageError, match=r"cannot be imported: AttributeError.*broken.py, line 2"),
    ):
        _ = executor.description


def test_the_time_limit_leaves_room_for_compiling_a_new_shape(tmp_path):
    (tmp_path / "slow.py").write_text(
        "import sys, time, types\n"
        "sys.modules['numba'] = types.ModuleType('numba')\n"
        "seen = set()\n"
        "def softmax(x):\n"
        "    if x[0, 0] == 1: time.sleep(1000)\n"
        "    if x.shape not in seen:\n"
        "        seen.add(x.shape); time.sleep(0.6)\n"
        "    return x / x.shape[-1]\n"
    )
    with ProcessExecutor(f"{tmp_path}/slow.py:softmax", KEYWORDS, timeout=0.3, start_timeout=PATIENCE) as executor:
        for classes in (3, 4):
            x = np.zeros((1, classes), np.float32)
            assert executor.run(asking(x)).fault is None
        assert run(executor, 1, timeout=0.3).fault.kind == "hang"
