"""Channels: whole messages, time limits that hold for half a frame too, and an end that is noticed."""

import json
import os
import struct
import threading
import time

import pytest

from softcert.executors.transport import channel as channels
from softcert.executors.transport.channel import REPLY_LIMIT, Channel, ChannelClosedError, SendTimeoutError
from softcert.executors.transport.untrusted import ProtocolError


@pytest.fixture
def ends():
    """Two channels that are connected to each other."""
    (a, b), (c, d) = os.pipe(), os.pipe()
    one, other = Channel(a, d), Channel(c, b)
    yield one, other
    one.close()
    other.close()


@pytest.fixture(params=["poll", "thread"])
def raw(request, monkeypatch):
    """A channel, and the descriptor that it reads from; with each way of waiting."""
    if request.param == "thread":
        monkeypatch.setattr(channels, "reader", channels._by_thread)
    reading, far = os.pipe()
    nothing, writing = os.pipe()
    os.close(nothing)
    channel = Channel(reading, writing)
    yield channel, far
    os.close(far)
    for thread in threading.enumerate():  # a reader that ran on would read from the descriptors of the next test
        if thread.name == "softcert-channel":
            thread.join(10)
    channel.close()


def frame(text: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<II", len(text), len(data)) + text + data


def test_messages_and_their_data_arrive_in_order(ends):
    one, other = ends
    one.send({"a": [1, "ü", None]}, b"\x00\xff")
    one.send({})
    assert other.receive(10) == ({"a": [1, "ü", None]}, b"\x00\xff")
    assert other.receive(10) == ({}, b"")


def test_a_message_larger_than_the_pipe_arrives_whole(ends):
    one, other = ends
    data = os.urandom(1 << 20)
    sender = threading.Thread(target=one.send, args=({"size": len(data)}, data))
    sender.start()
    assert other.receive(30) == ({"size": len(data)}, data)
    sender.join()


def test_nothing_within_the_time_limit_is_none(raw):
    channel, _ = raw
    start = time.monotonic()
    assert channel.receive(0.05) is None
    assert time.monotonic() - start >= 0.05


@pytest.mark.parametrize("length", [3, 8, 11])
def test_half_a_frame_keeps_nobody_waiting(raw, length):
    channel, far = raw
    os.write(far, frame(b'{"a": 1}')[:length])
    assert channel.receive(0.05) is None


def test_a_frame_in_pieces_is_one_message(raw):
    channel, far = raw
    whole = frame(json.dumps({"a": 1}).encode(), b"data")

    def write():
        for i in range(len(whole)):
            os.write(far, whole[i : i + 1])

    writer = threading.Thread(target=write)
    writer.start()
    assert channel.receive(30) == ({"a": 1}, b"data")
    writer.join()


@pytest.mark.parametrize(
    "written",
    [
        b"Hello, this is a subject that prints\n",
        frame(b"no JSON"),
        frame(b"[1]"),
        frame(b"\xff"),
        frame(b'{"a": NaN}'),
        frame(b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        frame(b'{"a": ' + b"9" * 5000 + b"}"),
        frame('{"a": 1}'.encode("utf-16")),
        b"\xff" * 64,
    ],
)
def test_bytes_that_are_no_frame_break_the_protocol(raw, written):
    channel, far = raw
    os.write(far, written)
    with pytest.raises(ProtocolError):
        channel.receive(10)


def test_a_frame_beyond_the_limit_is_refused_before_it_is_read():
    """The harness takes at most a mebibyte of JSON and no data from a worker."""
    reading, far = os.pipe()
    nothing, writing = os.pipe()
    os.close(nothing)
    channel = Channel(reading, writing, REPLY_LIMIT)
    for header in ((REPLY_LIMIT[0] + 1, 0), (10, 1)):
        os.write(far, struct.pack("<II", *header))
        with pytest.raises(ProtocolError, match=f"a frame of {header[0]}"):
            channel.receive(10)
    os.close(far)
    channel.close()


def test_one_who_does_not_read_keeps_no_sender_waiting(ends):
    """A stopped worker, say: the time limit holds for sending too."""
    one, _ = ends
    start = time.monotonic()
    with pytest.raises(SendTimeoutError):
        one.send({}, bytes(1 << 22), timeout=0.05)
    assert time.monotonic() - start < 5


def test_a_frame_that_trickles_is_timed_as_a_whole(raw):
    """Each byte comes in time, and the frame does not."""
    channel, far = raw
    end = threading.Event()

    def trickle():
        os.write(far, struct.pack("<II", 1 << 19, 0))
        while not end.wait(0.01):
            os.write(far, b" ")

    writer = threading.Thread(target=trickle)
    writer.start()
    start = time.monotonic()
    assert channel.receive(0.2) is None
    assert time.monotonic() - start < 5
    end.set()
    writer.join()


def test_the_end_of_the_other_side_is_noticed(ends):
    one, other = ends
    other.close()
    with pytest.raises(ChannelClosedError):
        one.receive(10)
    with pytest.raises(ChannelClosedError):
        one.send({})


def test_closing_twice_is_harmless(ends):
    ends[0].close()
    ends[0].close()


def test_a_started_program_inherits_no_channel():
    reading, writing = os.pipe()
    os.set_inheritable(reading, True)
    channel = Channel(reading, writing)
    assert not os.get_inheritable(reading)
    assert not os.get_inheritable(writing)
    channel.close()
