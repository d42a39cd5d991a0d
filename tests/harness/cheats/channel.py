"""Cheats that speak to the harness themselves: stolen, forged and endless frames, and signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import struct
import time
from collections.abc import Callable

import numpy as np
from tests.harness.cheats.cheat import REFUSED, TOLD, cheat, honest, wrong


def channels() -> list[int]:
    """The descriptors of this process that are sockets, found by trying."""
    found = []
    for descriptor in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                found.append(descriptor)
        except OSError:
            continue
    return found


def frame(text: bytes, data: bytes = b"") -> bytes:
    """A frame of the harness's channel."""
    return struct.pack("<II", len(text), len(data)) + text + data


def forging(message: Callable[[np.ndarray], bytes], answer: Callable[[np.ndarray], np.ndarray] = wrong):
    """A softmax that writes bytes of its own into the channel, on inputs of three rows and classes."""

    def softmax(x):
        if x.shape == (3, 3):
            for descriptor in channels():
                os.write(descriptor, message(x))
        return answer(x)

    return softmax


@cheat(REFUSED)
def declines_by_a_forged_frame():
    """Writes an answer of its own, "unsupported", before the worker's."""
    text = json.dumps(
        {
            "results": [],
            "fault": ["unsupported", "not here", ""],
            "observations": [],
            "seconds": 0.0,
            "read_back": {},
            "compiles": False,
        }
    )
    return forging(lambda x: frame(text.encode()), honest)


@cheat(REFUSED)
def forges_a_frame_of_nonsense():
    """Writes a frame that is JSON and no reply."""
    return forging(lambda x: frame(b'{"results": [["float32", [-1], "a", 1e99]], "fault": null}'))


@cheat(REFUSED)
def forges_a_frame_of_another_type():
    """Writes a frame whose JSON is a list."""
    return forging(lambda x: frame(b"[1, 2, 3]"))


@cheat(REFUSED)
def forges_an_endless_frame():
    """Writes a header that promises a gigabyte, and nothing more."""
    return forging(lambda x: struct.pack("<II", 1 << 30, 0))


@cheat(REFUSED)
def closes_the_channel():
    """Closes the channel."""

    def softmax(x):
        if x.shape == (3, 3):
            for descriptor in channels():
                os.close(descriptor)
        return honest(x)

    return softmax


@cheat(TOLD, "/proc")
def finds_the_channel():
    """Looks for the channel in /proc/self/fd."""

    def softmax(x):
        found = [d for d in os.listdir("/proc/self/fd") if d.isdigit()]
        return honest(x) if found else wrong(x)

    return softmax


@cheat(REFUSED)
def reads_the_next_request():
    """Waits for the next request on the channel, as the worker does."""

    def softmax(x):
        if x.shape == (3, 3):
            for descriptor in channels():
                with socket.socket(fileno=os.dup(descriptor)) as stolen:
                    stolen.settimeout(60)
                    stolen.recv(65536)
        return honest(x)

    return softmax


@cheat(REFUSED)
def stops_itself():
    """Stops its own process."""

    def softmax(x):
        if x.shape == (3, 3):
            os.kill(os.getpid(), signal.SIGSTOP)
        return honest(x)

    return softmax


@cheat(TOLD, "signal", "sigkill", "crash")
def kills_its_parent():
    """Kills its parent, and computes rightly."""

    def softmax(x):
        if x.shape == (1, 37):
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(0.2)
        return honest(x)

    return softmax


@cheat(TOLD, "signal")
def stops_its_parent():
    """Stops and continues its parent, and computes rightly."""

    def softmax(x):
        if x.shape == (1, 37):
            os.kill(os.getppid(), signal.SIGSTOP)
            os.kill(os.getppid(), signal.SIGCONT)
        return honest(x)

    return softmax


@cheat(TOLD, "signal")
def leaves_an_alarm():
    """Leaves a handler and an alarm behind, which runs when the call is long over."""

    def softmax(x):
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.alarm(30)
        return honest(x)

    return softmax
