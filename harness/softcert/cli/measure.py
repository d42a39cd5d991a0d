"""``softcert power`` and ``softcert sweep``: the defects that the suite finds, and the largest error of a subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, fail, say
from softcert.cli.files import refuse_unwritable, with_files
from softcert.cli.progress import Progress, progress
from softcert_oracle.errors import UsageError, unknown
from softcert_reports.document.atomic import write_whole
from softcert_reports.formatting.sanitise import one_line

_BLIND, _MUTANTS = "blind", "mutants"


@app.command()
def power(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[SPEC|FOLDER]", help="a subject whose mutants are run; or a folder of blind sets"),
    ] = None,
    effort: Annotated[str, typer.Option(help="quick, standard or thorough")] = "quick",
    seed: Annotated[int, typer.Option(help="makes a run repeatable")] = 0,
    family: Annotated[str | None, typer.Option(help="only the defects of this family")] = None,
    part: Annotated[
        str | None,
        typer.Option(help="all (of the gallery), defects, variants, degenerate, correct, blind or mutants"),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="how many mutants are drawn")] = None,
    resume: Annotated[Path | None, typer.Option(help="file of finished mutants, to go on from")] = None,
    op: Annotated[str | None, typer.Option(help="the operation of SPEC")] = None,
    dtype: Annotated[str | None, typer.Option(help="formats of SPEC, by commas")] = None,
    arrays: Annotated[str | None, typer.Option(help="array library of SPEC")] = None,
    contract: Annotated[Path | None, typer.Option(help="a TOML file with the contract of SPEC")] = None,
    json: Annotated[Path | None, typer.Option(help="file for the figures as JSON")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes that share the work; left out: one a core")] = None,
) -> None:
    """Measure the suite: what it catches of the gallery, of blind sets or of mutants, and its false alarms.

    With a SPEC, the mutants of that subject's own file are run.
    """
    chosen = part or ("all" if target is None else _MUTANTS)
    subject: dict[str, Any] = {"op": op, "dtypes": dtype, "arrays": arrays, "contract": contract}
    given = {"limit": limit, "resume": resume, **subject}
    _refuse_unread(chosen, target, family, {k: v for k, v in given.items() if v is not None})
    refuse_unwritable(None, {"json": json, "resume": resume})
    with collector.paused():
        from softcert.cli import first_use
    first_use.tell()
    with progress() as shown:
        if chosen == _BLIND:
            figures = _blind(target, effort, seed, jobs, shown)
        elif chosen == _MUTANTS:
            figures = _mutants(target, effort, seed, jobs, shown, limit=limit, resume=resume, **subject)
        else:
            figures = _gallery(effort, seed, family, chosen, jobs, shown)
    _end(figures, json)


@dataclass(frozen=True)
class _Figures:
    """What was measured: as text, as a file, and whether everything is as it should be."""

    text: str
    save: Callable[[Path], None]
    passed: bool


def _refuse_unread(part: str, target: str | None, family: str | None, given: dict[str, object]) -> None:
    """Refuse what the part does not read, so that nobody takes it for heeded."""
    if target is not None and part not in (_BLIND, _MUTANTS):
        raise UsageError(f"{target!r} is not read by --part {part}. Give --part blind or mutants, or leave it out.")
    if family is not None and part in (_BLIND, _MUTANTS):
        raise UsageError(f"--family {family!r} is not read by --part {part}: families are the gallery's.")
    if given and (part != _MUTANTS or (target is None and not set(given) <= {"limit", "resume"})):
        names = ", ".join(f"--{'dtype' if k == 'dtypes' else k}" for k in given)
        wanted = "--part mutants" if part != _MUTANTS else "a SPEC"
        raise UsageError(f"{names} belongs to {wanted}. Give that as well, or leave it out.")


def _gallery(effort: str, seed: int, family: str | None, part: str, jobs: int | None, shown: Progress) -> _Figures:
    from softcert.commands.power import PARTS, measure, save
    from softcert.commands.power_table import table

    if part not in PARTS:
        raise unknown("part", part, (*PARTS, _BLIND, _MUTANTS))
    measured = measure(effort, seed, family, part, shown, jobs=jobs)
    return _Figures(table(measured), lambda path: save(measured, path), measured.passed)


def _count(jobs: int | None) -> int:
    """How many processes share the work."""
    from softcert.commands.jobs import cores

    return cores() if jobs is None else jobs


def _told(shown: Progress) -> Callable[[str, str, str, int, int], None]:
    """Models that are done, as steps of a run."""
    from softcert.commands.progress import Step

    def told(subject: str, operation: str, format: str, done: int, total: int) -> None:
        shown.step(Step(subject=subject, operation=operation, format=format, state="cases", done=done, total=total))

    return told


def _blind(folder: str | None, effort: str, seed: int, jobs: int | None, shown: Progress) -> _Figures:
    from softcert.power import blind, tables

    found = blind.measure(
        None if folder is None else Path(folder), effort, seed, jobs=_count(jobs), progress=_told(shown)
    )
    return _Figures(tables.blind(found), lambda path: _save(tables.blind_json(found), path), found.passed)


def _mutants(spec: str | None, effort: str, seed: int, jobs: int | None, shown: Progress, **given: Any) -> _Figures:
    from softcert.power import mutants, tables

    found = mutants.measure(spec, effort, seed, jobs=_count(jobs), progress=_told(shown), **given)
    return _Figures(tables.mutants(found), lambda path: _save(tables.mutants_json(found), path), found.passed)


def _save(figures: dict[str, object], path: Path) -> None:
    import json

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(figures, indent=1, sort_keys=True, default=str) + "\n")


def _end(figures: _Figures, json: Path | None) -> None:
    """Write, then print, then end."""
    from softcert.results import outputs

    written = outputs.write_each({json: figures.save} if json else {})
    say(figures.text)
    for path in written.paths:
        say(f"written: {one_line(str(path))}")
    for problem in written.problems:
        fail(problem)
    raise typer.Exit(with_files(0 if figures.passed else 1, written))


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
