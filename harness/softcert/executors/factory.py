"""Describing subjects and opening their executors: chooses the kind of executor that a subject gets.

An implementation that was described in a worker holds stand-ins (`Remote`) in place of its functions. They know the
source that the worker was given, and keep that executor for `open_executor`: what the trial calls have found is known
to it, but the worker that made them has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from softcert.executors import worker
from softcert.executors.nursery import Nursery
from softcert.executors.process import ProcessExecutor
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_oracle.errors import UsageError, unknown

if TYPE_CHECKING:
    from softcert.executors.in_process import InProcessExecutor
    from softcert.executors.programs.program import ProgramExecutor

ISOLATIONS = ("process", "none")


class Source:
    """The target that a worker was given to load, and that worker's executor until `open_executor` takes it."""

    def __init__(self, target: object, keywords: Mapping[str, Any]) -> None:
        self.target, self.keywords = target, dict(keywords)
        self.waiting: ProcessExecutor | None = None


@dataclass(frozen=True)
class Remote:
    """Stands for a function that lives in a worker or a program, and cannot be called here."""

    source: Source
    operation: str
    home: str = ""  # module:name in the worker, where the function can be imported again
    digest: str = ""  # of its source, as the worker has read it

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Raise `UsageError`."""
        raise UsageError(
            f"{self.operation} of {self.source.target!r} runs in a process of its own: call it through an executor."
        )


def describe(
    subject: object, *, isolation: str = "process", nursery: Nursery | None = None, **keywords: Any
) -> Implementation:
    """Resolve a subject where it may run: in a worker, unless there is no isolation.

    Parameters
    ----------
    subject : object
        A SPEC string, a callable, an `Implementation`, or anything else that
        `softcert_implementations.resolving.resolve.resolve` takes; also the result of an earlier `describe`.
    isolation : {"process", "none"}, default "process"
        "process" resolves the subject in a worker, so that the harness never imports the user's code; the functions
        of the result stand for the worker's.
    nursery : Nursery, optional
        What forks the subject's zygote, where many subjects are described and run one after the other.
    **keywords
        Those of ``resolve``: op, dtypes, arrays, contract, ops, batched, name. None counts as not given.

    Returns
    -------
    Implementation
        The subject with everything that was inferred about it; `open_executor` takes it.

    Raises
    ------
    UsageError
        If the isolation is unknown, or the subject cannot be resolved or carried into a worker.
    LoadError
        From `softcert.executors.process`, if loading the subject crashes, hangs or raises.

    Examples
    --------
    >>> subject = describe("numpy_shifted", dtypes="float32")
    >>> subject.name, subject.dtypes
    ('numpy_shifted', ('float32',))
    """
    _check(isolation)
    _refuse_in_worker("describe")
    keywords = {k: v for k, v in keywords.items() if v is not None}
    if "contract" in keywords:  # a path is read here, where the user stands
        from softcert_implementations.resolving.resolve import contract_of

        keywords["contract"] = Contract(dict(contract_of(keywords["contract"]).given))
    if isinstance(subject, str) and subject.startswith("exec:"):
        return _program(subject, keywords)
    remote = _remote(subject)
    if remote is not None:  # described before: the same source, with what was added
        if not keywords and isolation == "process":
            return cast(Implementation, subject)
        subject, keywords = remote.source.target, {**remote.source.keywords, **keywords}
        if isinstance(subject, str) and subject.startswith("exec:"):
            return _program(subject, keywords)
    if isolation == "none":
        return _resolved_here(subject, keywords)
    source = Source(subject, keywords)
    executor = ProcessExecutor(subject, keywords, nursery=nursery)
    try:
        found = executor.description
    except BaseException:
        executor.close()
        raise
    source.waiting = executor
    same = ("name", "arrays", "batched", "contract", "description", "spec")
    return Implementation(
        **{k: found[k] for k in same},
        ops={o: Remote(source, o, found["homes"][o], found["digests"][o]) for o in found["ops"]},
        dtypes=tuple(found["dtypes"]),
        inferred=tuple(found["inferred"]),
    )


def _remote(subject: object) -> Remote | None:
    if not isinstance(subject, Implementation):
        return None
    return next((f for f in subject.ops.values() if isinstance(f, Remote)), None)


def _resolved_here(subject: object, keywords: Mapping[str, Any]) -> Implementation:
    """Resolve a subject in this process; the modules for it are loaded here, since a worker does it otherwise."""
    from softcert.executors.worker.interpreter_state import InterpreterState
    from softcert_implementations.resolving.resolve import resolve

    with InterpreterState.kept():
        return resolve(subject, **keywords)


def _program(spec: str, keywords: Mapping[str, Any]) -> Implementation:
    from softcert.executors.programs.description import describe_program
    from softcert_implementations.resolving.resolve import formats_of, operations_of

    source = Source(spec, keywords)
    asked = operations_of(keywords.get("op") or keywords.get("ops"))
    return describe_program(
        spec,
        asked,
        formats_of(keywords.get("dtypes")),
        keywords.get("contract", Contract()),
        keywords.get("name"),
        lambda operation: Remote(source, operation),
    )


def open_executor(
    implementation: Implementation, isolation: str = "process", **limits: Any
) -> InProcessExecutor | ProcessExecutor | ProgramExecutor:
    """Open the executor of a subject.

    Parameters
    ----------
    implementation : Implementation
        The subject, from `describe` or made by hand.
    isolation : {"process", "none"}, default "process"
        Where its calls run. A program (``exec:``) always runs in its own process.
    **limits
        Limits of the isolated executors: ``timeout`` and ``start_timeout`` (seconds), ``memory_limit`` (bytes),
        ``deaths_limit`` (calls in a row), ``start`` (see `softcert.executors.process.ProcessExecutor`).

    Returns
    -------
    InProcessExecutor, ProcessExecutor or ProgramExecutor
        Use it as a context manager. Its first call is that of a worker which has made no trial calls.

    Raises
    ------
    UsageError
        If the isolation is unknown, or the subject cannot be carried into a worker.
    """
    _check(isolation)
    _refuse_in_worker("open_executor")
    remote = _remote(implementation)
    if remote is not None and str(remote.source.target).startswith("exec:"):
        return _opened_program(implementation, str(remote.source.target), limits)
    if isolation == "none":
        if remote is not None:
            implementation = _resolved_here(remote.source.target, remote.source.keywords)
        from softcert.executors.in_process import InProcessExecutor

        return InProcessExecutor(implementation)
    if remote is None:
        return ProcessExecutor(implementation, **limits)
    waiting, remote.source.waiting = remote.source.waiting, None
    if waiting is None or waiting.closed or limits:
        own = ProcessExecutor(remote.source.target, remote.source.keywords, **limits)
        if waiting is not None:
            own.knowing(waiting)
            waiting.close()
        return own
    return waiting


def hand_over(implementation: Implementation) -> None:
    """Leave the waiting executor of a described subject to a fork of this process.

    After it, `open_executor` in this process or in another fork starts processes of its own, without trial calls.
    """
    remote = _remote(implementation)
    if remote is not None and remote.source.waiting is not None:
        remote.source.waiting.hand_over()


def await_end(implementation: Implementation) -> None:
    """Wait until the processes that were handed over have ended."""
    remote = _remote(implementation)
    if remote is not None and remote.source.waiting is not None and remote.source.waiting.closed:
        remote.source.waiting.close()


def _opened_program(implementation: Implementation, spec: str, limits: Mapping[str, Any]) -> ProgramExecutor:
    from softcert.executors.programs.description import command_of
    from softcert.executors.programs.program import ProgramExecutor

    pairs = [(o, f) for o in implementation.ops for f in implementation.dtypes]
    terms = {pair: implementation.contract.terms(*pair) for pair in pairs}
    accepted = {k: v for k, v in limits.items() if k in ("timeout", "memory_limit", "deaths_limit")}
    return ProgramExecutor(command_of(spec), terms, **accepted)


def _refuse_in_worker(what: str) -> None:
    """Inside a worker no other one is started: its subject's file would start it again, and so on without end."""
    if worker.inside():
        raise UsageError(
            f"{what} was called inside a worker, which imports the file that defines its subject. "
            "Call it in a function, or under if __name__ == '__main__'."
        )


def _check(isolation: str) -> None:
    if isolation not in ISOLATIONS:
        raise unknown("isolation", isolation, ISOLATIONS)
