"""A block of memory that two processes share: one for requests, one for replies.

Both map a file without a name, in memory where the system has such files. Only the harness makes it larger; the
worker maps it again when a message names a greater size. It holds raw bytes; the messages say what lies where.

`multiprocessing.shared_memory` does not take this place: its segments have names in /dev/shm, which stay behind when
the harness is killed, are limited to 64 MiB in a container, and cannot grow. Before Python 3.13 the resource tracker
of a worker that dies also removes the segment that the next worker needs.
"""

from __future__ import annotations

import mmap
import os
import tempfile

import numpy as np

from softcert.executors.transport.captured_text import anonymous_file

PAGE = 4096


def aligned(nbytes: int) -> int:
    """Round up to whole pages. Arrays start at page boundaries, so every executor aligns them the same way."""
    return -(-nbytes // PAGE) * PAGE


class Arena:
    """The harness's end.

    ``descriptor`` goes to the worker by inheritance. Where descriptors are not inherited (Windows, or ``named``), the
    worker opens ``path`` instead, a new one whenever the arena grows, because a mapped file cannot grow there.
    """

    def __init__(self, name: str, nbytes: int = 1 << 16, named: bool = False) -> None:
        self._name, self._named = name, named
        self.path = ""
        self.descriptor = -1
        self._old: list[str] = []
        self._open(aligned(nbytes))

    def _open(self, size: int) -> None:
        if self._named:
            if self.descriptor >= 0:
                os.close(self.descriptor)
                self._old.append(self.path)
            self.descriptor, self.path = tempfile.mkstemp(prefix=f"softcert-{self._name}-")
        elif self.descriptor < 0:
            self.descriptor = anonymous_file(self._name, lasting=True)
        os.ftruncate(self.descriptor, size)
        self.size = size
        self.bytes: np.ndarray = np.frombuffer(mmap.mmap(self.descriptor, size), np.uint8)

    def reserve(self, nbytes: int) -> None:
        """Make room for that many bytes; the contents are lost if the arena has to grow."""
        if nbytes > self.size:
            self._open(aligned(max(nbytes, 2 * self.size)))

    def intact(self) -> bool:
        """Whether the file still holds all of the memory; reading beyond its end would end this process."""
        return os.fstat(self.descriptor).st_size >= self.size

    def restore(self) -> None:
        """Give the file its length back."""
        if not self.intact():
            os.ftruncate(self.descriptor, self.size)

    def place(self) -> list[int | str]:
        """Size and path, from which the worker maps it."""
        return [self.size, self.path]

    def close(self) -> None:
        """Release it; may be called twice."""
        if self.descriptor < 0:
            return
        os.close(self.descriptor)
        self.descriptor = -1
        self.bytes = np.empty(0, np.uint8)
        for path in (*self._old, self.path):
            if path:
                try:
                    os.unlink(path)
                except OSError:  # Windows keeps a file that a dying worker still maps; the system's cleaner takes it
                    continue


class Mapped:
    """The worker's end of an arena."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._path, self._size = descriptor, "", 0
        self.bytes: np.ndarray = np.empty(0, np.uint8)

    def follow(self, size: int, path: str) -> None:
        """Map it anew where it has grown. Arrays of earlier calls that a subject kept stay valid."""
        if size == self._size and path == self._path:
            return
        if path:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            self.bytes = np.frombuffer(mmap.mmap(descriptor, size), np.uint8)
            os.close(descriptor)
        else:
            self.bytes = np.frombuffer(mmap.mmap(self._descriptor, size), np.uint8)
        self._size, self._path = size, path
