"""``softcert certify`` and ``softcert replay``.

Files are written before anything is printed: whatever becomes of the terminal, they are there.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from softcert.cli import collector
from softcert.cli.app import app, command_ci, fail, say
from softcert.cli.files import make_empty, refuse_unwritable, with_files
from softcert.cli.progress import progress
from softcert.cli.setup import completion
from softcert.cli.stop_signals import stop
from softcert_oracle.errors import UsageError
from softcert_reports.formatting.sanitise import one_line

if TYPE_CHECKING:
    from softcert_reports.document import Power

_SPEC = "package.module:attribute, file.py:attribute, a registered name, or exec:./program"


@app.command()
def certify(
    specs: Annotated[
        list[str], typer.Argument(metavar="SPEC...", help=_SPEC, autocompletion=completion.implementation)
    ],
    op: Annotated[
        str | None,
        typer.Option(
            help="which operation a function is; or those to run, by commas", autocompletion=completion.operation
        ),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            help="formats, by commas: float32,float64,float16,bfloat16,...", autocompletion=completion.number_format
        ),
    ] = None,
    arrays: Annotated[str | None, typer.Option(help="array library: numpy, torch, jax, ...")] = None,
    contract: Annotated[Path | None, typer.Option(help="a TOML file with the contract")] = None,
    call: Annotated[
        str | None, typer.Option(help="how its functions are called, such as labels=one-hot; left out: found out")
    ] = None,
    effort: Annotated[
        str, typer.Option(help="quick, standard or thorough", autocompletion=completion.effort)
    ] = "standard",
    level: Annotated[
        str, typer.Option(help="sound, stable, accurate or faithful", autocompletion=completion.level)
    ] = "stable",
    seed: Annotated[int, typer.Option(help="makes a run repeatable")] = 0,
    report: Annotated[Path | None, typer.Option(help="folder for index.html and results.json")] = None,
    results: Annotated[Path | None, typer.Option(help="file for the results document")] = None,
    baseline: Annotated[str | None, typer.Option(help="file of expected failures, or 'bundled'")] = None,
    update_baseline: Annotated[Path | None, typer.Option(help="write the baseline anew, lower only")] = None,
    junit: Annotated[Path | None, typer.Option(help="file for JUnit XML")] = None,
    ctrf: Annotated[Path | None, typer.Option(help="file for CTRF, the common test report format")] = None,
    sarif: Annotated[Path | None, typer.Option(help="file for SARIF 2.1.0")] = None,
    gitlab: Annotated[Path | None, typer.Option(help="file for GitLab code quality")] = None,
    badge: Annotated[Path | None, typer.Option(help="file for a shields.io endpoint badge")] = None,
    certificate: Annotated[Path | None, typer.Option(help="file for the in-toto statement")] = None,
    isolation: Annotated[str, typer.Option(help="process (its own) or none")] = "process",
    examples: Annotated[Path | None, typer.Option(help="folder of witnesses, tried first next time")] = None,
    observations: Annotated[
        Path | None, typer.Option(help="file for every judged call, in Hypothesis's observability format")
    ] = None,
    power: Annotated[Path | None, typer.Option(help="JSON of `softcert power`, shown in the report")] = None,
    jobs: Annotated[int | None, typer.Option(help="processes that share the work; left out: one a core")] = None,
    property: Annotated[
        str | None,
        typer.Option(
            help="check these properties only, by commas: proves no level", autocompletion=completion.properties
        ),
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="end at the first finding")] = False,
) -> None:
    """Certify one or more implementations. Exit code 0 only if every one is certified (or as the baseline says)."""
    with collector.paused():
        from softcert.certification.plan import Plan
        from softcert.cli import first_use
        from softcert.commands.certify import Run
        from softcert.results import baseline as baselines
        from softcert.results import outputs

    first_use.tell()
    plan = Plan.of(
        effort, level, seed, isolation=isolation, examples=examples, observations=observations, fail_fast=fail_fast,
        properties=property,
    )  # fmt: skip
    if (fail_fast or property) and (baseline or update_baseline):
        given = "--fail-fast" if fail_fast else "--property"
        raise UsageError(f"{given} with a baseline: a baseline says what fails in whole runs. Give one of the two.")
    expected = baselines.load(baseline) if baseline else None
    files = {
        "junit": junit,
        "ctrf": ctrf,
        "sarif": sarif,
        "gitlab": gitlab,
        "badge": badge,
        "certificate": certificate,
    }
    refuse_unwritable(
        report, {"results": results, **files, "observations": observations, "update-baseline": update_baseline}
    )
    if observations:
        make_empty(observations)
    old = baselines.load(update_baseline) if update_baseline and update_baseline.exists() else None
    measured = _load_power(power) if power else None
    first_use.announce(len(specs), effort, level)
    run = Run(plan, jobs=jobs)
    for spec in specs:
        run.add(spec, op=op, dtypes=dtype, arrays=arrays, contract=contract, call=call)
    with stop.held():
        try:
            with stop.released(), progress() as shown:
                run.certify(shown)
        except KeyboardInterrupt:  # a second signal, while the run was being ended
            run.stop(stop.reason)
        command = shlex.join(["softcert", *sys.argv[1:]])
        document = run.document(command, expected, measured)
        written = outputs.write(document, report=report, results=results, **files)
        if update_baseline:
            written += outputs.baseline(document, old, update_baseline)
        for_ci = outputs.continuous_integration(document)
    say(outputs.summary(document, report, results))
    say(f"effort {effort}, level {level}, seed {seed}")
    for path in (*written.paths, *((observations,) if observations else ())):
        say(f"written: {one_line(str(path))}")
    for problem in (*run.notes, *written.problems, *for_ci.problems):
        fail(problem)
    command_ci(outputs.workflow_commands(document))
    raise typer.Exit(with_files(document.exit_code, written))


def _load_power(path: Path) -> Power:
    from softcert.commands.power import load

    return load(path)


@app.command()
def replay(
    finding: Annotated[str, typer.Argument(help="the id of a finding")],
    results: Annotated[Path, typer.Option(help="the results document that holds it")],
    spec: Annotated[str | None, typer.Option(help="the subject to call, in place of the one that is recorded")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="run the SPEC that the document names, whatever it is")
    ] = False,
    isolation: Annotated[str, typer.Option(help="process (its own) or none")] = "process",
) -> None:
    """Run one counterexample again. Exit code 1 if it still fails at the finding's level, 0 if it does not.

    A document is data: only registered names are run because it names them. Anything else takes --spec or --trust.
    """
    from softcert.commands.replay import replay_finding
    from softcert.commands.trust import Trust
    from softcert_reports import document as doc

    outcome, level = replay_finding(doc.load(results), finding, spec, isolation, Trust(everything=trust))
    say(outcome.text)
    raise typer.Exit(1 if outcome.fails(level) else 0)
