"""What is said where no trial call of a subject succeeds: its signature, what was tried and answered, what to do."""

from __future__ import annotations

import inspect

from softcert_implementations.adapters import UnavailableError
from softcert_implementations.call_form import PLAIN_TEXT, CallForm
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.trials import trial_calls
from softcert_implementations.resolving.trials.choose_form import explanations
from softcert_implementations.resolving.wrappers import name_of, unwrapped
from softcert_oracle import operations
from softcert_oracle.errors import UsageError

_LONGEST = 160
_ABSENT = f"{UnavailableError.__name__}:"


def check(subject: Implementation) -> None:
    """Refuse a subject of which no operation gives an array in any trial.

    A contract that says ``call = "plain"`` asks for a judgement of just these calls, whatever comes of them.

    Raises
    ------
    UsageError
        With the signature, what was tried and what came back, and how to say what softcert could not find out.
    """
    lines = []
    for operation in subject.ops:
        format = subject.dtypes[0]
        if _said(subject, operation, format) == PLAIN_TEXT or any(
            trial_calls.attempt(subject, operation, each).ran for each in subject.dtypes
        ):
            return
        error = trial_calls.attempt(subject, operation, format).error
        if error.startswith(_ABSENT):
            raise UsageError(f"{subject.name} is not run: {error.removeprefix(_ABSENT).strip()}.")
        lines.append(_line(subject, operation, format))
    raise UsageError(" ".join([f"no trial call of {subject.name} succeeded, so nothing was judged.", *lines, _REMEDY]))


_REMEDY = (
    "Say what is special about its arguments with --call (call=...), as in --call labels=one-hot, which array library "
    "it takes with --arrays (arrays=...), and which sizes it accepts in a contract; or wrap it in a function of x, or "
    "of x and labels, and name that one."
)


def _said(subject: Implementation, operation: str, format: str) -> str:
    text: str = subject.contract.value("call", operation, format)
    return text


def _line(subject: Implementation, operation: str, format: str) -> str:
    trial = trial_calls.attempt(subject, operation, format)
    given = ", ".join(
        f"{argument.name} {array.shape}".replace(",)", ")")
        for argument, array in zip(
            operations.OPERATIONS[operation].arguments,
            trial_calls.arguments(subject, operation, format),
            strict=True,
        )
    )
    form = CallForm.parsed(_said(subject, operation, format)).text
    how = "" if form == PLAIN_TEXT else f" ({form})"
    hints = explanations(subject, operation, format)
    hint = f" With --call {hints[0]} it gives the right values." if hints else ""
    return (
        f"{_signature(subject, operation)} was called as {operation} with {given} in {format}, arrays of "
        f"{subject.arrays}{how}, and in other forms that people use; the first answered: {trial.error}.{hint}"
    )


def _signature(subject: Implementation, operation: str) -> str:
    """The function as its author wrote it, as far as it can be read."""
    function = subject.ops[operation]
    try:
        text = f"{name_of(function)}{inspect.signature(unwrapped(function))}"
    except (TypeError, ValueError):
        text = f"{name_of(function)}(...), whose signature cannot be read,"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...)"
