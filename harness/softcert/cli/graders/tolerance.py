"""``softcert tolerance``: the atol and rtol that follow from the limits, and what a given pair lets pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from softcert.cli import collector
from softcert.cli.app import app, say
from softcert.cli.files import refuse_unwritable
from softcert_oracle.errors import UsageError
from softcert_reports.document.atomic import write_whole


@app.command()
def tolerance(
    operation: Annotated[str, typer.Argument(metavar="OP", help="one of the five core operations")],
    dtype: Annotated[str, typer.Option(help="the format of the logits")] = "float32",
    classes: Annotated[int, typer.Option(help="the number of classes C")] = 1000,
    rows: Annotated[int, typer.Option(help="the number of rows m")] = 8,
    inputs: Annotated[str, typer.Option(help="normal, uniform, or a .npy or .npz file with the logits")] = "normal",
    contract: Annotated[Path | None, typer.Option(help="a TOML file with what implementations claim")] = None,
    level: Annotated[str, typer.Option(help="sound, stable or accurate")] = "stable",
    atol: Annotated[float | None, typer.Option(help="an absolute tolerance to be judged")] = None,
    rtol: Annotated[float | None, typer.Option(help="a relative tolerance to be judged")] = None,
    json: Annotated[Path | None, typer.Option(help="file for the answer as JSON")] = None,
) -> None:
    """Derive the tolerance that every honest implementation meets, and judge a given one.

    Exit code 1 where the given pair is below one ulp, or lets wrong implementations pass.
    """
    for name, value in (("atol", atol), ("rtol", rtol)):
        if value is not None and not value >= 0:
            raise UsageError(f"{name}={value}: give a number from 0.")
    refuse_unwritable(None, {"json": json})
    with collector.paused():
        from softcert.cli import first_use
        from softcert.tolerances.derive import Pair
        from softcert.tolerances.report import answer, text
    first_use.tell()
    asked = atol is not None or rtol is not None
    found = answer(
        operation,
        dtype,
        classes,
        rows=rows,
        inputs=inputs,
        contract=contract,
        level=level,
        pair=Pair(atol=atol or 0.0, rtol=rtol or 0.0) if asked else None,
    )
    say(text(found))
    if json is not None:
        import json as encoder

        json.parent.mkdir(parents=True, exist_ok=True)
        write_whole(json, encoder.dumps(found.to_json(), indent=1, sort_keys=True) + "\n")
    if found.given is not None and not found.given.good:
        raise typer.Exit(1)
