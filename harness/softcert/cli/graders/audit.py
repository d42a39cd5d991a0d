"""``softcert audit``: the kill rate of somebody else's check."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, say
from softcert.cli.files import refuse_unwritable
from softcert.cli.progress import progress
from softcert_oracle import operations
from softcert_oracle.errors import UsageError
from softcert_oracle.numbers import formats
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
    resume: Annotated[bool, typer.Option("--resume", help="go on with what stands in the file of --json")] = False,
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
    if resume and json is None:
        raise UsageError("--resume goes on with the file of --json: give that as well.")
    if resume and (family, limit) != (None, None):
        raise UsageError("--resume goes on with whole audits: leave out --family and --limit.")
    refuse_unwritable(report, {"json": json})
    with collector.paused():
        from softcert.audit.run import SECONDS
        from softcert.cli import first_use
        from softcert_oracle.errors import unknown
    if effort not in SECONDS:
        raise unknown("effort", effort, SECONDS)
    first_use.tell()
    audits = _known(json) if resume else []
    chosen = {"effort": effort, "family": family, "limit": limit}
    for name in _checks(check, preset):
        for operation, format in itertools.product(_names(operations, op), _names(formats, dtype)):
            if any((a.check, a.operation, a.format, a.effort) == (name, operation, format, effort) for a in audits):
                continue
            audits.append(_one(name, operation, format, jobs, chosen))
            _save(audits, json)
    _tell(audits, preset == _ALL or resume)
    _write(audits, json, report)
    raise typer.Exit(max(found.exit_code for found in audits))


def _names(table: Any, given: str) -> list[str]:
    """The names, by commas, as the table has them."""
    return [str(table.lookup(name).name) for name in given.split(",")]


def _known(json: Path | None) -> list[Audit]:
    """The audits that an earlier run has finished."""
    import json as decoder

    from softcert.audit.run import Audit

    if json is None or not json.exists():
        return []
    try:
        data = decoder.loads(json.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(
            f"{str(json)!r} is no JSON: {error}. Give a file that `softcert audit --json` wrote."
        ) from None
    return [Audit.from_json(each) for each in (data if isinstance(data, list) else [data])]


def _save(audits: list[Audit], json: Path | None) -> None:
    """Write what is finished, so that a run which is stopped can go on."""
    import json as encoder

    if json is not None:
        data = [found.to_json() for found in audits]
        json.parent.mkdir(parents=True, exist_ok=True)
        write_whole(json, encoder.dumps(data[0] if len(data) == 1 else data, indent=1, sort_keys=True) + "\n")


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
    from softcert.audit import rule
    from softcert.audit.presets.table import PRESETS
    from softcert.audit.text import table, text

    if as_table:
        say(table(audits, {f"preset:{name}": known.title for name, known in PRESETS.items()}))
        return
    for found in audits:
        for line in (text(found), *rule.lines(found)):
            say(line)


def _write(audits: list[Audit], json: Path | None, report: Path | None) -> None:
    if json is not None:
        say(f"written: {one_line(str(json))}")
    if report is not None:
        from softcert.audit.page import page

        report.mkdir(parents=True, exist_ok=True)
        write_whole(report / "audit.html", page(audits))
        say(f"written: {one_line(str(report / 'audit.html'))}")
