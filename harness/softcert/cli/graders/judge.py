"""``softcert judge``: verdicts on many candidates, one line of JSON each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, say
from softcert_oracle.errors import UsageError


@app.command()
def judge(
    candidates: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="JSON lines: a text, or an object with `source` or `spec`")
    ] = None,
    op: Annotated[str, typer.Option(help="the operation of the task")] = "softmax",
    dtype: Annotated[str, typer.Option(help="the format")] = "float32",
    level: Annotated[str, typer.Option(help="the level that earns the reward")] = "stable",
    arrays: Annotated[str | None, typer.Option(help="array library of the candidates")] = None,
    budget: Annotated[str, typer.Option(help="quick, standard or thorough")] = "quick",
    seconds: Annotated[float, typer.Option(help="time limit of a candidate")] = 120.0,
    salt_file: Annotated[
        Path | None, typer.Option(help="a file with the salt; a random one where it is left out")
    ] = None,
    jobs: Annotated[int, typer.Option(help="how many candidates are judged at once")] = 1,
    explain: Annotated[bool, typer.Option(help="look for the cause of a refutation")] = True,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="the form of input and output; the only one")] = True,
) -> None:
    """Judge many candidates of one task: one line of JSON in for each, one verdict out, in order of completion.

    Without FILE the lines are read from standard input. Exit code 0 once every line has its verdict.
    """
    import sys

    with collector.paused():
        from softcert.graders.judge import Judge
    salt = None if salt_file is None else _read(salt_file)
    judging = Judge(
        op,
        dtype,
        level=level,
        arrays=arrays,
        budget=budget,
        seconds=seconds,
        salt=salt,
        jobs=jobs,
        explain=explain,
    )
    text = sys.stdin.read() if candidates is None else _read(candidates).decode("utf-8", "replace")
    for verdict in judging.stream([_candidate(line) for line in text.splitlines() if line.strip()]):
        say(verdict.to_json())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}. Give a file.") from None


def _candidate(line: str) -> Any:
    """The candidate of a line; what is no candidate becomes a text that is judged unusable."""
    import json as decoder

    try:
        given = decoder.loads(line)
    except (ValueError, RecursionError):
        return line
    if isinstance(given, dict):
        text = given.get("candidate")
        return text if isinstance(text, str) else given
    return given if isinstance(given, str) else decoder.dumps(given)
