"""Starting and ending workers: by the zygote's fork on POSIX, as a new interpreter elsewhere.

Both starters give a `Worker`, kill it, and tell its exit status. A worker leads a process group of its own: Ctrl-C
reaches the harness alone, and the processes that a subject starts end with its worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from softcert.executors.nursery import Nursery, Nursling
from softcert.executors.transport import untrusted
from softcert.executors.transport.captured_text import anonymous_file, take_text
from softcert.executors.transport.channel import REPLY_LIMIT, Channel
from softcert.executors.transport.shared_memory import Arena
from softcert.executors.transport.untrusted import ProtocolError

_LOOK_EVERY = 0.5  # seconds after which the harness looks whether a silent zygote was stopped
_PENDING_LIMIT = 1 << 20  # bytes of messages from the zygote that are kept

_ZYGOTE = "import gc; gc.disable(); from softcert.executors.worker.zygote import main; main()"
"""The zygote's program: importing leaves next to no garbage, and looking for it costs a tenth of the start."""

HAS_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")


@dataclass(frozen=True)
class Worker:
    """A running worker: the harness's end of its channel, and its process id."""

    channel: Channel
    pid: int


class Memory:
    """The memory that a worker shares with the harness: two arenas, and the files that catch its stdout and stderr."""

    def __init__(self, named: bool) -> None:
        self.requests = Arena("requests", 1 << 20, named=named)
        self.replies = Arena("replies", 1 << 21, named=named)
        self.paths: list[str] = []
        if named:
            pairs = [tempfile.mkstemp(prefix=f"softcert-{name}-") for name in ("stdout", "stderr")]
            self.streams = tuple(fd for fd, _ in pairs)
            self.paths = [path for _, path in pairs]
        else:
            self.streams = (anonymous_file("stdout"), anonymous_file("stderr"))

    def renew(self) -> None:
        """Replace an arena that a worker has cut short, where the system could not prevent that."""
        for arena in (self.requests, self.replies):
            arena.restore()

    def texts(self) -> list[tuple[str, str]]:
        """The text that a worker had written before it died, as observations."""
        return [(n, t) for n, fd in zip(("stdout", "stderr"), self.streams, strict=True) if (t := take_text(fd))]

    def close(self) -> None:
        """Release everything; may be called twice."""
        self.requests.close()
        self.replies.close()
        for descriptor in self.streams:
            os.close(descriptor)
        self.streams = ()
        for path in self.paths:
            with contextlib.suppress(OSError):
                os.unlink(path)
        self.paths = []


