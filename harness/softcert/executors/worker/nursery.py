"""The nursery's own process: loads what zygotes load, then forks one for each order (`softcert.executors.nursery`).

It reads from its control socket only, whose other end the harness alone has; a zygote closes its copy before it forks a
worker. What a killed zygote leaves behind is adopted here, and ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence

from softcert.executors.worker import zygote
from softcert.executors.worker.confinement import adopt_orphans

_DESCRIPTORS = 5
"""Of an order: the zygote's control socket, two arenas, and the files that catch stdout and stderr."""


def main() -> None:
    """Serve ``control`` (a descriptor), then names of modules that are loaded once."""
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    adopt_orphans()
    zygote.prepare(sys.argv[2:])
    zygotes: set[int] = set()
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, 4096, _DESCRIPTORS)
        _reap(zygotes)
        if not order:  # the harness is gone
            _end_all(zygotes)
            return
        zygotes.add(_fork(control, descriptors, order.decode().split()))


def _fork(control: socket.socket, descriptors: Sequence[int], modules: list[str]) -> int:
    child = os.fork()
    if child:
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(OSError):  # the harness is gone: the next look tells
            control.send(str(child).encode())
        return child
    status = 70
    try:
        control.close()
        os.setsid()
        adopt_orphans()
        own, *shared = descriptors
        zygote.serve_workers(socket.socket(fileno=own), shared, modules)
        status = 0
    finally:
        os._exit(status)
    return 0


def _reap(zygotes: set[int]) -> None:
    """Forget the zygotes that have ended, and end what they have left behind."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            zygotes.discard(ended)
    zygote.end_orphans(zygotes)


def _end_all(zygotes: set[int]) -> None:
    for each in zygotes:
        with contextlib.suppress(OSError):
            os.kill(each, signal.SIGKILL)
    zygote.end_orphans(set())
