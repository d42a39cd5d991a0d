"""The form of a subject's calls: of the conventions of the field, the one in which a trial call gives the right values.

A form is chosen by values only where no mistake in a plain function could look the same: order of arguments, one-hot
labels, lists, one of several results; and the axis of the classes where labels tell it. Softmax over the other axis,
labels from 1, and functions of probabilities are known mistakes as well: those forms need a name that says them, or the
contract's word. Where they would explain the values, a sentence says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from softcert_implementations.call_form import CHOICES, PLAIN, CallForm, given
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.signatures import (
    axis_keywords,
    fixed_options,
    inputs_by_name,
    labels_first,
)
from softcert_implementations.resolving.trials.telling_values import SUM, tells
from softcert_implementations.resolving.trials.trial_calls import TrialCall, attempt_batch, attempt_rows, fits
from softcert_implementations.resolving.wrappers import AdaptedFunction
from softcert_oracle import operations

_MOST_DEVIATIONS = 4

Attempt = Callable[[Implementation, str, str], TrialCall]


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """A candidate, and how its trial went."""

    subject: Implementation
    form: CallForm
    trial: TrialCall
    fit: bool
    right: bool


def adapted(implementation: Implementation, operation: str, format: str) -> Implementation:
    """The implementation with the calls of one operation adapted: its axis keyword, and the form in its contract.

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
        With the first form, and the first of `axis_keywords`, with which a trial call gives the operation's values; on
        a batch, or else row by row. If none does: with the first that gives the shape of the result; else with the
        first that runs; else as it is.
    """
    search = _Search(implementation, operation, format)
    return search.chosen()


def explanations(implementation: Implementation, operation: str, format: str) -> list[str]:
    """The forms, as the contract writes them, that would make a trial's values right and that only a user can say.

    Empty where the values are right as they are.
    """
    attempt = attempt_rows if implementation.batched is False else attempt_batch
    if attempt(implementation, operation, format).right:
        return []
    now = CallForm.parsed(implementation.contract.value("call", operation, format))
    found = []
    for part, values in _ONLY_SAID.items():
        for value in values if _concerns(part, operation) else ():
            form = dataclasses.replace(now, **{part: value})
            if form != now and attempt(_with_form(implementation, operation, form), operation, format).right:
                found.append(f"{part}={value}")
    return found


_ONLY_SAID = {
    "inputs": CHOICES["inputs"][1:],
    "classes": ("first",),
    "labels": ("one-based",),
}


def _concerns(part: str, operation: str) -> bool:
    """Whether an operation has such a form."""
    if part in ("weights", "bias"):
        return operations.OPERATIONS[operation].takes_features
    if part in ("order", "labels"):
        return operations.OPERATIONS[operation].takes_labels and not operations.OPERATIONS[operation].takes_features
    if part == "inputs":
        return operation == "cross_entropy"
    return operations.OPERATIONS[operation].takes_logits_alone


class _Search:
    """The search for the form of one operation."""

    def __init__(self, implementation: Implementation, operation: str, format: str) -> None:
        self.subject, self.operation, self.format = implementation, operation, format
        self.function = implementation.ops[operation]
        self.axes, self.options = axis_keywords(self.function), fixed_options(self.function)
        said = given(implementation.contract.value("call", operation, format))
        by_name = {"order": "labels first"} if labels_first(self.function) and _concerns("order", operation) else {}
        self.base = CallForm(**{**by_name, **said})
        self.said = said

    def chosen(self) -> Implementation:
        if self.base == PLAIN and len(self.axes) == 1 and len(self.said) == len(CHOICES) + 1:
            return self._candidate(self.base, self.axes[0])  # the contract says that all is plain
        batch = list(self._tried(attempt_batch))
        rows = list[_Tried]() if _best(batch) or batch[0].fit else list(self._tried(attempt_rows))
        best = _best(batch) or _best(rows)
        first_to_run = next((t for t in (*batch, *rows) if t.trial.ran), None)
        best = best or _first_fit(batch) or _first_fit(rows) or first_to_run
        return best.subject if best is not None else self._candidate(self.base, self.axes[0])

    def _tried(self, attempt: Attempt) -> Iterator[_Tried]:
        """Trials of the base form in each axis, then of other forms, up to the first that is right."""
        ran = False
        queue = [self.base]
        for form in queue:
            for axis in self.axes:
                subject = self._candidate(form, axis)
                trial = attempt(subject, self.operation, self.format)
                ran = ran or trial.ran
                fit = fits(trial, subject, self.operation, self.format)
                # A row by itself is a batch of one, whose gradient is divided by 1.
                right = trial.right or (attempt is attempt_rows and trial.reading == SUM)
                yield _Tried(subject=subject, form=form, trial=trial, fit=fit, right=right)
                if right:
                    return
                if trial.parts and tells(self.operation) and not form.result and "result" not in self.said:
                    new = (dataclasses.replace(form, result=part) for part in trial.parts)
                    queue[queue.index(form) + 1 : queue.index(form) + 1] = [f for f in new if f not in queue]
            if form == self.base and tells(self.operation):
                queue += [f for f in self._others(ran) if f not in queue]

    def _others(self, ran: bool) -> Sequence[CallForm]:
        """Other forms that are worth a trial, the least unusual first; lists only where arrays do not do."""
        parts: dict[str, tuple[str, ...]] = {
            "order": CHOICES["order"],
            "labels": ("indices", "one-hot"),
            "classes": CHOICES["classes"] if _concerns("labels", self.operation) else ("last",),
            "inputs": ("logits", *inputs_by_name(self.function)),
            "values": ("arrays",) if ran or self.subject.arrays != "numpy" else CHOICES["values"],
            "weights": CHOICES["weights"],
            "bias": CHOICES["bias"],
        }
        for name in parts:
            if name in self.said:
                parts[name] = (self.said[name],)
            elif not _concerns(name, self.operation):
                parts[name] = (getattr(self.base, name),)
        forms = [
            dataclasses.replace(self.base, **dict(zip(parts, values, strict=True)))
            for values in product(*parts.values())
        ]
        return sorted((f for f in forms if f.deviations <= _MOST_DEVIATIONS), key=lambda f: f.deviations)

    def _candidate(self, form: CallForm, axis: str | None) -> Implementation:
        plain = axis is None and not self.options
        function = self.function if plain else AdaptedFunction(self.function, axis, self.options)
        subject = dataclasses.replace(self.subject, ops={**self.subject.ops, self.operation: function})
        return _with_form(subject, self.operation, form)


def _with_form(subject: Implementation, operation: str, form: CallForm) -> Implementation:
    """With a form in the contract, where that does not say it yet."""
    said = subject.contract.value("call", operation, subject.dtypes[0])
    if CallForm.parsed(said) == form:
        return subject
    return dataclasses.replace(subject, contract=subject.contract.claiming("call", {operation: form.text}))


def _best(tried: Sequence[_Tried]) -> _Tried | None:
    """The one that is right."""
    return next((t for t in tried if t.right), None)


def _first_fit(tried: Sequence[_Tried]) -> _Tried | None:
    """The first of the right shape, one that is a sum where a mean is asked for before all others."""
    fitting = [t for t in tried if t.fit]
    summed = [t for t in fitting if t.trial.reading == SUM]
    if fitting and fitting[0].form != tried[0].form and summed:
        return summed[0]
    return fitting[0] if fitting else None
