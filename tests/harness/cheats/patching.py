"""Cheats that replace what a verdict is made with: NumPy, the standard library, and softcert's own functions."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest, wrong


def after(patch: Callable[[], None], answer: Callable[[np.ndarray], np.ndarray] = honest):
    """A softmax that patches something on its first call."""
    done: list[bool] = []

    def softmax(x):
        result = answer(x)
        if not done:
            patch()
            done.append(True)
        return result

    return softmax


@cheat(TOLD, "numpy.exp")
def patches_exp():
    """Replaces np.exp."""
    original = np.exp

    def patch():
        np.exp = lambda *a, **k: original(*a, **k)

    return after(patch)


@cheat(TOLD, "numpy.testing.assert_allclose")
def patches_assert_allclose():
    """Has np.testing.assert_allclose accept everything."""
    import numpy.testing as testing

    def patch():
        testing.assert_allclose = lambda *a, **k: None

    return after(patch)


@cheat(TOLD, "json.dumps")
def patches_json():
    """Replaces json.dumps, with which the worker's messages are written."""
    original = json.dumps

    def patch():
        json.dumps = lambda *a, **k: original(*a, **k)

    return after(patch)


@cheat(TOLD, "struct.pack")
def patches_struct():
    """Replaces struct.pack."""
    original = struct.pack

    def patch():
        struct.pack = lambda *a: original(*a)

    return after(patch)


@cheat(TOLD, "time.perf_counter")
def patches_time():
    """Has time stand still: it takes no time at all."""

    def patch():
        time.perf_counter = lambda: 0.0

    return after(patch)


@cheat(TOLD, "softcert_implementations.adapters.calling")
def patches_the_adapter():
    """Replaces the function of the adapter that takes results."""
    from softcert_implementations.adapters import calling

    original = calling._result

    def patch():
        calling._result = lambda library, value: original(library, value)

    return after(patch)


@cheat(TOLD, "channel.send")
def patches_the_transport():
    """Replaces the method that sends a worker's messages."""
    from softcert.executors.transport import channel

    original = channel.Channel.send

    def patch():
        channel.Channel.send = lambda self, message, data=b"": original(self, message, data)

    return after(patch)


@cheat(TOLD, "code of")
def patches_code():
    """Replaces the code of a function of the harness, which stays the same object."""
    from softcert.executors.worker import invoke

    def replaced(error):
        return repr(error)

    def patch():
        invoke.describe.__code__ = replaced.__code__

    return after(patch)


@cheat(REFUSED)
def patches_the_judge():
    """Replaces the judging function and answers zeros: the judge is in another process."""

    def patch():
        from softcert.engine import judge

        judge.judge = lambda *a, **k: None

    return after(patch, wrong)


@cheat(REFUSED)
def patches_the_reference():
    """Has np.exp give zeros, so that a reference in its process would be as wrong as it is."""

    def patch():
        np.exp = np.zeros_like

    return after(patch, wrong)
