"""``softcert power`` and ``softcert sweep``: the defects that the suite finds, and the largest error of a subject."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from softcert.cli import collector
from softcert.cli.app import app, fail, say
from softcert.cli.files import refuse_unwritable, with_files
from softcert.cli.progress import progress
from softcert_reports.formatting.sanitise import one_line


@app.command()
def power(
    effort: Annotated[str, typer.Option(help="quick, standard or thorough")] = "quick",
    seed: Annotated[int, typer.Option(help="makes a run repeatable")] = 0,
    family: Annotated[str | None, typer.Option(help="only the defects of this family")] = None,
    part: Annotated[str, typer.Option(help="all, defects, variants, degenerate or correct")] = "all",
    json: Annotated[Path | None, typer.Option(help="file for the figures as JSON")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes that share the work; left out: one a core")] = None,
) -> None:
    """Measure the suite: the defects of the gallery that it kills, and its false alarms on correct implementations."""
    with collector.paused():
        from softcert.cli import first_use
        from softcert.commands.power import measure, save
        from softcert.commands.power_table import table
        from softcert.results import outputs

    refuse_unwritable(None, {"json": json})
    first_use.tell()
    with progress() as shown:
        measured = measure(effort, seed, family, part, shown, jobs=jobs)
    written = outputs.write_each({json: lambda path: save(measured, path)} if json else {})
    say(table(measured))
    for path in written.paths:
        say(f"written: {one_line(str(path))}")
    for problem in written.problems:
        fail(problem)
    raise typer.Exit(with_files(0 if measured.passed else 1, written))


@app.command()
def sweep(
    spec: Annotated[str, typer.Argument(metavar="SPEC")],
    op: Annotated[str | None, typer.Option(help="the operation")] = None,
    dtype: Annotated[str | None, typer.Option(help="formats, by commas")] = None,
    arrays: Annotated[str | None, typer.Option(help="array library")] = None,
    examples: Annotated[int, typer.Option(help="cases drawn for each operation and format")] = 2000,
    seed: Annotated[int, typer.Option(help="makes a run repeatable")] = 0,
    isolation: Annotated[str, typer.Option(help="process (its own) or none")] = "process",
) -> None:
    """Search for the largest error: a lower bound of the worst case, with its witness."""
    with collector.paused():
        from softcert.cli import first_use
        from softcert.commands.sweep import sweep as search

    first_use.tell()

    for line in search(spec, op=op, dtype=dtype, arrays=arrays, examples=examples, seed=seed, isolation=isolation):
        say(line)
