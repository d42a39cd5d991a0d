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

from softcert.executors.transport.untrusted import ProtocolError

_HEADER = struct.Struct("<II")  # bytes of JSON, bytes of data
REQUEST_LIMIT = (1 << 30, 1 << 30)
"""Bytes of JSON and of data that a worker takes: a pickled subject may hold large arrays."""
REPLY_LIMIT = (1 << 20, 0)
"""Bytes of JSON and of data that the harness takes from a worker, whose replies lie in the arenas."""


class ChannelClosedError(Exception):
    """The other side is gone."""


class SendTimeoutError(Exception):
    """The other side does not read, and the time for sending has passed."""


class Channel:
    """One end of a channel.

    Parameters
    ----------
    reading, writing : int
        The descriptors, which the channel owns (the same one for a socket).
    limit : pair of int
        Bytes of JSON and of data that a frame may have which comes in.
    """

    def __init__(self, reading: int, writing: int, limit: tuple[int, int] = REQUEST_LIMIT) -> None:
        self._reading, self._writing, self._limit = reading, writing, limit
        os.set_inheritable(reading, False)
        os.set_inheritable(writing, False)
        self._waiting = reader(reading)

    def send(self, message: dict[str, Any], data: bytes = b"", timeout: float | None = None) -> None:
        """Send one message.

        Raises
        ------
        ChannelClosedError
            If nobody reads any more.
        SendTimeoutError
            If ``timeout`` seconds have passed before the other side has taken all of it.
        """
        text = json.dumps(message).encode()
        frame = memoryview(_HEADER.pack(len(text), len(data)) + text + data)
        write = writer(self._writing, timeout)
        try:
            while frame:
                frame = frame[write(frame) :]
        except OSError:
            raise ChannelClosedError from None

    def receive(self, timeout: float | None = None) -> tuple[dict[str, Any], bytes] | None:
        """The next message and its data; None when ``timeout`` seconds have passed without a whole one.

        Raises
        ------
        ChannelClosedError
            If the other side is gone.
        ProtocolError
            If what comes is no frame: too large, or not JSON (NaN, too deep, wrong UTF-8), or no object.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        header = self._read(_HEADER.size, deadline)
        if header is None:
            return None
        lengths = _HEADER.unpack(header)
        if any(length > most for length, most in zip(lengths, self._limit, strict=True)):
            raise ProtocolError(f"a frame of {lengths[0]} + {lengths[1]} bytes")
        body = self._read(sum(lengths), deadline)
        if body is None:
            return None
        return _decoded(body[: lengths[0]]), body[lengths[0] :]

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


def _decoded(text: bytes) -> dict[str, Any]:
    try:
        message = json.loads(text.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ProtocolError("a frame that is not JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a frame that is no JSON object")
    return message


def _no_number(name: str) -> None:
    raise ValueError(name)


def writer(descriptor: int, timeout: float | None) -> Callable[[memoryview], int]:
    """A function that writes a part of some bytes and gives its length.

    With a ``timeout`` (seconds in all), and where the system can wait for a pipe, it raises `SendTimeoutError` once
    the other side has not read for that long.
    """
    if timeout is None or not hasattr(select, "poll"):
        return lambda frame: os.write(descriptor, frame)
    deadline = time.monotonic() + timeout
    poller = select.poll()
    poller.register(descriptor, select.POLLOUT)

    def write(frame: memoryview) -> int:
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise SendTimeoutError
        # A pipe that can be written to takes that many bytes without waiting, whatever else is on its way.
        return os.write(descriptor, frame[: select.PIPE_BUF])

    return write


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
