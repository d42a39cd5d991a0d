"""The operation of a function whose name says none: the one whose values a trial call gives."""

from __future__ import annotations

from collections.abc import Callable

from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.operations_from_names import Functions, UnnamedError
from softcert_implementations.resolving.signatures import can_take
from softcert_implementations.resolving.trials.trial_calls import attempt_batch, attempt_rows
from softcert_oracle import operations
from softcert_oracle.errors import UsageError


def functions_by_values(
    unnamed: UnnamedError, build: Callable[[Functions], Implementation]
) -> tuple[Functions, list[str]]:
    """The functions of a target by operation, where its names say none.

    Parameters
    ----------
    unnamed
        What `functions_of` raised.
    build
        Gives the subject of some functions with its array library and the forms of its calls.

    Raises
    ------
    UsageError
        Where no operation's values come back; the message is that of ``unnamed``.
    """
    for operation in operations.CORE:
        functions = unnamed.functions(operation)
        if not can_take(functions[operation], len(operations.OPERATIONS[operation].arguments)):
            continue
        try:
            subject = build({operation: functions[operation]})
        except UsageError:
            continue
        if any(
            attempt(subject, operation, f).right for f in subject.dtypes for attempt in (attempt_batch, attempt_rows)
        ):
            return functions, [*unnamed.notes, f"operation {operation}: a trial call gives its values"]
    if unnamed.named is not None:
        return unnamed.functions(unnamed.named), [*unnamed.notes, f"operation {unnamed.named}, from the name"]
    raise UsageError(str(unnamed)) from None
