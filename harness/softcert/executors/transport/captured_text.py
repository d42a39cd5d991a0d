"""Files without a name that catch the text of stdout and stderr, and the text that they hold.

Harness and worker share them: the harness reads what a worker had written before it died.
"""

from __future__ import annotations

import contextlib
import os
import tempfile

TEXT_LIMIT = 2000
"""Characters of one text that are kept: enough for a traceback, and small in a document."""


def anonymous_file(name: str, lasting: bool = False) -> int:
    """The descriptor of a file without a name: in memory where the system has such files.

    Parameters
    ----------
    name : str
        What the system's own tools show.
    lasting : bool, default False
        Whether the file may never be made smaller. A process that maps a file which another one cuts short dies when
        it reads there; on Linux the file is sealed against that.
    """
    if hasattr(os, "memfd_create"):
        if not lasting:
            return os.memfd_create(name)
        import fcntl

        descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        return descriptor
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def cannot_shrink(descriptor: int) -> bool:
    """Whether a file is sealed against being made smaller, and the seal against being taken away (Linux)."""
    try:
        import fcntl

        seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
        return bool(seals & fcntl.F_SEAL_SHRINK)
    except (ImportError, AttributeError, OSError):
        return False


def safe_text(value: object, limit: int = TEXT_LIMIT) -> str:
    """The text of a value, cut to ``limit`` characters, that every file can hold: without halves of surrogate pairs.

    A value whose own ``str`` raises gives a sentence instead.
    """
    try:
        text = str(value)[:limit]
    except Exception:  # noqa: BLE001 (the subject's __str__ may raise anything)
        return "(its text cannot be shown)"
    return text.encode("utf-8", "backslashreplace").decode()[:limit]


def take_text(descriptor: int) -> str:
    """The text in a file, which is emptied; cut to `TEXT_LIMIT` characters."""
    size = os.fstat(descriptor).st_size
    if not size:
        return ""
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = os.read(descriptor, 4 * TEXT_LIMIT)
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    text = data.decode("utf-8", "backslashreplace")
    return text if len(text) <= TEXT_LIMIT and size <= len(data) else f"{text[:TEXT_LIMIT]} ... ({size} bytes)"
