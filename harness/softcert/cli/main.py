"""The entry point of the command line: registers the commands, and turns every failure into an exit code.

A user's mistake is one sentence and exit code 2. Ctrl-C and a failure of the harness are exit code 3. None of them
shows a traceback, unless SOFTCERT_DEBUG is set.
"""

from __future__ import annotations

import os
import sys

from softcert.cli import certify, compare, list, measure, query  # noqa: F401 (each registers its commands)
from softcert.cli.app import app, fail
from softcert_oracle.errors import UsageError
from softcert_reports.document import DocumentError


def main() -> None:
    """Run the command line of this process, and exit.

    Raises
    ------
    SystemExit
        Always: 0 to 3 as the commands decide, 2 for a usage error, 3 for Ctrl-C or a failure of the harness.
    """
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
