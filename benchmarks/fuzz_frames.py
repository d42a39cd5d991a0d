"""Fuzzing the harness's side of the channel: whatever a worker sends is a finding, or a reply that is what it says.

    python benchmarks/fuzz_frames.py [--examples 10000] [--seed 0]

A worker's place is taken by a thread that answers each request with bytes which Hypothesis draws: noise, frames of
noise, frames of any JSON, and right replies with a few fields changed. The executor is the real one. For every example
three things must hold: no exception leaves `run`; it comes back within the time limit and five seconds; and a reply
with results is one that a second validator, written here from the protocol's description alone, accepts. A line counts
the outcomes; the first example that breaks this ends the benchmark with 1.
"""

from __future__ import annotations

import argparse
import json
import math
import socket
import struct
import sys
import threading
import time
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from softcert.executors.process import ProcessExecutor
from softcert.executors.protocol import Array, Reply, Request
from softcert.executors.transport.channel import Channel
from softcert.executors.worker_starters import Worker

LIMIT = 0.05  # seconds that a call may take
GRACE = 5.0  # seconds beyond it, for a machine that is busy
HEADER = struct.Struct("<II")
REQUEST = Request(operation="softmax", format="float32", arrays=(Array.of(np.ones((2, 3), np.float32)),))
GOOD: dict[str, Any] = {
    "results": [["float32", [2, 3], 0, 24]],
    "fault": None,
    "observations": [["stdout", "hello"]],
    "seconds": 0.001,
    "read_back": {},
    "compiles": False,
}
SIZES = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2, "int64": 8, "bool": 1, "python-float": 8}

NUMBERS = st.one_of(
    st.integers(-(1 << 70), 1 << 70), st.integers(-8, 64), st.floats(), st.sampled_from([1 << 31, 1 << 32, 1 << 63])
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PLAUSIBLE = {
    "results": st.lists(
        st.tuples(
            st.sampled_from([*SIZES, "object", "f4,f4", "V4", ">f4", ""]),
            st.lists(st.integers(-2, 8), max_size=4) | st.lists(NUMBERS, max_size=3),
            st.integers(-8, 70000) | NUMBERS,
            st.sampled_from([0, 4, 8, 12, 24, 48]) | NUMBERS,
        ).map(list),
        max_size=3,
    ),
    "fault": st.tuples(st.sampled_from(["exception", "crash", "unsupported", "?"]), st.text(), st.text()).map(list),
    "observations": st.lists(st.tuples(st.text(max_size=9), ANYTHING).map(list), max_size=3),
    "seconds": NUMBERS,
    "read_back": st.dictionaries(st.sampled_from(["0", "1", "-1", "x"]), st.lists(NUMBERS, max_size=3), max_size=2),
    "compiles": st.booleans() | NUMBERS,
    "call": NUMBERS | st.none(),
    "room": NUMBERS | st.text(max_size=3),
}


def frame(message: object) -> bytes:
    """A frame with that JSON."""
    text = json.dumps(message).encode()
    return HEADER.pack(len(text), 0) + text


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A right reply with fields changed or taken away; "call" stays the request's own where it is not drawn."""
    message = dict(GOOD)
    for name in draw(st.lists(st.sampled_from(list(PLAUSIBLE)), max_size=3, unique=True)):
        if draw(st.integers(0, 5)) == 0:
            message.pop(name, None)
        else:
            message[name] = draw(PLAUSIBLE[name] if draw(st.booleans()) else ANYTHING)
    return message


@st.composite
def noise(draw: st.DrawFn) -> bytes:
    """Bytes, with or without a header that fits them."""
    body = draw(st.binary(max_size=64))
    lengths = draw(st.just((len(body), 0)) | st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)))
    return draw(st.sampled_from([body, HEADER.pack(*lengths) + body]))


ATTACKS = st.tuples(
    st.lists(changed() | noise() | ANYTHING.map(frame), min_size=1, max_size=3),
    st.sampled_from(["stay", "close"]),
)


