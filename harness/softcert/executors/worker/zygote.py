"""The zygote: a small process with the array library loaded that forks a fresh worker within milliseconds.

It never runs the subject, never computes, and never loads a library that must not be forked (JAX and TensorFlow start
threads when they are imported; CUDA cannot be forked once initialised): the worker itself imports those. Control
messages come over a socket, with the descriptor of the new worker's channel attached.

`multiprocessing.forkserver` does not take this place: each of its children imports the user's `__main__` again, so a
script without a guard would run twice. It also loads no further module after its start, and its children lead no
process group, so the processes that a subject starts would outlive it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from softcert.executors.transport.channel import Channel
from softcert.executors.transport.shared_memory import Mapped
from softcert.executors.worker.confinement import adopt_orphans, confine
from softcert.executors.worker.confinement import children as running_children
from softcert.executors.worker.serve import serve
from softcert.executors.worker.side_effects import Streams

PRELOADED = ("torch", "numba", "numpy", "ml_dtypes", "cloudpickle", "scipy.special")
"""Modules that may be loaded before a fork: importing them starts nothing that a fork would break."""


_PASSES = 100  # generations of orphans that are killed when a worker ends


def main() -> None:
    """Serve ``control requests replies out err`` (descriptors), then names of modules to load first."""
    control_fd, *shared = (int(a) for a in sys.argv[1:6])
    control = socket.socket(fileno=control_fd)
    for descriptor in (control_fd, *shared):
        os.set_inheritable(descriptor, False)
    adopt_orphans()  # what a subject starts in a session of its own comes here when its worker ends
    prepare(())
    serve_workers(control, shared, sys.argv[6:])


def prepare(modules: Sequence[str]) -> None:
    """Load what every worker needs, and ``modules``."""
    warnings.simplefilter("ignore")  # forking beside the threads of a numerical library is intended
    for module in ("softcert_implementations.resolving.resolve", "softcert_implementations.adapters.libraries.numpy"):
        importlib.import_module(module)
    _preload(modules)


def serve_workers(control: socket.socket, shared: list[int], modules: Sequence[str]) -> None:
    """Load modules, then fork a worker for each order, until the control socket closes."""
    _preload(modules)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    children: set[int] = set()
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(wake_read, select.POLLIN)
    pending = b""
    while True:
        ready = {fd for fd, _ in poller.poll()}
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap(control, children)
        if control.fileno() not in ready:
            continue
        try:
            data, descriptors, _, _ = socket.recv_fds(control, 65536, 4)
        except ConnectionError:
            data, descriptors = b"", []
        if not data:  # the harness is gone
            for child in children:
                _end(child)
            return
        pending += data
        *lines, pending = pending.split(b"\n")
        for line in lines:
            order = json.loads(line)
            if order["do"] == "preload":
                _preload(order["modules"])
            elif order["do"] == "fork":
                children.add(_fork(control, shared, descriptors.pop(0), (wake_read, wake_write)))


def _nothing() -> None:
    """Prepare nothing."""


def _prepare_numba() -> None:
    """Load what Numba otherwise loads in each process, when it gets its first function from its cache."""
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()


_PREPARED = {"numba": _prepare_numba}


def _preload(modules: Sequence[str]) -> None:
    for module in modules:
        if module in PRELOADED:
            with contextlib.suppress(Exception):  # the worker reports a module that is missing or broken
                importlib.import_module(module)
                _PREPARED.get(module, _nothing)()
    gc.freeze()  # the collector then leaves these pages alone, and workers go on sharing them


def _fork(control: socket.socket, shared: list[int], channel: int, wake: tuple[int, int]) -> int:
    child = os.fork()
    if child:
        os.close(channel)
        with contextlib.suppress(OSError):  # the child does the same; whoever comes first
            os.setpgid(child, child)
        _send(control, {"forked": child})
        return child
    status = 70
    try:
        os.setpgid(0, 0)
        adopt_orphans()
        confine()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in wake:
            os.close(descriptor)
        control.close()
        _run(shared, channel)
        status = 0
    finally:
        os._exit(status)
    return 0


def _run(shared: list[int], channel: int) -> None:
    requests, replies, out, err = shared
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.close(nothing)
    gc.enable()
    warnings.resetwarnings()
    warnings.simplefilter("default")
    faulthandler.enable(file=err, all_threads=False)
    serve(Channel(channel, channel), Mapped(requests), Mapped(replies), Streams(out, err))


def _reap(control: socket.socket, children: set[int]) -> None:
    while children:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        if child not in children:  # an orphan that was adopted here
            continue
        children.discard(child)
        _kill_group(child)
        end_orphans(children)
        _send(control, {"died": child, "status": os.waitstatus_to_exitcode(status)})


def _end(child: int) -> None:
    _kill_group(child)
    with contextlib.suppress(OSError):
        os.waitpid(child, 0)
    end_orphans(set())


def _kill_group(leader: int) -> None:
    with contextlib.suppress(OSError):  # the processes that the worker started end with it
        os.killpg(leader, signal.SIGKILL)


def end_orphans(workers: set[int]) -> None:
    """Kill the processes that were adopted here, and those that come when their parents end."""
    for _ in range(_PASSES):
        orphans = running_children() - workers
        if not orphans:
            return
        for orphan in orphans:
            with contextlib.suppress(OSError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(orphan, 0)


def _send(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main()
