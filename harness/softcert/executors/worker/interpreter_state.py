"""State of the interpreter that code changes for everybody: kept apart where a subject runs in the harness's process.

It is NumPy's handling of floating-point errors and its print options, the recursion limit, the warnings filters, the
decimal context, the floating-point environment and the handlers of SIGINT and SIGTERM. Environment variables, the
current folder and loaded modules stay as a subject leaves them.
"""

from __future__ import annotations

import contextlib
import decimal
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from softcert.executors.worker.floating_environment import Environment


@dataclass(frozen=True, kw_only=True)
class InterpreterState:
    """The state at one moment; `take` reads it, `put` sets it."""

    errors: Any
    error_call: Any
    print_options: Any
    recursion_limit: int
    decimal_context: decimal.Context
    environment: Environment
    handlers: tuple[tuple[signal.Signals, Any], ...]

    @classmethod
    def take(cls) -> InterpreterState:
        """The present state."""
        return cls(
            errors=np.geterr(),
            error_call=np.geterrcall(),
            print_options=np.get_printoptions(),
            recursion_limit=sys.getrecursionlimit(),
            decimal_context=decimal.getcontext().copy(),
            environment=Environment(),
            handlers=tuple((s, signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM)),
        )

    def put(self) -> None:
        """Set the state; a recursion limit below the present depth is left as it is."""
        np.seterr(**self.errors)
        np.seterrcall(self.error_call)
        np.set_printoptions(**self.print_options)
        with contextlib.suppress(RecursionError):
            sys.setrecursionlimit(self.recursion_limit)
        decimal.setcontext(self.decimal_context.copy())
        self.environment.restore()
        if threading.current_thread() is threading.main_thread():
            for number, handler in self.handlers:
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)

    @classmethod
    @contextmanager
    def kept(cls) -> Iterator[None]:
        """Put the state back at the end, the warnings filters included."""
        before = cls.take()
        with warnings.catch_warnings():
            try:
                yield
            finally:
                before.put()
