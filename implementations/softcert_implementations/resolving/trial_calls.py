"""Trial calls: small arrays tell the array library, the axis keyword, the formats, and whether rows go one by one.

The arrays are 2 x 3 and harmless. Shapes and types of the results are looked at; their values only to choose the axis
of a function that does not say what it takes, and where none is right the shape decides: so a trial cannot excuse a
wrong function. Trials run where the subject runs: under isolation, in its own process.

The process that is judged makes none of them: its first call is a judged one. So the answers of the trials are handed
on (`answers`), and the subject is resolved from them as it was where the trials were made.
"""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_implementations.adapters import UnavailableError, View, adapter
from softcert_implementations.adapters.base import numpy_dtype
from softcert_implementations.adapters.calling import call
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving import telling_values
from softcert_implementations.resolving.signatures import axis_keywords, labels_first
from softcert_implementations.resolving.wrappers import AdaptedFunction
from softcert_oracle import operations

_X = ((0.5, -1.0, 2.0), (1.0, 0.0, -0.25))  # exact in every format down to float8
_LABELS = (2, 0)
_SHAPES = {"(m, C)": (2, 3), "(m,)": (2,), "()": ()}


@dataclass(frozen=True)
class TrialCall:
    """How a trial call went: the shape of the first result, or what was raised, in one line; and a rough look at it."""

    shape: tuple[int, ...] | None
    error: str = ""
    right: bool = False

    @property
    def ran(self) -> bool:
        """Whether arrays came back."""
        return self.shape is not None


Key = tuple[str, str, str, bool, str | None, bool]
"""Operation, format, array library, whether a batch was given, axis keyword, whether the labels stand first."""


class Answers:
    """The answers of trial calls: those that are known, and all that were used.

    Attributes
    ----------
    used
        Plain data for another process: for each trial its key, the shape of the result, the error, and whether the
        values were right.
    """

    def __init__(self, known: Iterable[Sequence[Any]] = ()) -> None:
        self.used: list[list[Any]] = []
        self._known: dict[Key, list[TrialCall]] = {}
        for operation, format, arrays, batched, axis, swapped, shape, error, right in known:
            trial = TrialCall(None if shape is None else tuple(shape), error, right)
            self._known.setdefault((operation, format, arrays, batched, axis, swapped), []).append(trial)

    def of(self, key: Key) -> TrialCall | None:
        """The known answer of a trial, in the order of the trials; None where there is none."""
        kept = self._known.get(key)
        return None if kept is None else kept.pop(0) if len(kept) > 1 else kept[0]

    def record(self, key: Key, trial: TrialCall) -> None:
        """Keep an answer for another process."""
        self.used.append([*key, None if trial.shape is None else list(trial.shape), trial.error, trial.right])


_ANSWERS: ContextVar[Answers | None] = ContextVar("answers", default=None)


@contextlib.contextmanager
def answers(known: Iterable[Sequence[Any]] = ()) -> Iterator[Answers]:
    """Answer trial calls from what is known, and keep all answers.

    Parameters
    ----------
    known
        The ``used`` of the answers of an earlier process. A trial that is not among them is made.
    """
    kept = Answers(known)
    token = _ANSWERS.set(kept)
    try:
        yield kept
    finally:
        _ANSWERS.reset(token)


def attempt(implementation: Implementation, operation: str, format: str) -> TrialCall:
    """One call on the trial arrays, as a batch or row by row, as ``batched`` says.

    Parameters
    ----------
    implementation
        The subject; if its ``batched`` is None, it is called with a batch.
    operation, format
        Their names; the logits have this format, labels the first of the ``label_dtypes`` in the contract.
    """
    function, kept = implementation.ops[operation], _ANSWERS.get()
    adapted = (function.axis, function.labels_first) if isinstance(function, AdaptedFunction) else (None, False)
    key = (operation, format, implementation.arrays, implementation.batched is not False, *adapted)
    trial = kept.of(key) if kept is not None else None
    if trial is None:
        trial = _made(implementation, operation, format)
    if kept is not None:
        kept.record(key, trial)
    return trial


def _made(implementation: Implementation, operation: str, format: str) -> TrialCall:
    x = np.array(_X).astype(numpy_dtype(format))
    arguments = [View.of(x)]
    if operations.OPERATIONS[operation].takes_labels:
        label_type = implementation.contract.terms(operation, format).label_dtypes[0]
        arguments.append(View.of(np.array(_LABELS, label_type)))
    if operations.OPERATIONS[operation].takes_vectors:
        arguments.append(View.of(x))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            first = call(implementation, operation, format, arguments).results[0]
            return TrialCall(first.shape, right=telling_values.agrees(first, operation, _X))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a subject may raise anything, SystemExit included)
            return TrialCall(None, error_line(error))


def attempt_batch(implementation: Implementation, operation: str, format: str) -> TrialCall:
    """One call on a batch of two rows, whatever ``batched`` says."""
    return attempt(dataclasses.replace(implementation, batched=True), operation, format)


