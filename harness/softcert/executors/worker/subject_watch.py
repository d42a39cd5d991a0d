"""What is told of a subject beside its calls: what its code names, what loading it reached for, what it replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from softcert.executors.worker.audit import Audit
from softcert.executors.worker.invoke import Invocation
from softcert.executors.worker.lasting import Lasting, unknown_threads
from softcert.executors.worker.names_in_code import names_in_code
from softcert.executors.worker.replaced import Originals
from softcert_implementations.implementation import Implementation

_LIMIT = 20  # observations of loading: a harness takes no more than 64 with one reply


class SubjectWatch:
    """Watches one subject; made before the subject is loaded.

    Attributes
    ----------
    loading
        A context manager for the time in which the subject is loaded.
    """

    def __init__(self) -> None:
        self.loading = Audit()
        self._lasting = Lasting()
        self._originals = Originals()
        self._threads = unknown_threads()
        self._told_of_threads = False
        self._pending: list[tuple[str, str]] = []

    def loaded(self, subject: Implementation, texts: Sequence[tuple[str, str]] = ()) -> None:
        """Look at the subject that was loaded, and at the text that it wrote; the first call tells of it."""
        named = names_in_code(subject.ops.values(), subject.arrays)
        homes = tuple(str(getattr(f, "__module__", "")) for f in subject.ops.values())
        heard = [
            (kind, text)
            for kind, text in self.loading.observations
            if text != subject.arrays and not any(h == text or h.startswith(f"{text}.") for h in homes)
        ]
        told = list(dict.fromkeys([*texts, *heard, *self._lasting.observations(), *named]))
        self._pending = told[:_LIMIT]

    def add(self, done: Invocation) -> Invocation:
        """A call with what is to be told beside its own observations."""
        told, self._pending = self._pending, []
        if self._originals.due():
            told += self._originals.observations()
        if not self._told_of_threads and unknown_threads() > self._threads:
            self._told_of_threads = True
            told.append(("thread", "a thread that the threading module does not know was left running"))
        return replace(done, observations=(*told, *done.observations)) if told else done
