"""``softcert report``, ``diff`` and ``verify``: commands that read documents of earlier runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from softcert.cli.app import app, say
from softcert_reports.formatting.sanitise import one_line


@app.command()
def report(
    documents: Annotated[
        list[Path],
        typer.Argument(metavar="RESULTS.json...", help="one results document, or several to put side by side"),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="folder for index.html")] = Path("reports/report"),
) -> None:
    """Render a results document as one HTML page, or several side by side."""
    from softcert.results import outputs
    from softcert_reports import document as doc

    loaded = [doc.load(path) for path in documents]
    written = outputs.page(loaded, [str(p) for p in documents], output)
    say(f"written: {one_line(str(written))}")


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD.json")],
    new: Annotated[Path, typer.Argument(metavar="NEW.json")],
) -> None:
    """Compare two runs: better, worse, new and gone. Exit code 1 if anything is worse or gone."""
    from softcert_reports import document as doc

    difference = doc.diff(doc.load(old), doc.load(new))
    say(difference.text())
    raise typer.Exit(1 if difference.fell else 0)


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(metavar="CERTIFICATE.json")],
    results: Annotated[Path | None, typer.Option(help="the results document that it was made from")] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="certify again and compare the verdict")] = False,
    baseline: Annotated[str | None, typer.Option(help="the baseline of the run, where it has moved since")] = None,
    spec: Annotated[
        list[str] | None, typer.Option(help="a SPEC of the results that --rerun may run; may be given again")
    ] = None,
    trust: Annotated[bool, typer.Option("--trust", help="let --rerun run every SPEC that the results name")] = False,
    jobs: Annotated[int | None, typer.Option(help="processes that share a new run; left out: one a core")] = None,
    leaves: Annotated[int, typer.Option(help="of a proof: how many of its leaves --rerun runs again")] = 1,
    seed: Annotated[int, typer.Option(help="of a proof: draws these leaves")] = 0,
) -> None:
    """Check a certificate: that it follows from its results, and with --rerun that the same verdict comes again.

    Exit code 0: it does. 1: a new run judges otherwise. 2: it was changed, or is not of these results.

    A document is data: only registered names are run because it names them. Anything else takes --spec or --trust.
    """
    from softcert.commands.trust import Trust
    from softcert.commands.verify import verify as check
    from softcert_reports.proofs.files import is_proof

    trusted = Trust(everything=trust, specs=tuple(spec or ()))
    if is_proof(certificate):
        from softcert.commands.proofs.verify import verify_proof

        problems, notes, code = verify_proof(certificate, rerun, trusted, leaves=leaves, seed=seed)
        _told(problems, notes, code)
    _told(*check(certificate, results, rerun, baseline, trusted, jobs=jobs))


def _told(problems: list[str], notes: list[str], code: int) -> NoReturn:
    """Print what came of it, and end."""
    for line in notes:
        say(one_line(line))
    for problem in problems:
        say(f"problem: {one_line(problem)}")
    say("not verified" if problems else "verified")
    raise typer.Exit(code)
