"""``softcert prove`` and ``softcert merge``: every input of a shape, in shards."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, console, fail, say
from softcert.cli.files import refuse_unwritable
from softcert_reports.formatting.sanitise import one_line

if TYPE_CHECKING:
    from softcert_reports.proofs.record import ProofPart

STOPPED = 3
"""The exit code of a proof that could not go on."""


@app.command()
def prove(
    spec: Annotated[str, typer.Argument(metavar="SPEC")],
    dtype: Annotated[str, typer.Option(help="the format of the logits")],
    op: Annotated[str | None, typer.Option(help="the operation; left out where SPEC has one")] = None,
    classes: Annotated[int, typer.Option(help="classes of each row")] = 2,
    shape: Annotated[str, typer.Option(help="all (rows), or zero: the rows [x, 0]")] = "all",
    level: Annotated[str, typer.Option(help="sound, stable, accurate or faithful")] = "stable",
    shard: Annotated[str | None, typer.Option(metavar="K/N", help="only the K-th of N shares of the inputs")] = None,
    results: Annotated[Path | None, typer.Option(help="file of the proof; a run goes on from what it holds")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for the page of the proof")] = None,
    rows_per_call: Annotated[int | None, typer.Option(help="rows of each call; left out: 65536")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes that share the work; left out: one a core")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Dask: local, or tcp://host:port")] = None,
    arrays: Annotated[str | None, typer.Option(help="array library of SPEC")] = None,
    contract: Annotated[Path | None, typer.Option(help="a TOML file with the contract of SPEC")] = None,
) -> None:
    """Prove by exhaustion: run every input of a shape, and hold every result against the exact value.

    Exit code 0: every input holds the level. 1: some do not. 2: wrong use. 3: incomplete.
    """
    refuse_unwritable(report, {"results": results})
    with collector.paused():
        from softcert.cli import first_use
        from softcert.commands.proofs import run as command
        from softcert.proofs.leaves import ProofStoppedError
    first_use.tell()
    asked = command.Asked(
        spec=spec,
        operation=op,
        format=dtype,
        classes=classes,
        shape=shape,
        level=level,
        rows_per_call=rows_per_call,
        shard=shard,
        arrays=arrays,
        contract=contract,
    )
    try:
        part = command.run(
            asked, results=results, jobs=jobs, scheduler=scheduler, told=_Told().step, lost=lambda text: fail(text)
        )
    except ProofStoppedError as error:
        fail(str(error))
        raise typer.Exit(STOPPED) from None
    _end(part, results, report)


@app.command()
def merge(
    parts: Annotated[list[Path], typer.Argument(metavar="PART...")],
    results: Annotated[Path | None, typer.Option(help="file for the merged part")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for the page of the proof")] = None,
) -> None:
    """Merge parts of one proof. Refused: parts of different proofs, changed ones, and inputs that count twice.

    Exit codes as of softcert prove; 3 where inputs are missing, which are named.
    """
    refuse_unwritable(report, {"results": results})
    from softcert.commands.proofs import run as command
    from softcert_reports.proofs.files import save

    part = command.merge(parts)
    if results is not None:
        save(part, results)
    _end(part, results, report)


class _Told:
    """A line on stderr every few seconds: how far the proof is, its rate, and the time left."""

    EVERY = 10.0

    def __init__(self) -> None:
        self._last = time.monotonic()

    def step(self, step: Any) -> None:
        """Hear of a leaf."""
        if time.monotonic() - self._last < self.EVERY and step.done < step.total:
            return
        self._last = time.monotonic()
        share, minutes = 100 * step.done / step.total, step.left / 60
        failing = f", {step.failing} failing" if step.failing else ""
        console().print(
            f"{share:5.1f} % of {step.total} inputs, {step.rate / 1e6:.2f} million a second, "
            f"{minutes:.1f} minutes left{failing}"
        )


def _end(part: ProofPart, results: Path | None, report: Path | None) -> None:
    from softcert_reports.proofs import words

    for line in words.lines(part):
        say(one_line(line) if not line.startswith(" ") else "    " + one_line(line.strip()))
    if report is not None:
        from softcert_reports.proofs import page

        page.save(part, report)
        say(f"written: {one_line(str(report / 'index.html'))}")
    if results is not None:
        say(f"written: {one_line(str(results))}")
    raise typer.Exit(part.exit_code)
