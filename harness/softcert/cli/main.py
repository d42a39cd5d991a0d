"""The entry point of the command line: registers the commands, and turns every failure into an exit code.

A user's mistake is one sentence and exit code 2. Ctrl-C, SIGTERM and a failure of the harness are exit code 3. None of
them shows a traceback, unless SOFTCERT_DEBUG is set. A stream that cannot be written changes no exit code.
"""

from __future__ import annotations

import os
import sys

from softcert.cli import (  # noqa: F401 (each registers its commands)
    certify,
    collector,
    compare,
    list,
    measure,
    prove,
    query,
)
from softcert.cli.app import app, fail
from softcert.cli.graders import audit, judge, tolerance  # noqa: F401 (as these do)
from softcert.cli.setup import completion, describe, init  # noqa: F401 (likewise)
from softcert.cli.stop_signals import stop
from softcert.cli.terminal import standard_streams
from softcert_oracle.errors import UsageError
from softcert_reports.document import DocumentError

_TYPER_INTERRUPTED = 130
"""What Typer returns where KeyboardInterrupt was raised."""


def main() -> None:
    """Run the command line of this process, and exit.

    Raises
    ------
    SystemExit
        Always: 0 to 3 as the commands decide, 2 for a usage error, 3 for Ctrl-C, SIGTERM or a failure of the harness.
    """
    try:
        collector.skip_at_exit()
        with standard_streams(), stop.installed(), collector.unfrozen_after():
            code = _exit_code()
    except KeyboardInterrupt:  # a further signal, while the failure was told
        code = 3
    sys.exit(code)


def _exit_code() -> int:
    """Run the command that the arguments name; its exit code."""
    if completion.asked_for():
        app(prog_name="softcert")  # ends the process itself, with the exit code that the shell expects
    try:
        code = app(prog_name="softcert", standalone_mode=False)
        if code == _TYPER_INTERRUPTED:
            raise KeyboardInterrupt
        return int(code or 0)
    except (UsageError, DocumentError) as error:
        fail(str(error))
        return 2
    except KeyboardInterrupt:
        fail(stop.reason or "interrupted")
        return 3
    except SystemExit as ended:
        fail(f"the run was ended by sys.exit({ended.code!r}). Nothing is certified by this run.")
        return 3
    except Exception as error:  # the last resort: never a traceback, never green
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # a mistake that Typer found in the arguments
            error.show()
            return int(error.exit_code)
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        fail(
            f"the harness itself failed: {type(error).__name__}: {error}. Nothing is certified by this run. "
            "Set SOFTCERT_DEBUG=1 to see where, and please report it."
        )
        return 3
