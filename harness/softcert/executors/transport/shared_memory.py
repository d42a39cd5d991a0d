"""A block of memory that two processes share: one for requests, one for replies.

Both map a file without a name, in memory where the system has such files. Only the harness makes it larger; the
worker maps it again when a message names a greater size. It holds the raw bytes of several calls, each in a place of
its own (`Ring`); the messages say what lies where.

`multiprocessing.shared_memory` does not take this place: its segments have names in /dev/shm, which stay behind when
the harness is killed, are limited to 64 MiB in a container, and cannot grow. Before Python 3.13 the resource tracker
of a worker that dies also removes the segment that the next worker needs.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections import deque

import numpy as np

from softcert.executors.transport.captured_text import anonymous_file, cannot_shrink

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
        self._sealed = False
        self._open(aligned(nbytes))

    def _open(self, size: int) -> None:
        if self._named:
            if self.descriptor >= 0:
                os.close(self.descriptor)
                self._old.append(self.path)
            self.descriptor, self.path = tempfile.mkstemp(prefix=f"softcert-{self._name}-")
        elif self.descriptor < 0:
            self.descriptor = anonymous_file(self._name, lasting=True)
            self._sealed = cannot_shrink(self.descriptor)
        os.ftruncate(self.descriptor, size)
        self.size = size
        self.map = mmap.mmap(self.descriptor, size)
        self.bytes: np.ndarray = np.frombuffer(self.map, np.uint8)

    def reserve(self, nbytes: int) -> None:
        """Make room for that many bytes; the contents are lost if the arena has to grow."""
        if nbytes > self.size:
            self._open(aligned(max(nbytes, 2 * self.size)))

    def intact(self) -> bool:
        """Whether the file still holds all of the memory; reading beyond its end would end this process."""
        return self._sealed or os.fstat(self.descriptor).st_size >= self.size

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
        self.map = _nothing()
        for path in (*self._old, self.path):
            if path:
                try:
                    os.unlink(path)
                except OSError:  # Windows keeps a file that a dying worker still maps; the system's cleaner takes it
                    continue


class Ring:
    """Places in a memory of some bytes, given in turn and freed in the order in which they were given."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._taken: deque[tuple[int, int]] = deque()

    def take(self, nbytes: int) -> int | None:
        """The start of that many free bytes; None while there are none.

        Examples
        --------
        >>> ring = Ring(10)
        >>> ring.take(4), ring.take(4), ring.take(4)
        (0, 4, None)
        >>> ring.free()
        >>> ring.take(4)
        0
        """
        if not self._taken:
            start, end = 0, self.size
        else:
            first, last = self._taken[0][0], self._taken[-1][1]
            start, end = last, first if last <= first else self.size
            if start + nbytes > end and last > first:
                start, end = 0, first
        if start + nbytes > end:
            return None
        self._taken.append((start, start + nbytes))
        return start

    def free(self) -> None:
        """Free the place that was given first."""
        self._taken.popleft()

    def give_back(self) -> None:
        """Free the place that was given last."""
        self._taken.pop()

    def clear(self) -> None:
        """Free all places."""
        self._taken.clear()

    @property
    def empty(self) -> bool:
        """Whether all is free."""
        return not self._taken


class Mapped:
    """The worker's end of an arena."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._path, self._size = descriptor, "", 0
        self.map = _nothing()
        self.bytes: np.ndarray = np.empty(0, np.uint8)

    def follow(self, size: int, path: str) -> None:
        """Map it anew where it has grown."""
        if size == self._size and path == self._path:
            return
        if path:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
            self.map = mmap.mmap(descriptor, size)
            os.close(descriptor)
        else:
            self.map = mmap.mmap(self._descriptor, size)
        self.bytes = np.frombuffer(self.map, np.uint8)
        self._size, self._path = size, path


class Bench:
    """The worker's own memory in which the arguments of each call lie, at the same place as those of the call before.

    A subject that kept its argument instead of a copy finds the next one there, as it does with a caller that uses
    its memory again. The memory is shared with nobody, so that a subject which writes beyond it reaches no other
    call's bytes; no limit on a process's own data counts it.
    """

    def __init__(self) -> None:
        self.map = _nothing()
        self.bytes: np.ndarray = np.empty(0, np.uint8)

    def lay(self, source: np.ndarray) -> None:
        """Copy bytes (uint8, one-dimensional) to its beginning.

        Arrays of earlier calls that a subject kept stay valid when it grows.
        """
        if source.size > self.bytes.size:
            self.map = mmap.mmap(-1, aligned(max(source.size, 2 * self.bytes.size, 1 << 16)))
            self.bytes = np.frombuffer(self.map, np.uint8)
        self.bytes[: source.size] = source

    def read(self, start: int, nbytes: int) -> bytes:
        """The bytes of one argument as they are now."""
        return self.map[start : start + nbytes]


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two places of as many bytes (uint8, one-dimensional) hold different ones."""
    if one.size <= PAGE:
        return one.tobytes() != other.tobytes()
    whole = one.size & ~7  # eight bytes at a time, a part that stays in the processor's cache after the other
    for first in range(0, whole, _PART):
        last = min(first + _PART, whole)
        if not np.array_equal(one[first:last].view(np.uint64), other[first:last].view(np.uint64)):
            return True
    return one[whole:].tobytes() != other[whole:].tobytes()


_PART = 1 << 17


def _nothing() -> mmap.mmap:
    return mmap.mmap(-1, PAGE)
