"""``softcert init``: what a project needs so that a function stays certified."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from softcert.cli import collector
from softcert.cli.app import app, fail, say
from softcert.cli.progress import progress
from softcert.cli.setup import completion
from softcert_oracle.errors import UsageError
from softcert_reports.formatting.sanitise import one_line

_NOT_WRITTEN = 3


@app.command()
def init(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="as for certify", autocompletion=completion.implementation)
    ],
    op: Annotated[str | None, typer.Option(help="as for certify", autocompletion=completion.operation)] = None,
    dtype: Annotated[str | None, typer.Option(help="as for certify", autocompletion=completion.number_format)] = None,
    arrays: Annotated[str | None, typer.Option(help="as for certify")] = None,
    effort: Annotated[str, typer.Option(help="as for certify", autocompletion=completion.effort)] = "quick",
    level: Annotated[str, typer.Option(help="as for certify", autocompletion=completion.level)] = "stable",
    ci: Annotated[str | None, typer.Option(help="github, gitlab or none; left out: what is there, or github")] = None,
) -> None:
    """Certify SPEC once and write a contract, a baseline and a CI file that keep it so. Overwrites nothing."""
    with collector.paused():
        from softcert.certification.plan import Plan
        from softcert.cli import first_use
        from softcert.commands import init as project
        from softcert.commands.certify import Run
        from softcert_implementations.implementation import Implementation

    asked = {"op": op, "dtype": dtype, "arrays": arrays, "effort": effort, "level": level}
    prepared = project.prepare(spec, asked, ci, Path.cwd())
    first_use.tell()
    run = Run(Plan.of(effort, level, 0))
    run.add(prepared.spec, op=op, dtypes=dtype, arrays=arrays)
    subject = run.subjects[0]
    if not isinstance(subject, Implementation):
        raise UsageError(
            f"{one_line(spec)} cannot be loaded: {one_line(subject.reason)}. Mend that, then run init again."
        )
    with progress() as shown:
        run.certify(shown)
    document = run.document(shlex.join(["softcert", *sys.argv[1:]]), None, None)
    written = project.write(prepared, subject, document)
    for path in written.paths:
        say(f"written: {one_line(str(path.relative_to(prepared.folder)))}")
    for problem in (*run.notes, *written.problems):
        fail(problem)
    if written.problems:
        raise typer.Exit(_NOT_WRITTEN)
    failing = document.exit_code != 0
    say(f"the gate: {one_line(project.gate(prepared))}")
    if failing:
        say("Not certified: each entry of softcert.toml is a failure of today. Mend it, or write why it is accepted.")
    say("Commit these files. docs/ci.md says what they do.")