class Impostor:
    """Stands for a worker: it says that the subject is loaded, then answers each request with what it was given."""

    def __init__(self) -> None:
        self.attack: tuple[list[Any], str] = ([], "close")
        self.sent: list[bytes] = []
        self.number: object = None

    def worker(self, timeout: float) -> Worker:
        """A channel with a thread at its other end."""
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        descriptor = ours.detach()
        return Worker(Channel(descriptor, descriptor, (1 << 20, 0)), 0)

    def _serve(self, theirs: socket.socket) -> None:
        channel = Channel(theirs.fileno(), theirs.fileno())
        try:
            channel.receive()
            channel.send({"ready": None, "observations": [], "pid": 0})
            while (received := channel.receive()) is not None:
                self.number = received[0].get("call", self.number)
                self.sent = [self._bytes(part) for part in self.attack[0]]
                theirs.sendall(b"".join(self.sent))
                if self.attack[1] == "close":
                    theirs.shutdown(socket.SHUT_WR)
        except Exception:  # noqa: BLE001 (the harness hangs up where it has seen enough)
            pass
        finally:
            theirs.close()

    def _bytes(self, part: object) -> bytes:
        return part if isinstance(part, bytes) else frame({"call": self.number, **part})  # type: ignore[dict-item]

    def kill(self, worker: Worker) -> None:
        """The thread ends when its channel does."""

    def exit_status(self, worker: Worker, timeout: float = 5.0) -> int | None:
        """Unknown."""
        return None

    def preload(self, modules: tuple[str, ...]) -> None:
        """Nothing is loaded."""

    def close(self) -> None:
        """Nothing is open."""


def executor_over(impostor: Impostor) -> ProcessExecutor:
    """The real executor, with an impostor where its workers come from."""
    executor = ProcessExecutor("numpy_shifted", timeout=LIMIT, start_timeout=60.0, deaths_limit=1 << 60)
    _ = executor.description
    executor._drop()
    executor._starter.close()
    executor._starter = impostor  # type: ignore[assignment]
    executor.start_timeout = LIMIT
    return executor


def may_be_accepted(parts: list[bytes], number: object, room: int) -> bool:
    """Whether what was sent holds a whole reply to the request, by the protocol's description."""
    return any(_valid(message, number, room) for message in _messages(b"".join(parts)))


def _messages(data: bytes) -> list[Any]:
    """The JSON of the first two frames: the second one counts where the first asks for room."""
    found: list[Any] = []
    while len(data) >= HEADER.size and len(found) < 2:
        text, rest = HEADER.unpack_from(data)
        if rest or len(data) < HEADER.size + text:
            break
        try:
            found.append(json.loads(data[HEADER.size : HEADER.size + text]))
        except ValueError:
            break
        if not (isinstance(found[-1], dict) and "room" in found[-1]):
            break
        data = data[HEADER.size + text :]
    return found


def _valid(m: Any, number: object, room: int) -> bool:
    if not isinstance(m, dict) or not {*GOOD, "call"} <= set(m) or m["call"] != number or m["fault"] is not None:
        return False
    pairs = m["observations"]
    told = isinstance(pairs, list) and all(isinstance(p, list) and [type(v) for v in p] == [str, str] for p in pairs)
    timed = type(m["seconds"]) in (int, float) and 0 <= m["seconds"] < math.inf
    back = m["read_back"]
    places = isinstance(back, dict) and set(back) <= {"0"} and all(_place(p, room) for p in back.values())
    results = m["results"]
    fits = isinstance(results, list) and bool(results) and all(_fits(r, room) for r in results)
    return told and timed and places and fits and isinstance(m["compiles"], bool)


def _fits(entry: Any, room: int) -> bool:
    if not isinstance(entry, list) or len(entry) != 4:
        return False
    format, shape, start, size = entry
    known = isinstance(format, str) and (format in SIZES or format.startswith(">"))
    whole = isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)
    return known and whole and _inside(start, size, room) and math.prod(shape) * SIZES.get(format, 4) == size


def _place(entry: Any, room: int) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and _inside(*entry, room)


def _inside(start: Any, size: Any, room: int) -> bool:
    return type(start) is int and type(size) is int and start >= 0 and size >= 0 and start + size <= room


def outcome(reply: Reply) -> str:
    """A word for what came of an example."""
    return str(reply.fault.kind) if reply.fault else "accepted"


def main() -> int:
    """Run the examples and print what came of them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--examples", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=0)
    given_ = arguments.parse_args()
    seen: Counter[str] = Counter()
    slowest = 0.0
    impostor = Impostor()
    with executor_over(impostor) as executor:

        @settings(
            max_examples=given_.examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @seed(given_.seed)
        @given(ATTACKS)
        def holds(attack: tuple[list[Any], str]) -> None:
            nonlocal slowest
            impostor.attack = attack
            start = time.monotonic()
            reply = executor.run(REQUEST)
            slowest = max(slowest, time.monotonic() - start)
            assert time.monotonic() - start < LIMIT + GRACE, "it took longer than its limit"
            assert (reply.results is None) != (reply.fault is None)
            if reply.results is not None:
                assert may_be_accepted(impostor.sent, impostor.number, executor._memory.replies.size), "was accepted"
            seen[outcome(reply)] += 1
            executor._drop()  # what is left in the channel is not for the next example

        holds()
    counts = ", ".join(f"{word} {count}" for word, count in seen.most_common())
    print(f"{sum(seen.values())} examples: {counts}; the slowest call took {slowest * 1000:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
