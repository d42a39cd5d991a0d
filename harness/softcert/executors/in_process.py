"""The executor without isolation: the subject is called in this very process.

Fast and easy to debug, and the twin of the isolated one: the same arguments at the same alignment, the same
watching, the same faults, except for what no process survives (a crash, a hang, os._exit). While a call runs,
stdout and stderr of the whole process are led away: show no live progress beside it.
"""

from __future__ import annotations

from types import TracebackType

import numpy as np

from softcert.executors.protocol import Array, Reply, Request
from softcert.executors.worker.invoke import perform, private
from softcert.executors.worker.side_effects import Streams
from softcert_implementations.adapters import View
from softcert_implementations.implementation import Implementation


class InProcessExecutor:
    """Runs an implementation's calls here. ``deaths`` and ``given_up`` are those of the isolated one, and stay 0."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self.deaths = 0
        self.given_up = False
        self._streams: Streams | None = Streams()

    def run(self, request: Request) -> Reply:
        """Run one call; whatever the subject raises, a Reply comes back."""
        if self._streams is None:
            raise ValueError("this executor is closed")
        sources = (*request.arrays, *request.keywords.values())
        buffers = [private(a.data) for a in sources]
        views = [
            View(b.data, a.format, a.shape, a.strides, a.offset, a.writeable)
            for a, b in zip(sources, buffers, strict=True)
        ]
        with self._streams:
            done = perform(self.implementation, request, views, self._streams)
        after = {}
        for i, (source, buffer) in enumerate(zip(sources, buffers, strict=True)):
            now = np.frombuffer(done.read_back[i](), np.uint8) if i in done.read_back else buffer
            if differs(np.frombuffer(source.data, np.uint8), now):
                after[i] = now.tobytes()
        if done.outcome is None:
            return Reply(None, done.fault, after, done.observations, done.seconds)
        results = tuple(Array.of(r, format=f) for r, f in zip(done.outcome.results, done.outcome.formats, strict=True))
        return Reply(results, None, after, done.observations, done.seconds)

    def close(self) -> None:
        """Release the capture files."""
        if self._streams is not None:
            self._streams.close()
            self._streams = None

    def __enter__(self) -> InProcessExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def differs(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether two buffers of bytes differ; eight bytes at a time where their length allows."""
    if before.size != after.size:
        return True
    whole = before.size & ~7
    a, b = before[:whole].view(np.uint64), after[:whole].view(np.uint64)
    return not np.array_equal(a, b) or not np.array_equal(before[whole:], after[whole:])
