"""Subjects that attack their harness through the worker's own channel, which lies open in their process."""

import gc
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

import numpy as np

from softcert.executors.transport.channel import Channel


def channel():
    """The worker's end of the channel, as a subject finds it."""
    return next(c for c in gc.get_objects() if isinstance(c, Channel))


def write(data):
    """Raw bytes to the harness."""
    os.write(channel()._writing, data)


def frame(message, data=b""):
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack("<II", len(text), len(data)) + text + data


def request():
    """The message of the present call, from the worker's own frames."""
    frame_now = sys._getframe()
    while "message" not in frame_now.f_locals or "call" not in frame_now.f_locals["message"]:
        frame_now = frame_now.f_back
    return frame_now.f_locals["message"]


def ahead():
    """The messages of calls that were sent and not taken yet: those that the worker has read, and those it has not."""
    end = channel()
    data = bytes(end._arrived)
    if select.select([end._reading], [], [], 0.5)[0]:
        data += socket.socket(fileno=os.dup(end._reading)).recv(1 << 16, socket.MSG_PEEK)
    messages = []
    while len(data) >= 8:
        size = struct.unpack_from("<I", data)[0]
        messages.append(json.loads(data[8 : 8 + size]))
        data = data[8 + size :]
    return messages


def answer(**fields):
    """A whole reply that fits the present call, but for these fields."""
    reply = {
        "call": request()["call"],
        "results": [["float32", [1, 2], 0, 8]],
        "fault": None,
        "observations": [],
        "seconds": 0.0,
        "read_back": {},
        "compiles": False,
    }
    return {**reply, **fields}


def forge(**fields):
    write(frame(answer(**fields)))


def drop(*names):
    write(frame({k: v for k, v in answer().items() if k not in names}))


def results(*entries):
    forge(results=list(entries))


FORGERIES = {
    "no JSON": lambda: write(frame(b"not JSON at all")),
    "wrong UTF-8": lambda: write(frame(b'{"a": "\xff"}')),
    "too deep": lambda: write(frame(b"[" * 100_000)),
    "a list": lambda: write(frame([1])),
    "a huge frame": lambda: write(struct.pack("<II", 0xFFFFFFFF, 0)),
    "a frame with data": lambda: write(frame({"a": 1}, b"data")),
    "no fields": lambda: write(frame({})),
    "no results": lambda: drop("results"),
    "no fault": lambda: drop("fault"),
    "neither": lambda: results(),
    "an unknown fault": lambda: forge(fault=["applause", "", ""]),
    "half a fault": lambda: forge(fault=["crash"]),
    "a fault of numbers": lambda: forge(fault=[1, 2, 3]),
    "false for a fault": lambda: forge(fault=False),
    "a negative start": lambda: results(["float32", [1, 2], -4096, 8]),
    "a place beyond the arena": lambda: results(["float32", [1, 2], 1 << 40, 8]),
    "a negative axis": lambda: results(["float32", [-1, -2], 0, 8]),
    "an axis of 2**63": lambda: results(["float32", [1 << 63, 1], 0, 8]),
    "axes that overflow": lambda: results(["float32", [1 << 40, 1 << 40], 0, 8]),
    "a shape of another size": lambda: results(["float32", [1, 3], 0, 8]),
    "a thousand axes": lambda: results(["float32", [1] * 1000, 0, 4]),
    "a fraction for an axis": lambda: results(["float32", [1.5, 2], 0, 8]),
    "true for an axis": lambda: results(["float32", [True, 2], 0, 8]),
    "objects": lambda: results(["O", [1], 0, 8]),
    "a structure": lambda: results(["f4,f4", [1], 0, 8]),
    "no format": lambda: results(["no such format", [1], 0, 8]),
    "a number for a format": lambda: results([4, [1], 0, 8]),
    "a thousand results": lambda: results(*[["float32", [1], 0, 4]] * 1000),
    "NaN seconds": lambda: write(frame(json.dumps(answer(seconds=float("nan"))).encode())),
    "negative seconds": lambda: forge(seconds=-1.0),
    "endless seconds": lambda: forge(seconds=1e308),
    "text for seconds": lambda: forge(seconds="long"),
    "ten thousand observations": lambda: forge(observations=[["a", "b"]] * 10_000),
    "observations of numbers": lambda: forge(observations=[[1, 2]]),
    "read back beyond the arena": lambda: forge(read_back={"0": [0, 1 << 40]}),
    "read back of no argument": lambda: forge(read_back={"x": None}),
    "read back as text": lambda: forge(read_back={"0": "all"}),
    "a list for read back": lambda: forge(read_back=[1]),
    "a number for compiles": lambda: forge(compiles=1),
    "another call": lambda: forge(call=1),
    "room without end": lambda: write(frame({"room": 1 << 70})),
    "negative room": lambda: write(frame({"room": -1})),
    "text for room": lambda: write(frame({"room": "much"})),
    "room again and again": lambda: [write(frame({"room": 8})) for _ in range(100)],
    "a cut arena": lambda: [os.ftruncate(fd, 0) for fd in arenas()] and forge(),
}


def arenas():
    """Descriptors of this process that are memory files of the arenas."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if "replies" in os.readlink(f"/proc/self/fd/{name}"):
                found.append(int(name))
        except OSError:
            continue
    return found


def trickle():
    write(struct.pack("<II", 1000, 0))
    while True:
        write(b" ")
        time.sleep(0.05)


ENDLESS = {
    "trickle": trickle,
    "half a frame": lambda: (write(struct.pack("<II", 100, 0)), time.sleep(1000)),
    "stopped": lambda: os.kill(os.getpid(), 19),
}


def detached():
    """A process in a session of its own, whose parent ends at once; the file says its number."""
    code = (
        "import os, sys, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "time.sleep(1000)\n"
    )
    path = os.environ["DETACHED"]
    subprocess.run([sys.executable, "-S", "-c", code, path], check=True)
    while not os.path.exists(path) or not os.path.getsize(path):
        time.sleep(0.01)


NAMES = [*FORGERIES, *ENDLESS]


def softmax(x):
    code = int(x[0, 0]) if x.size else -1
    if 100 <= code < 100 + len(NAMES):
        name = NAMES[code - 100]
        (FORGERIES | ENDLESS)[name]()
        time.sleep(1000)
    if code == 90:
        detached()
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
