"""The Typer application, and the functions that print for all commands.

It imports no command; `softcert.cli.main` does, and each command registers itself here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, cast

import typer

from softcert.cli.terminal import ForgivingStream, SafeStream
from softcert_reports.formatting.sanitise import log_safe, one_line

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="softcert",
    help="Certify implementations of softmax, log-softmax, log-sum-exp, cross-entropy and their gradients.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def console() -> Console:
    """The console on stderr, for colours and progress; words of a subject must be safe before it prints them."""
    from rich.console import Console

    stream = sys.stderr
    file = stream.styled() if isinstance(stream, SafeStream) else ForgivingStream(stream)
    return Console(file=cast("typer.FileTextWrite", file), highlight=False, soft_wrap=True, emoji=False, markup=False)


def fail(message: str) -> None:
    """Print one sentence about a failure on stderr."""
    from rich.text import Text

    console().print(Text.assemble(("softcert:", "bold red"), f" {log_safe(one_line(message))}"))


def say(text: str) -> None:
    """Print plain text on stdout. Its words may come from a subject: the stream shows them safely."""
    sys.stdout.write(text + "\n")


def command_ci(text: str) -> None:
    """Print workflow commands for the CI system on stdout."""
    stream = sys.stdout
    if isinstance(stream, SafeStream):
        stream.write_as_it_is(text)
    else:
        stream.write(text)


def _print_version(asked: bool) -> None:
    """Print the release and end, before any command is looked for."""
    if asked:
        from importlib import metadata

        say(f"softcert {metadata.version('softcert')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="print the release and end", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Certify implementations of softmax, log-softmax, log-sum-exp, cross-entropy and their gradients."""
