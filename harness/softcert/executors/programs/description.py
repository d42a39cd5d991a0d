"""Describing a program (``exec:./program``) as an implementation: its command, operations and formats."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np

from softcert.executors.greeting import FORMAT_NUMBERS, OPERATION_NUMBERS
from softcert.executors.programs.program import ProgramExecutor, result_shape
from softcert.executors.protocol import Array, Request
from softcert_implementations.adapters.base import numpy_dtype
from softcert_implementations.contract import Contract
from softcert_implementations.implementation import Implementation
from softcert_implementations.resolving.operations_from_names import operation_of
from softcert_oracle import operations
from softcert_oracle.errors import UsageError


def command_of(spec: str) -> list[str]:
    """The command of a SPEC ``exec:./program arguments``.

    Parameters
    ----------
    spec : str
        The SPEC; quotes and escapes are those of a POSIX shell.

    Returns
    -------
    list of str
        The absolute path of the program, then its arguments.

    Raises
    ------
    UsageError
        If the SPEC names no program, or one that cannot be executed.
    """
    words = shlex.split(spec.removeprefix("exec:"))
    if not words:
        raise UsageError(f"spec={spec!r} names no program. Give exec:./program, with arguments if it takes any.")
    program = shutil.which(words[0])
    if program is None:
        raise UsageError(f"spec={spec!r}: there is no program {words[0]!r} that can be executed.")
    return [os.path.abspath(program), *words[1:]]


def describe_program(
    spec: str,
    asked: tuple[str, ...],
    dtypes: tuple[str, ...],
    contract: Contract,
    name: str | None,
    functions: Callable[[str], Callable[..., Any]],
) -> Implementation:
    """Describe a program as an implementation.

    Parameters
    ----------
    spec : str
        The SPEC, beginning with ``exec:``.
    asked : tuple of str
        Operations; empty to take the one that the program's name says.
    dtypes : tuple of str
        Formats; empty to try float32 and float64.
    contract : Contract
        The contract of the program.
    name : str, optional
        Name of the implementation; the program's file name without it.
    functions : callable
        Makes the stand-in for the function of an operation, from the operation's name.

    Returns
    -------
    Implementation
        With a note in ``inferred`` for each fact that was not given.

    Raises
    ------
    UsageError
        If there is no such program, or its operation is unknown or cannot be told from its name.
    """
    command = command_of(spec)
    stem = os.path.splitext(os.path.basename(command[0]))[0]
    notes = []
    if not asked:
        operation = operation_of(stem)
        if operation is None:
            raise UsageError(
                f"spec={spec!r}: the program's name does not say which operation it is. Say it with op=... (--op), "
                f"one or more of {', '.join(OPERATION_NUMBERS)}."
            )
        asked = (operation,)
        notes.append(f"operation {operation}, from the program's name {stem!r}")
    if missing := [o for o in asked if o not in OPERATION_NUMBERS]:
        raise UsageError(f"op={', '.join(missing)}: a program may have {', '.join(OPERATION_NUMBERS)}.")
    if not dtypes:
        dtypes = _formats_that_run(command, asked[0])
        notes.append(f"formats {', '.join(dtypes)}, by trial calls")
    ops = {o: functions(o) for o in asked}
    return Implementation(
        name=name or stem,
        ops=ops,
        dtypes=dtypes,
        arrays="numpy",
        batched=True,
        contract=contract,
        spec=spec,
        inferred=tuple(notes),
    )


def _formats_that_run(command: list[str], operation: str) -> tuple[str, ...]:
    supported = []
    with ProgramExecutor(command) as executor:
        for format in ("float32", "float64"):
            x = Array.of(np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -0.25]], numpy_dtype(format)))
            labels = (Array.of(np.array([2, 0])),) if operations.OPERATIONS[operation].takes_labels else ()
            request = Request(operation=operation, format=format, arrays=(x, *labels))
            reply = executor.run(request)
            if executor.greeting is not None:
                return tuple(f for f in FORMAT_NUMBERS if (operation, f) in executor.greeting) or ("float32",)
            if reply.results is not None and reply.results[0].shape == result_shape(request):
                supported.append(format)
    return tuple(supported) or ("float32", "float64")
