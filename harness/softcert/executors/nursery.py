"""A process that forks zygotes: many subjects, one after the other, without a new interpreter for each.

An ordinary zygote is a new interpreter that imports NumPy and the adapters, which takes most of the time of a short
run. The nursery has them imported once, and forks a zygote for each subject. It never runs a subject, so each zygote
begins with the memory that it would have as a new interpreter. Zygotes and workers are what they are without it: a
session, shared memory and a channel of their own for each subject. Linux only, by ``pidfd``.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence

PROGRAM = "import gc; gc.disable(); from softcert.executors.worker.nursery import main; main()"
AVAILABLE = hasattr(os, "fork") and hasattr(os, "pidfd_open") and hasattr(socket, "SOCK_SEQPACKET")

_SECONDS = 60.0  # for a zygote, the start of the nursery included
_LOOK_EVERY = 0.5


class Nursling:
    """A zygote of the nursery, known by a descriptor: its number may be given to another process once it has ended.

    Parameters
    ----------
    pid
        The process.

    Raises
    ------
    OSError
        If it has ended and is gone.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)
        self._close = weakref.finalize(self, os.close, self._descriptor)

    def stopped(self) -> bool:
        """Whether somebody has stopped it (SIGSTOP)."""
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2][:1] in (b"T", b"t")
        return False

    def kill(self) -> None:
        """Kill it."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end. Raises `subprocess.TimeoutExpired` where it has not come after ``timeout`` s."""
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        if not poller.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired("zygote", timeout or 0.0)


class Nursery:
    """Client of the nursery; it starts with the first zygote that is asked for, and anew where it was killed.

    Parameters
    ----------
    environment
        The environment of all zygotes.
    modules
        Modules that every subject needs, such as its array library.
    """

    def __init__(self, environment: dict[str, str], modules: Sequence[str] = ()) -> None:
        self._environment, self._modules = environment, tuple(modules)
        self._running: list[tuple[subprocess.Popen[bytes], socket.socket]] = []
        self._close = weakref.finalize(self, _end, self._running)

    def zygote(self, shared: Sequence[int], modules: Sequence[str]) -> tuple[socket.socket, Nursling]:
        """A fresh zygote, and the harness's end of its control socket.

        Parameters
        ----------
        shared
            The descriptors of the memory and the files that it shares with the harness.
        modules
            What it loads before it forks a worker.

        Raises
        ------
        OSError
            Where none can be started.
        """
        for _ in range(2):
            if not self._running:
                self._start()
            ours, theirs = socket.socketpair()
            try:
                control = self._running[0][1]
                socket.send_fds(control, [" ".join(modules).encode() or b" "], [theirs.fileno(), *shared])
                return ours, Nursling(self._answer(control))
            except OSError:
                ours.close()
                _end(self._running)
            finally:
                theirs.close()
        raise OSError("no zygote could be started")

    def _start(self) -> None:
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-c", PROGRAM, str(theirs.fileno()), *self._modules],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,
        )
        theirs.close()
        self._running.append((process, ours))

    def _answer(self, control: socket.socket) -> int:
        """The process of the zygote that was asked for. Raises `OSError` where the nursery is gone, or was stopped."""
        poller = select.poll()
        poller.register(control, select.POLLIN)
        deadline = time.monotonic() + _SECONDS
        while not poller.poll(_LOOK_EVERY * 1000):
            flags = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
            if time.monotonic() > deadline or os.waitid(os.P_PID, self._running[0][0].pid, flags) is not None:
                raise OSError("the nursery does not answer")
        answer = control.recv(64)
        if not answer.isdigit():
            raise OSError("the nursery has ended")
        return int(answer)

    def close(self) -> None:
        """End the nursery and its zygotes; may be called twice, and a further zygote starts it again."""
        _end(self._running)


def _end(running: list[tuple[subprocess.Popen[bytes], socket.socket]]) -> None:
    """End the nursery: it kills its zygotes where its control socket closes."""
    while running:
        process, control = running.pop()
        control.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
