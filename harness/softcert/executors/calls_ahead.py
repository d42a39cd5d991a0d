"""The calls that were asked for and have no reply yet: some of them sent to the worker ahead of their turn.

Requests lie in the shared memory each in a place of its own, and so will their results, so that the worker goes from
one call to the next without waiting for the harness. Replies are read in the order of the requests.
"""

from __future__ import annotations

import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from softcert.executors.protocol import Reply, Request
from softcert.executors.transport import untrusted
from softcert.executors.transport.channel import Channel
from softcert.executors.transport.messages import Place, put_request, reply_of, space
from softcert.executors.transport.shared_memory import PAGE, Arena, Ring, aligned
from softcert.executors.transport.untrusted import ProtocolError

_WIDEST = 8  # bytes of an element of a result
_ROOM_LIMIT = 256 << 20  # bytes of results taken beyond sixteen times the request: vocabularies fit, floods do not


@dataclass(eq=False)
class Call:
    """A call that was asked for.

    Attributes
    ----------
    request
        What to call.
    reply
        What came of it; None until then.
    inexpressible
        Why the subject's array library cannot express it; "" where it can, None where nobody has looked.
    number
        The number that its answer repeats. It is drawn at random when the call is sent, so that an answer which was
        sent before does not know it.
    sent
        When it was sent.
    place
        Where its results are to lie.
    """

    request: Request
    reply: Reply | None = None
    inexpressible: str | None = None
    number: int = -1
    sent: float = 0.0
    place: Place | None = None


class CallsAhead:
    """The calls without a reply, in order: first those that the worker has, then the others.

    Parameters
    ----------
    requests, replies : Arena
        The memory that is shared with the worker.
    """

    def __init__(self, requests: Arena, replies: Arena) -> None:
        self._requests, self._replies = requests, replies
        self._request_ring, self._reply_ring = Ring(requests.size), Ring(replies.size)
        self._sent: deque[Call] = deque()
        self._unsent: deque[Call] = deque()
        self._numbers = _Numbers()
        self.compiles = False  # whether the worker has a compiler loaded, by its last answer

    def add(self, call: Call) -> None:
        """Ask for a call."""
        self._unsent.append(call)

    def first(self) -> Call:
        """The call whose turn it is."""
        return (self._sent or self._unsent)[0]

    def done(self, reply: Reply) -> None:
        """Give the first call its reply."""
        (self._sent or self._unsent).popleft().reply = reply

    def remove(self, calls: set[Call]) -> bool:
        """Forget calls that nobody waits for any more; whether the worker has one of them."""
        self._unsent = deque(c for c in self._unsent if c not in calls)
        return any(c in calls and not c.inexpressible for c in self._sent)

    def forget_worker(self, nobody_waits_for: Collection[Call] = ()) -> None:
        """The worker has ended: what it was sent and has not answered is to be sent again."""
        self._unsent = deque(c for c in (*self._sent, *self._unsent) if c not in nobody_waits_for)
        self._sent.clear()
        self._request_ring.clear()
        self._reply_ring.clear()

    def send(self, channel: Channel, inexpressible: Callable[[Request], str]) -> None:
        """Send the worker what the shared memory has room for; what the library cannot express is passed over."""
        while self._unsent:
            call = self._unsent[0]
            if call.inexpressible is None:
                call.inexpressible = inexpressible(call.request)
            if not call.inexpressible and not self._posted(call, channel):
                return
            self._sent.append(self._unsent.popleft())

    def _posted(self, call: Call, channel: Channel) -> bool:
        request = call.request
        needed = space(request)
        expected = needed + aligned(_WIDEST * math.prod(request.arrays[0].shape)) + PAGE
        starts = self._places(needed, expected)
        if starts is None:
            return False
        call.number, call.sent = self._numbers.draw(), time.monotonic()
        call.place = Place(self._replies.map, starts[1], expected)
        message = put_request(request, self._requests, starts[0])
        message["reply"] = [*self._replies.place(), starts[1], expected]
        message["call"] = call.number
        channel.post(message)
        return True

    def _places(self, needed: int, expected: int) -> tuple[int, int] | None:
        """Where a request and its results are to lie; None while there is no room beside those under way."""
        pairs = ((self._request_ring, self._requests, needed), (self._reply_ring, self._replies, expected))
        for ring, arena, size in pairs:
            if size > ring.size and self._request_ring.empty:
                arena.reserve(2 * size)  # room for two, so that the worker need not wait
                ring.size = max(ring.size, 2 * size)
        start = self._request_ring.take(needed)
        if start is None:
            return None
        place = self._reply_ring.take(expected)
        if place is None:
            self._request_ring.give_back()
            return None
        return start, place

    def receive(self, channel: Channel, deadline: float) -> Reply | None:
        """The reply to the first call; None when the time is over.

        Raises
        ------
        ProtocolError
            If the worker sends what is no answer to it.
        """
        call = self.first()
        assert call.place is not None
        place = call.place
        received = channel.receive(deadline - time.monotonic())
        if received is not None and "room" in received[0]:
            granted = self._room(received[0]["room"], call)
            channel.post({"reply": granted and [*self._replies.place(), granted.start, granted.size]})
            place = granted or place
            received = channel.receive(deadline - time.monotonic())
        if received is None:
            return None
        answer = received[0]
        if untrusted.field(answer, "call") != call.number:
            raise ProtocolError("an answer to no request, or to an earlier one")
        if not (self._requests.intact() and self._replies.intact()):
            raise ProtocolError("the shared memory was cut short")
        self.compiles = untrusted.flag(untrusted.field(answer, "compiles"), "compiles")
        reply = reply_of(answer, call.request, place, time.monotonic() - call.sent)
        self._request_ring.free()
        self._reply_ring.free()
        return reply

    def _room(self, wanted: object, call: Call) -> Place | None:
        """More room for the results of a call, behind the places of the others; None where it asks for too much."""
        needed = untrusted.whole(wanted, "room", 0, 1 << 62)
        if needed > 16 * space(call.request) + _ROOM_LIMIT:
            return None
        self._replies.reserve(self._reply_ring.size + needed)
        return Place(self._replies.map, self._reply_ring.size, needed)


class _Numbers:
    """Random numbers that nobody guesses, drawn from the system many at a time."""

    _AT_ONCE, _BYTES = 64, 6

    def __init__(self) -> None:
        self._drawn: list[int] = []

    def draw(self) -> int:
        """A number of 48 bits."""
        if not self._drawn:
            pool, size = secrets.token_bytes(self._AT_ONCE * self._BYTES), self._BYTES
            self._drawn = [int.from_bytes(pool[i : i + size], "little") for i in range(0, len(pool), size)]
        return self._drawn.pop()


class Pulled:
    """An iterable of requests, and what it raised: that is for the one who asks behind the last request."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._requests: Iterator[Request] | None = iter(requests)
        self._error: Exception | None = None

    def next(self) -> Request | None:
        """The next request; None at the end."""
        if self._requests is None:
            return None
        try:
            return next(self._requests)
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 (raised by `end`)
            self._error = error
        self._requests = None
        return None

    def end(self) -> None:
        """Raise what the iterable raised, if it did."""
        if self._error is not None:
            raise self._error
