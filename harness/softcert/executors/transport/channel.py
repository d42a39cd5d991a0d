"""Messages between harness and worker: JSON with an optional block of bytes, in frames over two descriptors.

The messages are JSON and not pickle: a subject that writes into the descriptor by accident ends its worker, and
nothing worse. Arrays never travel here; they lie in the arenas.

`multiprocessing.connection` does not take this place: its ``poll(timeout)`` waits for the first byte only, so that
half a frame from a dying subject would block the harness for ever. On Windows it needs named pipes, which a worker's
stdin and stdout are not.
"""

from __future__ import annotations

import json
import os
import queue
import select
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_HEADER = struct.Struct("<II")  # bytes of JSON, bytes of data
_FRAME_LIMIT = 1 << 30


class ChannelClosedError(Exception):
    """The other side is gone, or has written bytes that are no frame."""


class Channel:
    """One end of a channel. It owns the descriptors ``reading`` and ``writing`` (the same one for a socket)."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        os.set_inheritable(reading, False)
        os.set_inheritable(writing, False)
        self._waiting = reader(reading)

    def send(self, message: dict[str, Any], data: bytes = b"") -> None:
        """Send one message; raises `ChannelClosedError` if nobody reads any more."""
        text = json.dumps(message).encode()
        frame = memoryview(_HEADER.pack(len(text), len(data)) + text + data)
        try:
            while frame:
                frame = frame[os.write(self._writing, frame) :]
        except OSError:
            raise ChannelClosedError from None

    def receive(self, timeout: float | None = None) -> tuple[dict[str, Any], bytes] | None:
        """The next message and its data; None when ``timeout`` seconds have passed without a whole one."""
        deadline = None if timeout is None else time.monotonic() + timeout
        header = self._read(_HEADER.size, deadline)
        if header is None:
            return None
        lengths = _HEADER.unpack(header)
        if max(lengths) > _FRAME_LIMIT:
            raise ChannelClosedError
        body = self._read(sum(lengths), deadline)
        if body is None:
            return None
        try:
            message = json.loads(body[: lengths[0]])
        except ValueError:
            raise ChannelClosedError from None
        if not isinstance(message, dict):
            raise ChannelClosedError
        return message, body[lengths[0] :]

    def close(self) -> None:
        """Close both descriptors; may be called twice."""
        for descriptor in {self._reading, self._writing} - {-1}:
            os.close(descriptor)
        self._reading = self._writing = -1

    def _read(self, count: int, deadline: float | None) -> bytes | None:
        parts = []
        while count:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            part = self._waiting(count, left)
            if part is None:
                return None
            if not part:
                raise ChannelClosedError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def reader(descriptor: int) -> Callable[[int, float | None], bytes | None]:
    """A function ``read(count, timeout)``: at most that many bytes, b"" at the end, None when the time has passed."""
    return _by_thread(descriptor) if sys.platform == "win32" else _by_poll(descriptor)


def _by_poll(descriptor: int) -> Callable[[int, float | None], bytes | None]:
    poller = select.poll() if hasattr(select, "poll") else None
    if poller is not None:
        poller.register(descriptor, select.POLLIN)

    def read(count: int, timeout: float | None) -> bytes | None:
        if timeout is not None and poller is not None and not poller.poll(timeout * 1000):
            return None
        try:
            return os.read(descriptor, min(count, 1 << 20))
        except OSError:
            return b""

    return read


def _by_thread(descriptor: int) -> Callable[[int, float | None], bytes | None]:
    """For Windows, where no call waits for a pipe with a time limit: a thread reads, the caller waits for it."""
    arrived: queue.Queue[bytes] = queue.Queue()
    rest = bytearray()

    def pump() -> None:
        while True:
            try:
                part = os.read(descriptor, 1 << 16)
            except OSError:
                part = b""
            arrived.put(part)
            if not part:
                return

    threading.Thread(target=pump, daemon=True, name="softcert-channel").start()

    def read(count: int, timeout: float | None) -> bytes | None:
        if not rest:
            try:
                rest.extend(arrived.get(timeout=timeout))
            except queue.Empty:
                return None
        part = bytes(rest[:count])
        del rest[:count]
        return part

    return read
