"""Trial calls: small arrays tell the array library, the form of the calls, the formats, and whether rows go one by one.

The arrays are harmless, 2 x 3 unless the contract forbids that. Shapes and types of the results are looked at, and
their values only to choose among forms (`choose_form`): a trial cannot excuse a wrong function. Trials run where the
subject runs: under isolation, in its own process.

The process that is judged makes none of them: its first call is a judged one. So the answers of the trials are handed
on (`answers`), and the subject is resolved from them as it was where the trials were made.
"""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert_implementations.adapters import View
from softcert_implementations.adapters.base import numpy_dtype
from softcert_implementations.adapters.calling import call
from softcert_implementations.call_form import CallForm
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.trials import telling_values
from softcert_implementations.resolving.wrappers import AdaptedFunction
from softcert_oracle import operations

_X = ((0.5, -1.0, 2.0), (1.0, 0.0, -0.25))  # exact in every format down to float8
_FURTHER = -1.0  # what further classes have, for a subject that takes no three
_LABELS = (2, 0)
_FEATURES = ((0.5, -0.25, 1.0, 0.0), (-0.5, 0.75, 0.25, 1.0))
_WEIGHTS = ((0.5, 1.0, -0.5, 0.25), (-1.0, 0.25, 0.5, 0.0), (0.75, -0.5, 1.0, -0.25))  # no feature count is 2 or 3
_BIAS = (0.25, -0.5, 0.125)


@dataclass(frozen=True, kw_only=True)
class TrialCall:
    """How a trial call went.

    Parameters
    ----------
    shape
        The shape of the first result; None where none came back.
    error
        What was raised, in one line.
    reading
        What its values can be read as (`softcert_implementations.resolving.trials.telling_values`).
    parts
        The names of the parts of what came back, where that was a tuple, a list or a mapping and no array.
    """

    shape: tuple[int, ...] | None = None
    error: str = ""
    reading: str = telling_values.UNKNOWN
    parts: tuple[str, ...] = ()

    @property
    def ran(self) -> bool:
        """Whether arrays came back."""
        return self.shape is not None

    @property
    def right(self) -> bool:
        """Whether the values are the operation's: of the batch, or of each of its rows."""
        return self.reading in (telling_values.RIGHT, telling_values.ROWS)


Key = tuple[str, str, str, bool, str | None, str]
"""Operation, format, array library, whether a batch was given, axis keyword, form of the call."""

ENTRY = 10
"""The parts of an answer as plain data: its key, the shape of the result, error, reading and the names of parts."""


class Answers:
    """The answers of trial calls: those that are known, and all that were used.

    Attributes
    ----------
    used
        Plain data for another process, `ENTRY` parts for each trial.
    """

    def __init__(self, known: Iterable[Sequence[Any]] = ()) -> None:
        self.used: list[list[Any]] = []
        self._known: dict[Key, list[TrialCall]] = {}
        for operation, format, arrays, batched, axis, form, shape, error, reading, parts in known:
            trial = TrialCall(
                shape=None if shape is None else tuple(shape), error=error, reading=reading, parts=tuple(parts)
            )
            self._known.setdefault((operation, format, arrays, batched, axis, form), []).append(trial)

    def of(self, key: Key) -> TrialCall | None:
        """The known answer of a trial, in the order of the trials; None where there is none."""
        kept = self._known.get(key)
        return None if kept is None else kept.pop(0) if len(kept) > 1 else kept[0]

    def record(self, key: Key, trial: TrialCall) -> None:
        """Keep an answer for another process."""
        shape = None if trial.shape is None else list(trial.shape)
        self.used.append([*key, shape, trial.error, trial.reading, list(trial.parts)])


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
    axis = function.axis if isinstance(function, AdaptedFunction) else None
    form = CallForm.parsed(implementation.contract.value("call", operation, format)).text
    key = (operation, format, implementation.arrays, implementation.batched is not False, axis, form)
    trial = kept.of(key) if kept is not None else None
    if trial is None:
        trial = _made(implementation, operation, format)
    if kept is not None:
        kept.record(key, trial)
    return trial


def _made(implementation: Implementation, operation: str, format: str) -> TrialCall:
    given = arguments(implementation, operation, format)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            first = call(implementation, operation, format, [View.of(a) for a in given]).results[0]
            return TrialCall(shape=first.shape, reading=telling_values.reading(first, operation, given))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a subject may raise anything, SystemExit included)
            return TrialCall(error=error_line(error), parts=getattr(error, "parts", ()))


def arguments(implementation: Implementation, operation: str, format: str) -> list[np.ndarray]:
    """The arguments of a trial: two rows of as many classes as the contract allows, three where it does."""
    terms, dtype = implementation.contract.terms(operation, format), numpy_dtype(format)
    step = terms.classes_multiple_of
    classes = max(3, -(-max(3, terms.min_classes) // step) * step)
    if terms.max_classes is not None and classes > terms.max_classes:
        classes = 3
    further = ((0, 0), (0, classes - 3))
    weights = np.pad(np.array(_WEIGHTS), further[::-1])
    values = {
        "x": np.pad(np.array(_X), further, constant_values=_FURTHER),
        "X": np.array(_FEATURES),
        "W": weights,
        "b": np.pad(np.array(_BIAS), further[1], constant_values=_FURTHER),
    }
    values["upstream"] = values["x"]
    return [
        np.array(_LABELS, terms.label_dtypes[0]) if a.kind == "labels" else values[a.name].astype(dtype)
        for a in operations.OPERATIONS[operation].arguments
    ]


def attempt_batch(implementation: Implementation, operation: str, format: str) -> TrialCall:
    """One call on a batch of two rows, whatever ``batched`` says."""
    return attempt(dataclasses.replace(implementation, batched=True), operation, format)


def attempt_rows(implementation: Implementation, operation: str, format: str) -> TrialCall:
    """A call on each of the two rows, as a function of one row takes them, whatever ``batched`` says."""
    return attempt(dataclasses.replace(implementation, batched=False), operation, format)


def fits(trial: TrialCall, implementation: Implementation, operation: str, format: str) -> bool:
    """Whether a trial ran and gave the shape that the operation's (first) result has on the trial arrays."""
    if not trial.ran:
        return False
    reduction = implementation.contract.terms(operation, format).reduction
    if operation == "cross_entropy" and reduction == "none":
        return trial.shape == (2,)
    result = operations.OPERATIONS[operation].result
    first = arguments(implementation, operation, format)[0]  # of the shape of what is per class, or per feature
    return trial.shape == {"()": (), "(m,)": (2,)}.get(result, first.shape)


def one_row_only(implementation: Implementation, format: str) -> bool:
    """Whether every operation takes single rows and none takes a batch, by the shapes of the results."""
    for operation in implementation.ops:
        batch = attempt_batch(implementation, operation, format)
        if fits(batch, implementation, operation, format):
            return False
        rows = attempt_rows(implementation, operation, format)
        per_class = "C" in operations.OPERATIONS[operation].result
        stacked = arguments(implementation, operation, format)[0].shape if per_class else (2,)
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
