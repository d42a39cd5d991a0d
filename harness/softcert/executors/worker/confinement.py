"""What Linux offers any process to keep it from reaching others: Landlock and the adoption of orphans.

Nothing here needs a privilege, and where the kernel is older or forbids it, the worker runs as it would without.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys

_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38  # linux/prctl.h
_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # system calls, the same on every architecture
_ASK_VERSION = 1
_MAKE_BLOCK = 1 << 11  # LANDLOCK_ACCESS_FS_MAKE_BLOCK: a ruleset must restrict something, and nobody makes devices
_SCOPE_SIGNAL = 1 << 1  # LANDLOCK_SCOPE_SIGNAL, from version 6 on
_SCOPED_VERSION = 6


SIGNALS = "SOFTCERT_CONFINE_SIGNALS"
"""Environment variable: with any text, workers can signal no process outside either."""


def confine() -> bool:
    """Keep this process and its children from tracing any process outside, or reading its memory (Linux, Landlock).

    Where the environment variable `SIGNALS` is set, from signalling one too.

    Returns
    -------
    bool
        Whether the kernel does so: from Linux 5.13 on, for signals from 6.12 on.
    """
    libc = _libc()
    if libc is None:
        return False
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    scoped = version >= _SCOPED_VERSION and bool(os.environ.get(SIGNALS))
    attributes = struct.pack("=QQQ", _MAKE_BLOCK, 0, _SCOPE_SIGNAL) if scoped else struct.pack("=Q", _MAKE_BLOCK)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def adopt_orphans() -> bool:
    """Become the parent of descendants whose own parent ends, also of those in another session (Linux)."""
    libc = _libc()
    return libc is not None and libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def children() -> set[int]:
    """The direct children of this process (Linux; empty elsewhere)."""
    found: set[int] = set()
    if not sys.platform.startswith("linux"):
        return found
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except OSError:  # there are none: a single system call in nearly every case
        return found
    with contextlib.suppress(OSError, ValueError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children", encoding="ascii") as file:
                found.update(map(int, file.read().split()))
    return found


def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    return ctypes.CDLL(None, use_errno=True)
