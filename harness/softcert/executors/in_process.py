"""The executor without isolation: the subject is called in this very process.

It is fast and easy to debug, and the twin of the isolated executor: arguments have the same alignment, the same side
effects are observed and the same faults reported, except for those that no process survives (a crash, a hang,
os._exit). A call leads stdout and stderr of the whole process away: show no live progress beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType

import numpy as np

from softcert.executors.protocol import Array, Fault, FaultKind, Reply, Request, changed_buffers
from softcert.executors.worker.interpreter_state import InterpreterState
from softcert.executors.worker.invoke import PreviousResults, invoke, private
from softcert.executors.worker.side_effects import Streams
from softcert.executors.worker.subject_watch import SubjectWatch
from softcert_implementations.adapters import View
from softcert_implementations.adapters.calling import inexpressible
from softcert_implementations.implementation import Implementation


class InProcessExecutor:
    """Runs an implementation's calls in this process; a subject that ends its process ends the harness too.

    ``deaths`` stays 0 and ``given_up`` False, since this executor survives no death.
    """

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self._streams: Streams | None = Streams()
        self._previous = PreviousResults()
        self._state: InterpreterState | None = None  # the subject's own, from the end of its previous call
        self._watch = SubjectWatch()
        self._watch.loaded(implementation)

    @property
    def deaths(self) -> int:
        """Always 0."""
        return 0

    @property
    def given_up(self) -> bool:
        """Always False."""
        return False

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the subject raises, a Reply comes back. `ValueError` after `close`."""
        if self._streams is None:
            raise ValueError("this executor is closed")
        subject = self.implementation
        by_rows = subject.batched is False
        if reason := inexpressible(subject.arrays, by_rows, request.arrays, request.keywords):
            return Reply(fault=Fault(FaultKind.UNSUPPORTED, reason))
        arrays = request.all_arrays()
        buffers = [private(a.data) for a in arrays]
        views = [
            View(
                data=b.data,
                format=a.format,
                shape=a.shape,
                strides=a.strides,
                offset=a.offset,
                writeable=a.writeable,
            )
            for a, b in zip(arrays, buffers, strict=True)
        ]
        with InterpreterState.kept():
            if self._state is not None:
                self._state.put()
            with self._streams:
                done = self._watch.add(invoke(self.implementation, request, views, self._streams, self._previous))
            self._state = InterpreterState.take()
        now = (
            np.frombuffer(done.read_back[i](), np.uint8) if i in done.read_back else buffer
            for i, buffer in enumerate(buffers)
        )
        results = None
        if done.outcome is not None:
            pairs = zip(done.outcome.results, done.outcome.formats, strict=True)
            results = tuple(Array.of(values, format=format) for values, format in pairs)
        return Reply(
            results=results,
            fault=done.fault,
            after=changed_buffers(request, now),
            observations=done.observations,
            seconds=done.seconds,
        )

    def renew(self) -> None:
        """Do nothing: there is no other process than this one."""

    def run_all(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Run calls one after the other, each when its reply is asked for."""
        return map(self.run, requests)

    def close(self) -> None:
        """Release the capture files and the results that are watched; may be called twice."""
        if self._streams is not None:
            self._streams.close()
            self._streams = None
            self._previous = PreviousResults()

    def __enter__(self) -> InProcessExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