def attempt_rows(implementation: Implementation, operation: str, format: str) -> TrialCall:
    """A call on each of the two rows, as a function of one row takes them, whatever ``batched`` says."""
    return attempt(dataclasses.replace(implementation, batched=False), operation, format)


def fits(trial: TrialCall, implementation: Implementation, operation: str, format: str) -> bool:
    """Whether a trial ran and gave the shape that the operation's result has on the trial arrays."""
    reduction = implementation.contract.terms(operation, format).reduction
    per_row = operation == "cross_entropy" and reduction == "none"
    shape = (2,) if per_row else _SHAPES.get(operations.OPERATIONS[operation].result)
    return trial.ran and trial.shape == shape


def adapted(implementation: Implementation, operation: str, format: str) -> Implementation:
    """The implementation with the arguments of one operation adapted: its axis keyword, and the order of a loss's.

    Parameters
    ----------
    implementation
        The subject with the function as the user wrote it.
    operation
        The operation whose function is adapted.
    format
        The format of the trial calls.

    Returns
    -------
    Implementation
        With the first of `axis_keywords` with which a trial call gives the operation's values over the last axis, or
        else its shape; on a batch, or else row by row. If none does: with the first with which a trial call runs, or
        else with the very first.
    """
    function = implementation.ops[operation]
    swap = labels_first(function)
    candidates = [
        dataclasses.replace(implementation, ops={**implementation.ops, operation: _wrapped(function, axis, swap)})
        for axis in axis_keywords(function)
    ]
    if len(candidates) == 1:
        return candidates[0]
    first_to_run = None
    for try_it in (attempt_batch, attempt_rows):
        first_to_fit = None
        for candidate in candidates:
            trial = try_it(candidate, operation, format)
            if fits(trial, candidate, operation, format):
                if trial.right:
                    return candidate
                first_to_fit = first_to_fit or candidate
            if trial.ran and first_to_run is None:
                first_to_run = candidate
        if first_to_fit is not None:
            return first_to_fit
    return first_to_run or candidates[0]


def _wrapped(function: Callable[..., Any], axis: str | None, swap: bool) -> Callable[..., Any]:
    return function if axis is None and not swap else AdaptedFunction(function, axis, swap)


def one_row_only(implementation: Implementation, format: str) -> bool:
    """Whether every operation takes single rows and none takes a batch, by the shapes of the results."""
    for operation in implementation.ops:
        batch = attempt_batch(implementation, operation, format)
        if fits(batch, implementation, operation, format):
            return False
        rows = attempt_rows(implementation, operation, format)
        stacked = (2, 3) if "C" in operations.OPERATIONS[operation].result else (2,)
        if rows.shape != stacked or batch.shape == stacked:
            return False
    return True


def working_formats(implementation: Implementation, candidates: tuple[str, ...]) -> tuple[tuple[str, ...], list[str]]:
    """Those formats in which some operation runs, with a sentence for each that is left out; all where none runs."""
    working, notes = [], []
    for format in candidates:
        trials = [attempt(implementation, operation, format) for operation in implementation.ops]
        if any(trial.ran for trial in trials):
            working.append(format)
        else:
            notes.append(f"format {format} is left out: {trials[0].error}")
    return (tuple(working), notes) if working else (candidates, [])


def error_line(error: BaseException | None) -> str:
    """The type of an exception and the first line of its text, also of one whose own text raises."""
    text = ""
    with contextlib.suppress(Exception):
        text = str(error).strip().split("\n")[0][:200]
    return f"{type(error).__name__}: {text}"


def library_of(build: Callable[[str], Implementation], hints: Mapping[str, str], format: str) -> tuple[str, str]:
    """The array library of a subject: the candidate in which most of its operations run.

    Parameters
    ----------
    build
        Gives the implementation as it would be in a library.
    hints
        The reason for each candidate, best first. Without hints NumPy is tried first, then what is loaded: code for
        NumPy often runs on tensors by accident, code for tensors hardly ever on NumPy arrays.
    format
        The format of the trial calls.

    Returns
    -------
    tuple
        The name of the library, and the reason as a clause.
    """
    candidates = list(dict.fromkeys([*(["numpy"] if "numpy" in hints or not hints else []), *hints]))
    if not hints:
        candidates += [name for name in ("torch", "jax") if name in sys.modules]
    best, most = candidates[0], 0
    for name in candidates:
        try:
            adapter(name).check()
        except UnavailableError:
            continue
        subject = build(name)
        count = sum(_runs(subject, operation, format) for operation in subject.ops)
        if count > most:
            best, most = name, count
    if not most:
        return best, f"{hints.get(best, 'the default')}; no trial call succeeded"
    return best, hints.get(best, "a trial call succeeded")


def _runs(subject: Implementation, operation: str, format: str) -> bool:
    """Whether it takes a batch, or else a single row: code for batches is never called on one without need."""
    return attempt_batch(subject, operation, format).ran or attempt_rows(subject, operation, format).ran
