"""One request performed on an implementation in this process: the outcome, or the fault that came in its place.

The in-process executor and the isolated worker both call `perform`, so that the same subject gives the same
reply in either.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import numpy as np

from softcert.executors.protocol import Fault, Request
from softcert.executors.worker.side_effects import TEXT_LIMIT, Streams, Watch
from softcert_implementations.adapters import NotAnArrayError, Raw, UnavailableError, UnsupportedError
from softcert_implementations.adapters.calling import Outcome, call
from softcert_implementations.implementation import Implementation

_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "RESOURCE_EXHAUSTED", "bad_alloc")


@dataclass(frozen=True, eq=False)
class Performed:
    """What `perform` gives: results or a fault, observations, the call's own seconds."""

    outcome: Outcome | None
    fault: Fault | None
    observations: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    read_back: Mapping[int, Callable[[], bytes]] = field(default_factory=dict)


def perform(implementation: Implementation, request: Request, arrays: Sequence[Raw], streams: Streams) -> Performed:
    """Call the subject on ``arrays`` (positional ones first, then the keywords in their order).

    Everything that the subject raises becomes a fault, but for KeyboardInterrupt, which is the user's.
    """
    if request.operation not in implementation.ops:
        return Performed(None, Fault("unsupported", f"{implementation.name} has no {request.operation}"))
    count = len(request.arrays)
    keywords = dict(zip(request.keywords, arrays[count:], strict=True))
    poison_heap(sum(len(a.data) for a in arrays))
    outcome, fault = None, None
    with Watch(streams) as watch:
        start = time.perf_counter()
        try:
            outcome = call(
                implementation, request.operation, request.format, arrays[:count], keywords, dict(request.options)
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a subject may raise anything; it is reported, never lost)
            fault = fault_of(error)
        seconds = time.perf_counter() - start
    seen = watch.observations
    if outcome is not None and _LAST.overwritten_by(implementation, outcome, arrays):
        seen = (*seen, (OVERWRITTEN, "the array that the call before returned was written to by this call"))
    return Performed(outcome, fault, seen, seconds, outcome.read_back if outcome else {})


OVERWRITTEN = "result overwritten"
"""The observation that a subject hands out one buffer again and again."""

_WATCHED = 1 << 16  # bytes of a result that is watched: what reuses a buffer does so for small ones too


class _Last:
    """The results of the call before, as they were returned: they belong to the caller, and must stay as they are."""

    def __init__(self) -> None:
        self._of: object = None
        self._results: list[tuple[np.ndarray, bytes]] = []

    def overwritten_by(self, implementation: Implementation, outcome: Outcome, arrays: Sequence[Raw]) -> bool:
        """Whether the results before have changed; from now on those of ``outcome`` are watched."""
        same = self._of is implementation
        changed = same and any(array.tobytes() != was for array, was in self._results)
        # A result that lies in an argument's memory (a view of the input) changes with the next input.
        inputs = [np.frombuffer(a.data, np.uint8) for a in arrays]
        kept = [r for r in outcome.results if isinstance(r, np.ndarray) and 0 < r.nbytes <= _WATCHED]
        kept = [r for r in kept if not any(np.may_share_memory(r, i) for i in inputs)]
        self._of, self._results = implementation, [(r, r.tobytes()) for r in kept]
        return changed


_LAST = _Last()


def fault_of(error: BaseException) -> Fault:
    """The fault that an exception stands for."""
    if isinstance(error, UnsupportedError):
        return Fault("unsupported", str(error))
    if isinstance(error, UnavailableError):
        return Fault("unavailable", str(error))
    if isinstance(error, NotAnArrayError):
        return Fault("result", str(error))
    text = describe(error)
    if isinstance(error, SystemExit):
        return Fault("exit", f"the subject called sys.exit({error.code!r})", _trace(error))
    if isinstance(error, MemoryError) or any(mark in text for mark in _NO_MEMORY):
        return Fault("memory", text, _trace(error))
    return Fault("exception", text, _trace(error))


def describe(error: BaseException) -> str:
    """Type and message of an exception, also of one whose own text raises."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 (the subject's __str__ may raise anything)
        message = "(its text cannot be shown)"
    return f"{type(error).__name__}: {message}"[:TEXT_LIMIT] if message else type(error).__name__


OUR_FOLDERS = tuple(str(Path(module).parent) for module in (__file__, str(call.__code__.co_filename)))


def _trace(error: BaseException) -> str:
    """The traceback from the subject's first frame on: the same in every executor."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OUR_FOLDERS):
        trace = trace.tb_next
    lines = traceback.format_list(traceback.extract_tb(trace, limit=-12)) if trace else []
    return "".join(lines)[-TEXT_LIMIT:]


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


PAGE = 4096
