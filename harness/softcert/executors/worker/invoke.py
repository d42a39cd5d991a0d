"""One call of an implementation in this process: its outcome, or the fault that came in its place.

The in-process executor and the isolated worker both call `invoke`, so that the same subject gives the same reply in
either.
"""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import numpy as np

from softcert.executors.protocol import AFTERWARDS, LAZY, OVERWRITTEN, Fault, FaultKind, Request
from softcert.executors.transport.captured_text import TEXT_LIMIT, safe_text
from softcert.executors.transport.shared_memory import PAGE
from softcert.executors.worker.side_effects import Streams, Watch
from softcert_implementations.adapters import DeclinedError, NotAnArrayError, Raw, UnavailableError, UnsupportedError
from softcert_implementations.adapters.calling import Outcome, call
from softcert_implementations.implementation import Implementation

_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "RESOURCE_EXHAUSTED", "bad_alloc")
_LAST = 16  # results that are watched: a subject that returns a few buffers in turn is seen
_REST = 0.1  # seconds without a call, after which the first results are compared at once
_WATCHED_BYTES = 1 << 16  # larger results are not compared: a subject that reuses a buffer does so for small ones too


@dataclass(frozen=True, eq=False, kw_only=True)
class Invocation:
    """What one call gave.

    Parameters
    ----------
    outcome : Outcome, optional
        The results, where there are any; otherwise ``fault`` is set.
    fault : Fault, optional
        Why there is no outcome.
    observations : tuple of (kind, text)
        Side effects, as `softcert.executors.protocol.Reply` describes them.
    seconds : float, default 0.0
        Wall-clock time in the subject, in seconds.
    read_back : mapping of int to function
        For each argument that lived outside the request's memory (on a device, say), by its index, the function that
        reads its bytes after the call.
    """

    outcome: Outcome | None = None
    fault: Fault | None = None
    observations: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    read_back: Mapping[int, Callable[[], bytes]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Kept:
    """A result as it was returned; equal to itself alone."""

    array: np.ndarray
    before: bytes


class PreviousResults:
    """The results of earlier calls, as they were returned: they belong to the caller, and must not change.

    The last ones are compared at each call; the first ones are kept to the end and compared now and then, so that a
    write which comes a second later is seen as well.
    """

    def __init__(self) -> None:
        self._last: deque[_Kept] = deque(maxlen=_LAST)
        self._first: list[_Kept] = []
        self._calls = 0
        self._looked = time.monotonic()

    def changed_between(self) -> bool:
        """Whether a result was written to after its call was over; asked before a call, and each is told once."""
        self._calls += 1
        rested = time.monotonic() - self._looked > _REST
        self._looked = time.monotonic()
        return self._changed([*self._last, *(self._first if rested or self._calls % _LAST == 0 else ())])

    def changed_by_call(self) -> bool:
        """Whether the call that is over has written to an earlier result; each is told once."""
        return self._changed(list(self._last))

    def _changed(self, watched: list[_Kept]) -> bool:
        changed = [kept for kept in watched if kept.array.tobytes() != kept.before]
        for kept in changed:
            for held in (self._last, self._first):
                if kept in held:
                    held.remove(kept)
        return bool(changed)

    def watch(self, outcome: Outcome, arguments: Sequence[Raw]) -> None:
        """Watch the results of ``outcome`` from now on."""
        # A result that lies in an argument's memory (a view of the input) changes with the next input.
        inputs = [np.frombuffer(a.data, np.uint8) for a in arguments]
        small = [r for r in outcome.results if isinstance(r, np.ndarray) and 0 < r.nbytes <= _WATCHED_BYTES]
        for r in small:
            if any(np.may_share_memory(r, i) for i in inputs):
                continue
            kept = _Kept(r, r.tobytes())
            self._last.append(kept)
            if len(self._first) < _LAST:
                self._first.append(kept)


def invoke(
    implementation: Implementation,
    request: Request,
    arrays: Sequence[Raw],
    streams: Streams,
    previous: PreviousResults,
) -> Invocation:
    """Call the subject once.

    Parameters
    ----------
    implementation : Implementation
        The subject.
    request : Request
        The operation, its format and its plain options.
    arrays : sequence of Raw
        The arguments to call it with, in the order of `Request.all_arrays`.
    streams : Streams
        Where stdout and stderr are caught; entered by the caller.
    previous : PreviousResults
        The results of this subject's previous call; those of this call take their place.

    Returns
    -------
    Invocation
        The outcome or the fault. Everything that the subject raises becomes a fault.

    Raises
    ------
    KeyboardInterrupt
        If the user presses Ctrl-C during the call.
    """
    if request.operation not in implementation.ops:
        return Invocation(fault=Fault(FaultKind.UNAVAILABLE, f"{implementation.name} has no {request.operation}"))
    count = len(request.arrays)
    keywords = dict(zip(request.keywords, arrays[count:], strict=True))
    poison_heap(sum(len(a.data) for a in arrays))
    late = previous.changed_between()
    outcome, fault, deferred = None, None, ""
    with Watch(streams) as watch:
        start = time.perf_counter()
        try:
            outcome = call(
                implementation,
                request.operation,
                request.format,
                arrays[:count],
                keywords,
                dict(request.options),
                kind=request.kind,
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a subject may raise anything; it is reported, never lost)
            fault = fault_of(error)
            deferred = error.deferred if isinstance(error, NotAnArrayError) else ""
        seconds = time.perf_counter() - start
    observations = watch.observations
    if outcome is not None:
        if late or previous.changed_by_call():
            when = AFTERWARDS if late else "by this call"
            text = f"an array that an earlier call returned was written to {when}"
            observations = (*observations, (OVERWRITTEN, text))
        if outcome.subclasses:
            text = f"returned {', '.join(outcome.subclasses)}, a subclass of the library's array"
            observations = (*observations, ("result type", safe_text(text)))
        deferred = "; ".join(outcome.deferred)
        previous.watch(outcome, arrays)
    if deferred:
        observations = (*observations, (LAZY, safe_text(deferred)))
    return Invocation(
        outcome=outcome,
        fault=fault,
        observations=observations,
        seconds=seconds,
        read_back=outcome.read_back if outcome else {},
    )


def fault_of(error: BaseException) -> Fault:
    """The fault that an exception stands for."""
    text = describe(error)
    if isinstance(error, UnsupportedError | UnavailableError):
        return Fault(FaultKind.UNAVAILABLE, safe_text(error))
    if isinstance(error, DeclinedError):
        message = f"the subject itself raised an error of the adapters, for an input that it claims: {safe_text(error)}"
        return Fault(FaultKind.DECLINED, message, _trace(error))
    if isinstance(error, NotAnArrayError):
        return Fault(FaultKind.RESULT, safe_text(error))
    if isinstance(error, SystemExit):
        return Fault(FaultKind.EXIT, f"the subject called sys.exit({error.code!r})", _trace(error))
    if isinstance(error, MemoryError) or any(mark in text for mark in _NO_MEMORY):
        return Fault(FaultKind.MEMORY, text, _trace(error))
    return Fault(FaultKind.EXCEPTION, text, _trace(error))


def describe(error: BaseException) -> str:
    """Type and message of an exception, also of one whose own text raises."""
    message, name = safe_text(error), safe_text(type(error).__name__)
    return f"{name}: {message}"[:TEXT_LIMIT] if message else name


OUR_FOLDERS = tuple(str(Path(module).parent) for module in (__file__, str(call.__code__.co_filename)))


def _trace(error: BaseException) -> str:
    """The traceback from the subject's first frame on: the same in every executor."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OUR_FOLDERS):
        trace = trace.tb_next
    lines = traceback.format_list(traceback.extract_tb(trace, limit=-12)) if trace else []
    return safe_text("".join(lines)[-TEXT_LIMIT:])


def poison_heap(nbytes: int) -> None:
    """Leave NaN patterns in memory that the subject's next allocations are likely to get.

    0xff bytes are a NaN in each of our formats. A result that is not written to the end, or read from an earlier
    call, then shows as NaN instead of as plausible numbers.
    """
    scratch = np.empty(max(nbytes, 64), np.uint8)
    scratch.fill(0xFF)


def private(data: object) -> np.ndarray:
    """A writeable copy of a buffer, aligned to a page as in the shared memory of the isolated worker."""
    source = np.frombuffer(data, np.uint8)  # type: ignore[call-overload]
    room = np.empty(source.size + PAGE, np.uint8)
    start = -int(room.__array_interface__["data"][0]) % PAGE
    buffer: np.ndarray = room[start : start + source.size]
    buffer[:] = source
    return buffer
