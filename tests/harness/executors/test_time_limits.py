"""Time limits: a slow subject is slow, and an endless loop is a hang."""

import time

import numpy as np
import pytest
from tests.harness.executors.calls import KEYWORDS, asking

from softcert.executors import time_limits
from softcert.executors.process import ProcessExecutor
from softcert.executors.time_limits import LONGEST, TimeLimits


def key(*shape):
    return ("softmax", "float32", shape)


def test_a_quadratic_algorithm_has_time_at_every_size():
    limits = TimeLimits(1.0, 1.0)
    for classes in (64, 256, 1024, 4096):
        seconds = 2e-6 * classes**2
        assert seconds < limits.of(key(1, classes), compiles=False)
        limits.took(key(1, classes), seconds)


def test_a_fast_subject_is_given_no_more_than_before():
    limits = TimeLimits(10.0, 120.0)
    limits.took(key(64, 4096), 0.001)
    assert limits.of(key(64, 4096), compiles=False) == 10.0
    assert limits.of(key(128, 4096), compiles=False) == 10.0
    assert limits.of(key(1, 8), compiles=False) == 10.0


def test_the_first_call_and_a_compiled_shape_have_longer():
    limits = TimeLimits(1.0, 5.0)
    assert limits.of(key(1, 2), compiles=False) == 5.0
    limits.took(key(1, 2), 0.0)
    assert limits.of(key(1, 3), compiles=False) == 1.0
    assert limits.of(key(1, 3), compiles=True) == 5.0
    limits.forget()
    assert limits.of(key(1, 2), compiles=False) == 5.0


def test_no_call_has_more_than_the_longest_time():
    limits = TimeLimits(1.0, 1.0)
    limits.took(key(1, 2), 100.0)
    assert limits.of(key(1, 200), compiles=False) == LONGEST


def test_the_defaults_follow_the_machine_and_given_limits_do_not(monkeypatch):
    monkeypatch.setattr(time_limits, "slowness", lambda: 3)
    assert (TimeLimits(None, None).timeout, TimeLimits(None, None).start_timeout) == (30.0, 360.0)
    assert (TimeLimits(2.0, 1.0).timeout, TimeLimits(2.0, 1.0).start_timeout) == (2.0, 2.0)
    assert 1 <= time_limits.slowness() <= 20


@pytest.mark.parametrize(("seconds", "fault"), [(0.3, None), (60.0, "hang")])
def test_a_slow_call_after_slow_ones_is_waited_for_and_an_endless_one_is_not(seconds, fault):
    def softmax(x):
        import time

        time.sleep(0.3 * x.shape[-1] / 8 if x.shape[-1] < 32 else seconds * 4)
        return x * 1

    with ProcessExecutor(softmax, KEYWORDS, timeout=0.5, start_timeout=2.0) as executor:
        for classes in (2, 8, 16):
            assert executor.run(asking(np.zeros((1, classes), np.float32))).fault is None
        start = time.monotonic()
        told = executor.run(asking(np.zeros((1, 32), np.float32))).fault
    assert (None if told is None else told.kind) == fault
    assert time.monotonic() - start < 30
