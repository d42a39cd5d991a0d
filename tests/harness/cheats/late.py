"""Cheats whose results change after they were returned, or are computed by whoever looks at them."""

from __future__ import annotations

import _thread
import mmap
import os
import signal
import threading
import time

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest


@cheat(REFUSED)
def returns_a_generator():
    """Returns a generator of rows."""
    return lambda x: (row for row in honest(x))


@cheat(REFUSED)
def returns_a_promise():
    """Returns an object that computes when NumPy asks it for an array."""

    class Promise:
        def __init__(self, x):
            self.x = x.copy()
            self.shape, self.dtype = x.shape, x.dtype

        def __array__(self, dtype=None, copy=None):
            return honest(self.x)

    return lambda x: Promise(x)


@cheat(REFUSED)
def returns_a_view_of_its_memory():
    """Returns a memoryview of memory that changes."""
    return lambda x: memoryview(np.ascontiguousarray(honest(x)))


def _spoil(result, seconds):
    time.sleep(seconds)
    result[...] = 0


@cheat(REFUSED)
def writes_late():
    """A thread overwrites the result ten milliseconds after the return."""

    def softmax(x):
        result = honest(x)
        threading.Thread(target=_spoil, args=(result, 0.01), daemon=True).start()
        return result

    return softmax


@cheat(REFUSED)
def writes_very_late():
    """A thread overwrites the first result a fifth of a second after the return."""
    calls = [0]

    def softmax(x):
        calls[0] += 1
        result = honest(x)
        if calls[0] == 5:
            threading.Thread(target=_spoil, args=(result, 0.2), daemon=True).start()
        return result

    return softmax


@cheat(TOLD, "thread")
def hides_its_thread():
    """Starts a thread that the threading module does not know of."""

    def softmax(x):
        _thread.start_new_thread(time.sleep, (0.05,))
        return honest(x)

    return softmax


@cheat(REFUSED)
def writes_by_timer():
    """A timer's signal overwrites the result after the return."""
    last: list[np.ndarray] = []

    def spoil(number, frame):
        for result in last:
            result[...] = 0

    def softmax(x):
        signal.signal(signal.SIGALRM, spoil)
        last[:] = [honest(x)]
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        return last[0]

    return softmax


@cheat(REFUSED)
def reuses_one_buffer():
    """Returns the same buffer from every call of a shape."""
    buffers: dict[tuple[int, ...], np.ndarray] = {}

    def softmax(x):
        buffer = buffers.setdefault(x.shape, np.empty(x.shape, x.dtype))
        buffer[...] = honest(x)
        return buffer

    return softmax


@cheat(REFUSED)
def reuses_three_buffers():
    """Returns three buffers of a shape in turn."""
    buffers: dict[tuple[int, ...], np.ndarray] = {}
    calls = [0]

    def softmax(x):
        calls[0] += 1
        buffer = buffers.setdefault((calls[0] % 3, *x.shape), np.empty(x.shape, x.dtype))
        buffer[...] = honest(x)
        return buffer

    return softmax


@cheat(TOLD, "process")
def writes_from_a_child():
    """A forked child computes into memory that it shares with its parent."""

    def softmax(x):
        shared = np.frombuffer(mmap.mmap(-1, max(x.nbytes, 1)), np.uint8)[: x.nbytes].view(x.dtype).reshape(x.shape)
        child = os.fork()
        if child == 0:
            shared[...] = honest(x)
            os._exit(0)
        os.waitpid(child, 0)
        return shared

    return softmax