def environment() -> dict[str, str]:
    """The worker's environment: it finds our packages wherever they lie, and orders sets the same way every time.

    Threads of OpenMP sleep while they have no work, unless the user says otherwise: they would spin between calls, and
    take a processor from the judging. A subject sees the user's own environment (`worker.serve`).
    """
    own = {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0", **os.environ, **own}


class Zygote:
    """Client of the zygote: starts it at the first request, requests workers, reads their exit statuses.

    Parameters
    ----------
    memory, modules
        What its workers share with the harness, and what is loaded before they are forked.
    nursery
        What forks the zygote; without it, the zygote is a new interpreter.
    """

    def __init__(self, memory: Memory, modules: tuple[str, ...], nursery: Nursery | None = None) -> None:
        self._memory, self._modules, self._nursery = memory, modules, nursery
        self._process: subprocess.Popen[bytes] | Nursling | None = None
        self._control: socket.socket | None = None
        self._pending = b""

    def _start(self) -> socket.socket:
        self.close()
        memory = self._memory
        shared = (memory.requests.descriptor, memory.replies.descriptor, *memory.streams)
        if self._nursery is not None:
            self._control, self._process = self._nursery.zygote(shared, self._modules)
            self._pending = b""
            return self._control
        ours, theirs = socket.socketpair()
        arguments = [str(d) for d in (theirs.fileno(), *shared)]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-W",
                "ignore",
                "-c",
                _ZYGOTE,
                *arguments,
                *self._modules,
            ],
            pass_fds=(theirs.fileno(), *shared),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        theirs.close()
        self._control, self._pending = ours, b""
        return ours

    def worker(self, timeout: float) -> Worker:
        """A fresh worker; starts the zygote anew where it is gone. Raises `OSError` where that fails as well."""
        for attempt in (1, 2):
            control = self._control if attempt == 1 and self._control is not None else self._start()
            ours, theirs = socket.socketpair()
            try:
                socket.send_fds(control, [b'{"do": "fork"}\n'], [theirs.fileno()])
                answer = self._next("forked", timeout)
                pid = untrusted.whole(answer["forked"], "a process", 2, 1 << 30) if answer else 0
            except (OSError, ProtocolError):
                answer = None
            finally:
                theirs.close()
            if answer is not None and pid != os.getpgrp():
                descriptor = ours.detach()
                return Worker(Channel(descriptor, descriptor, REPLY_LIMIT), pid)
            ours.close()
        raise OSError("no worker process could be started")

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have the zygote load modules for the workers to come, while the present one works."""
        if self._control is not None and modules:
            with contextlib.suppress(OSError):
                self._control.sendall(json.dumps({"do": "preload", "modules": modules}).encode() + b"\n")

    def kill(self, worker: Worker) -> None:
        """Kill a worker and the processes that it started."""
        with contextlib.suppress(OSError):
            os.killpg(worker.pid, signal.SIGKILL)

    def exit_status(self, worker: Worker, timeout: float = 5.0) -> int | None:
        """The exit status of a worker that has ended (negative: the signal); None if unknown after ``timeout`` s."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            death = self._next("died", left)
            if death is None:
                return None
            if death["died"] == worker.pid and type(death.get("status")) is int:
                return max(-255, min(int(death["status"]), 0xFFFFFFFF))
        return None

    def _next(self, key: str, timeout: float) -> dict[str, Any] | None:
        control = self._control
        if control is None:
            return None
        deadline = time.monotonic() + timeout
        while True:
            while b"\n" in self._pending:
                line, self._pending = self._pending.split(b"\n", 1)
                message = _message(line)
                if key in message:
                    return message
            poller = select.poll()
            poller.register(control, select.POLLIN)
            left = max(0.0, deadline - time.monotonic())
            if not poller.poll(min(left, _LOOK_EVERY) * 1000):
                if self._stopped():
                    self.close()
                    return None
                if left <= _LOOK_EVERY:
                    return None
                continue
            try:
                data = control.recv(65536)
            except OSError:
                data = b""
            if not data or len(self._pending) > _PENDING_LIMIT:
                self.close()
                return None
            self._pending += data

    def _stopped(self) -> bool:
        """Whether somebody has stopped the zygote (SIGSTOP); it is killed then, as it would hold up the run."""
        if self._process is None or not hasattr(os, "waitid"):
            return False
        if isinstance(self._process, Nursling):
            if stopped := self._process.stopped():
                self._process.kill()
            return stopped
        try:
            flags = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
            stopped = os.waitid(os.P_PID, self._process.pid, flags) is not None
        except OSError:
            return False
        if stopped:
            self._process.kill()
        return stopped

    def hand_over(self) -> None:
        """Leave the zygote to a fork of this process; `close` waits for its end."""
        if self._control is not None:
            self._control.close()
            self._control = None

    def close(self) -> None:
        """End the zygote and its workers; may be called twice."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _message(line: bytes) -> dict[str, Any]:
    """A message of the zygote; an empty one where the line is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


class Spawner:
    """Starts each worker as a new interpreter, for systems without fork: slower to start, the same otherwise."""

    def __init__(self, memory: Memory, modules: tuple[str, ...]) -> None:
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None

    def worker(self, timeout: float) -> Worker:
        """A fresh worker."""
        self.close()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "softcert.executors.worker.serve", *self._memory.paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        reading, writing = os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno())
        process.stdin.close()
        process.stdout.close()
        return Worker(Channel(reading, writing, REPLY_LIMIT), process.pid)

    def preload(self, modules: tuple[str, ...]) -> None:
        """Do nothing: each worker loads its own modules."""

    def kill(self, worker: Worker) -> None:
        """Kill a worker, and on POSIX the processes that it started."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(worker.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.kill()

    def exit_status(self, worker: Worker, timeout: float = 5.0) -> int | None:
        """The exit status of a worker that has ended (negative: the signal); None if it runs on after ``timeout`` s."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def hand_over(self) -> None:
        """Do nothing: where there is no fork, nobody takes over."""

    def close(self) -> None:
        """End the worker; may be called twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


Starter = Zygote | Spawner
