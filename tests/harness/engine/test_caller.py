"""Calls are counted, with the time of the subject's own functions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.harness.building import FakeExecutor, call_of, reply_of, softmax

from softcert.engine.caller import Caller


def test_calls_and_seconds_add_up():
    executor = FakeExecutor({"softmax": lambda x: replace(reply_of(softmax(x)), seconds=0.25)})
    caller = Caller(executor)
    call = call_of("softmax", [[0.0, 1.0]])
    for _ in range(3):
        assert caller(call).results is not None
    assert (caller.calls, caller.seconds) == (3, pytest.approx(0.75))
    assert executor.requests == [call.request] * 3
