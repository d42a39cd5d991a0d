"""``softcert oracle`` and ``softcert explain``: exact results, and the reasons behind a verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from softcert.cli.app import app, say
from softcert.cli.setup import completion

_UNKNOWN = {"ignore_unknown_options": True}  # negative logits look like options


@app.command(context_settings=_UNKNOWN)
def oracle(
    operation: Annotated[
        str, typer.Argument(help="softmax, log_softmax, logsumexp, cross_entropy or cross_entropy_grad")
    ],
    logits: Annotated[list[str], typer.Argument(help="the logits of one row: decimal or hexadecimal, inf and nan too")],
    label: Annotated[int | None, typer.Option("--label", help="the true class, for the loss and its gradient")] = None,
    dtype: Annotated[
        str | None, typer.Option("--dtype", help="round the logits to this format first (default: float64)")
    ] = None,
    digits: Annotated[int, typer.Option("--digits", help="significant digits")] = 30,
) -> None:
    """Ask for the truth: exact results, correctly rounded to any number of digits."""
    from softcert_oracle.mp.ask import ask

    answer = ask(operation, list(logits), label=label, format=dtype, digits=digits)
    for line in [answer] if isinstance(answer, str) else answer:
        say(line)


@app.command()
def explain(
    name: Annotated[
        str,
        typer.Argument(
            help="a property, level, operation, defect, regime, kind, ...", autocompletion=completion.explained
        ),
    ],
) -> None:
    """Explain whatever `softcert list` lists, and levels: statement, derivation, remedy."""
    from softcert.commands.explain import explanation

    say(explanation(name))
