"""Limits of the system for a subject's process: its memory, and the size of the files that it writes."""

from __future__ import annotations

import contextlib
import sys

FILE_LIMIT = 256 << 20
"""Bytes of one file that a subject may write: what it prints is caught in files that lie in memory."""


def limit_memory(extra: int | None) -> None:
    """Allow that many bytes beyond what is in use now, where the system can tell and enforce it (Linux)."""
    if extra is None or not sys.platform.startswith("linux"):
        return
    import resource

    with open("/proc/self/status", encoding="ascii") as status:
        used = next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:")), 0)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = used + extra
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def limit_files(pid: int = 0) -> None:
    """Limit each file that a process writes to `FILE_LIMIT` bytes (Linux); 0 means this process."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # it has ended already, or has a smaller limit
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        limit = FILE_LIMIT if hard == resource.RLIM_INFINITY else min(FILE_LIMIT, hard)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, limit))
