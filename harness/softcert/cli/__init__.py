"""The command line: one module a command, all of them thin over the Python interface."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The entry point: a user's mistake is one sentence and exit code 2; Ctrl-C is 3; never a traceback for either."""
    from softcert.cli.app import app, fail
    from softcert_oracle.errors import UsageError
    from softcert_reports.document import DocumentError

    try:
        app(prog_name="softcert")
    except (UsageError, DocumentError) as error:
        fail(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(3)
    except KeyboardInterrupt:
        fail("interrupted")
        sys.exit(3)
    except Exception as error:  # the last resort: never a traceback, never green
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        fail(
            f"the harness itself failed: {type(error).__name__}: {error}. Nothing is certified by this run. "
            "Set SOFTCERT_DEBUG=1 to see where, and please report it."
        )
        sys.exit(3)
