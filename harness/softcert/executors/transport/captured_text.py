"""Files without a name that catch the text of stdout and stderr, and the text that they hold.

Harness and worker share them: the harness reads what a worker had written before it died.
"""

from __future__ import annotations

import os
import tempfile

TEXT_LIMIT = 2000
"""Characters of one text that are kept: enough for a traceback, and small in a document."""


def anonymous_file(name: str) -> int:
    """The descriptor of a file without a name: in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


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
