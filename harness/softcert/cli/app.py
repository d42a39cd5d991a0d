"""The Typer application, its two consoles, and the functions that print for all commands.

It imports no command; `softcert.cli.main` does, and each command registers itself here.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.markup import escape

app = typer.Typer(
    name="softcert",
    help="Certify implementations of softmax, log-softmax, log-sum-exp, cross-entropy and their gradients.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> None:
    """Print one sentence about a failure on stderr."""
    err.print(f"[bold red]softcert:[/] {escape(message)}" if err.is_terminal else f"softcert: {escape(message)}")


def say(text: str) -> None:
    """Print plain text on stdout; brackets in it are no markup."""
    sys.stdout.write(text + "\n")


@app.callback()
def _root() -> None:
    """Certify implementations of softmax, log-softmax, log-sum-exp, cross-entropy and their gradients."""
