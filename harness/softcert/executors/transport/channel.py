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

_AT_ONCE = 1 << 16  # bytes that are read at once: several frames, where they are short
_TOGETHER = 2048  # bytes of short frames that are written together, while there are messages to receive


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
        self._read = reader(reading)
        self._arrived = bytearray()  # what was read and is no whole frame yet, or was not asked for yet
        self._outgoing = bytearray()  # what was posted and not written yet
        self._waits = _poller(reading, writing)

    def post(self, message: dict[str, Any]) -> None:
        """Send one message without waiting: what the other side has no room for is written while `receive` waits.

        Nothing is raised where nobody reads any more; `receive` tells of that, after the messages that came before.
        """
        text = _encode(message).encode()
        self._outgoing += _HEADER.pack(len(text), 0) + text

    def send(self, message: dict[str, Any], data: bytes = b"", timeout: float | None = None) -> None:
        """Send one message.

        Raises
        ------
        ChannelClosedError
            If nobody reads any more.
        SendTimeoutError
            If ``timeout`` seconds have passed before the other side has taken all of it.
        """
        text = _encode(message).encode()
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
        if len(self._outgoing) >= _TOGETHER:
            self._write_on(0.0)
        if (frame := self._next_frame()) is not None:
            return frame
        deadline = None if timeout is None else time.monotonic() + timeout
        while frame is None:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if self._outgoing:
                self._write_on(left)
                left = 0.0 if self._waits else left
            part = self._read(_AT_ONCE, left)
            if part:
                self._arrived += part
            elif part is not None:
                raise ChannelClosedError
            elif deadline is not None and time.monotonic() >= deadline:
                return None
            frame = self._next_frame()
        return frame

    def close(self) -> None:
        """Close both descriptors; may be called twice."""
        for descriptor in {self._reading, self._writing} - {-1}:
            os.close(descriptor)
        self._reading = self._writing = -1

    def _next_frame(self) -> tuple[dict[str, Any], bytes] | None:
        """The first frame of what has arrived, if that is whole."""
        arrived = self._arrived
        if len(arrived) < _HEADER.size:
            return None
        lengths = _HEADER.unpack_from(arrived)
        if lengths[0] > self._limit[0] or lengths[1] > self._limit[1]:
            raise ProtocolError(f"a frame of {lengths[0]} + {lengths[1]} bytes")
        middle = _HEADER.size + lengths[0]
        end = middle + lengths[1]
        if len(arrived) < end:
            return None
        text, data = arrived[_HEADER.size : middle], bytes(arrived[middle:end])
        del arrived[:end]
        return _decoded(text), data

    def _write_on(self, timeout: float | None) -> None:
        """Write what was posted, as far as it is taken; wait for that, or for something to read."""
        wait = None if timeout is None else timeout * 1000
        try:
            while self._outgoing:
                if self._waits is not None:
                    ready = dict(self._waits.poll(wait))
                    if not ready.get(self._writing, 0) & ~select.POLLIN:
                        return
                # A pipe that can be written to takes that many bytes without waiting, whatever else is on its way.
                count = len(self._outgoing) if self._waits is None else select.PIPE_BUF
                del self._outgoing[: os.write(self._writing, self._outgoing[:count])]
                wait = 0.0
        except OSError:  # nobody reads any more
            self._outgoing.clear()


def _poller(reading: int, writing: int) -> Any:
    """What waits until one descriptor can be read or the other written, where the system can wait for a pipe."""
    if not hasattr(select, "poll"):
        return None
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    poller.register(writing, select.POLLOUT | (select.POLLIN if reading == writing else 0))
    return poller


def _decoded(text: bytes | bytearray) -> dict[str, Any]:
    try:
        message = _decode(text.decode())
    except (ValueError, RecursionError):
        raise ProtocolError("a frame that is not JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a frame that is no JSON object")
    return message


def _no_number(name: str) -> None:
    raise ValueError(name)


_encode = json.JSONEncoder().encode
_decode = json.JSONDecoder(parse_constant=_no_number).decode


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
