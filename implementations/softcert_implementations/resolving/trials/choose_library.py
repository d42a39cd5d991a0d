"""The array library of a subject, by trial calls in each candidate."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping

from softcert_implementations.adapters import UnavailableError, adapter
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.libraries_from_code import library_of_module
from softcert_implementations.resolving.trials.trial_calls import TrialCall, attempt_batch, attempt_rows

_RETURNED = re.compile(r"returned ([\w.]+), not a")
"""What an adapter says of a result that is another library's array."""


def library_of(build: Callable[[str], Implementation], hints: Mapping[str, str], format: str) -> tuple[str, str]:
    """The array library of a subject: the candidate in which most of its operations run.

    Parameters
    ----------
    build
        Gives the implementation as it would be in a library.
    hints
        The reason for each candidate, best first. Without hints NumPy is tried first, then what is loaded: code for
        NumPy often runs on tensors by accident, code for tensors hardly ever on NumPy arrays. Last comes the library
        of a result, where a function made an array of another one of what it was given.
    format
        The format of the trial calls.

    Returns
    -------
    tuple
        The name of the library, and the reason as a clause.
    """
    candidates = dict.fromkeys(["numpy"] if "numpy" in hints or not hints else [], "a trial call succeeded") | {**hints}
    if not hints:
        candidates |= {name: "a trial call succeeded" for name in ("torch", "jax") if name in sys.modules}
    queue, tried = list(candidates), list[str]()
    best, most = queue[0], 0
    while queue:
        name = queue.pop(0)
        tried.append(name)
        try:
            adapter(name).check()
        except UnavailableError:
            continue
        subject = build(name)
        trials = [_trial(subject, operation, format) for operation in subject.ops]
        count = sum(trial.ran for trial in trials)
        if count > most:
            best, most = name, count
        for other in _returned(trials):
            if other not in tried and other not in queue:
                queue.append(other)
                candidates[other] = "a trial call returned its arrays"
    if not most:
        return best, f"{hints.get(best, 'the default')}; no trial call succeeded"
    return best, candidates[best]


def _trial(subject: Implementation, operation: str, format: str) -> TrialCall:
    """A batch, or else a single row: code for batches is never called on one without need."""
    batch = attempt_batch(subject, operation, format)
    return batch if batch.ran else attempt_rows(subject, operation, format)


def _returned(trials: list[TrialCall]) -> list[str]:
    """The libraries whose arrays came back, where they were not those that were asked for."""
    found = (_RETURNED.search(trial.error) for trial in trials)
    libraries = (library_of_module(match[1]) for match in found if match)
    return [library for library in libraries if library is not None]
