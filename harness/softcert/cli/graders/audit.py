"""``softcert audit``: the kill rate of somebody else's check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, say
from softcert.cli.files import refuse_unwritable
from softcert.cli.progress import progress
from softcert_oracle.errors import UsageError
from softcert_reports.document.atomic import write_whole
from softcert_reports.formatting.sanitise import one_line

if TYPE_CHECKING:
    from softcert.audit.run import Audit

_ALL = "all"


@app.command()
def audit(
    check: Annotated[
        str | None,
        typer.Argument(metavar="[CHECK]", help="file.py:function, or a pytest file or test with `candidate`"),
    ] = None,
    op: Annotated[str, typer.Option(help="the operation that is checked")] = "softmax",
    dtype: Annotated[str, typer.Option(help="formats, by commas")] = "float32",
    preset: Annotated[str | None, typer.Option(help="the rule of a public check, or all")] = None,
    effort: Annotated[str, typer.Option(help="quick, standard or thorough")] = "quick",
    family: Annotated[str | None, typer.Option(help="only the defects of this family")] = None,
    limit: Annotated[int | None, typer.Option(help="at most so many candidates of each part")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes that share the candidates; left out: one a core")] = None,
    json: Annotated[Path | None, typer.Option(help="file for the figures as JSON")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for a page")] = None,
) -> None:
    """Measure a check: which wrong implementations it accepts, and which correct ones it refuses.

    The check runs on the gallery of defects, on implementations that compute nothing, on exploits of its inputs, and on
    correct ones. Exit code 1 where it accepts a wrong one or refuses a correct one.
    """
    if (check is None) == (preset is None):
        raise UsageError("give a CHECK or --preset NAME, and not both.")
    if limit is not None and limit < 1:
        raise UsageError(f"limit={limit}: give at least 1.")
    refuse_unwritable(report, {"json": json})
    with collector.paused():
        from softcert.audit.run import SECONDS
        from softcert.cli import first_use
        from softcert_oracle.errors import unknown
    if effort not in SECONDS:
        raise unknown("effort", effort, SECONDS)
    first_use.tell()
    audits = []
    for name in _checks(check, preset):
        for operation in op.split(","):
            for format in dtype.split(","):
                chosen = {"effort": effort, "family": family, "limit": limit}
                audits.append(_one(name, operation, format, jobs, chosen))
    _tell(audits, preset == _ALL)
    _write(audits, json, report)
    raise typer.Exit(max(found.exit_code for found in audits))


def _checks(check: str | None, preset: str | None) -> list[str]:
    from softcert.audit.presets.table import PRESETS

    if check is not None:
        return [check]
    return [f"preset:{name}" for name in (PRESETS if preset == _ALL else (preset,))]


def _one(check: str, operation: str, format: str, jobs: int | None, chosen: dict[str, Any]) -> Audit:
    from softcert.audit.run import audit as run
    from softcert.commands.jobs import cores
    from softcert.commands.progress import Step

    with progress() as shown:

        def told(done: int, total: int) -> None:
            shown.step(Step(subject=check, operation=operation, format=format, state="cases", done=done, total=total))

        count = cores() if jobs is None else jobs
        return run(check, operation, format, jobs=count, told=told, **chosen)


def _tell(audits: list[Audit], as_table: bool) -> None:
    from softcert.audit.presets.table import PRESETS
    from softcert.audit.text import table, text

    if as_table:
        names = [found.check.removeprefix("preset:") for found in audits]
        say(table(audits, [PRESETS[name].title for name in names]))
        return
    for found in audits:
        say(text(found))
        name = found.check.removeprefix("preset:")
        if name in PRESETS:
            known = PRESETS[name]
            say(f"rule: {known.title}; {known.source}; read on {known.read}")
            for published, run, classes in known.sizes(found.operation, found.effort):
                if run < published:
                    say(f"  published: {published} rows of {classes} classes; run on {run} (effort {found.effort})")


def _write(audits: list[Audit], json: Path | None, report: Path | None) -> None:
    import json as encoder

    if json is not None:
        data = [found.to_json() for found in audits]
        json.parent.mkdir(parents=True, exist_ok=True)
        write_whole(json, encoder.dumps(data[0] if len(data) == 1 else data, indent=1, sort_keys=True) + "\n")
        say(f"written: {one_line(str(json))}")
    if report is not None:
        from softcert.audit.page import page

        report.mkdir(parents=True, exist_ok=True)
        write_whole(report / "audit.html", page(audits))
        say(f"written: {one_line(str(report / 'audit.html'))}")
