"""``softcert describe``: how a SPEC is understood, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softcert.cli import collector
from softcert.cli.app import app, say
from softcert.cli.setup import completion
from softcert_oracle.errors import UsageError
from softcert_reports.formatting.sanitise import one_line

if TYPE_CHECKING:
    from softcert_implementations.contract import Contract


@app.command()
def describe(
    specs: Annotated[
        list[str], typer.Argument(metavar="SPEC...", help="as for certify", autocompletion=completion.implementation)
    ],
    op: Annotated[str | None, typer.Option(help="as for certify", autocompletion=completion.operation)] = None,
    dtype: Annotated[str | None, typer.Option(help="as for certify", autocompletion=completion.number_format)] = None,
    arrays: Annotated[str | None, typer.Option(help="as for certify")] = None,
    contract: Annotated[Path | None, typer.Option(help="as for certify")] = None,
    call: Annotated[str | None, typer.Option(help="as for certify")] = None,
) -> None:
    """Say what certify would judge of a SPEC, how it would call it, and what that rests on; judge nothing."""
    for spec in specs:
        for line in told(spec, op=op, dtypes=dtype, arrays=arrays, contract=contract, call=call):
            say(one_line(line) if not line.startswith("  ") else f"  {one_line(line.strip())}")


def told(
    spec: object,
    *,
    op: str | None = None,
    dtypes: str | None = None,
    arrays: str | None = None,
    contract: Contract | Mapping[str, Any] | str | Path | None = None,
    call: str | None = None,
) -> list[str]:
    """Lines on a subject: what would be judged, then the deviations of its contract, then the inferences.

    Raises
    ------
    UsageError
        For a subject that cannot be found, understood or loaded.

    Examples
    --------
    >>> print("\\n".join(told("numpy_shifted", op="softmax", dtypes="float32")))
    numpy_shifted: softmax in float32, arrays of numpy
    """
    with collector.paused():
        from softcert.executors import describe as described
        from softcert.executors.process import LoadError
    try:
        subject = described(spec, op=op, dtypes=dtypes, arrays=arrays, contract=contract, call=call)
    except LoadError as error:
        raise UsageError(f"{spec} cannot be loaded: {error.fault.kind}: {error.fault.message}") from None
    how = " of one row each" if subject.batched is False else ""
    head = f"{subject.name}: {', '.join(subject.ops)} in {', '.join(subject.dtypes)}, arrays of {subject.arrays}{how}"
    claims = [f"  contract: {name} = {_shown(value)}" for name, value in subject.contract.deviations().items()]
    return [head, *claims, *(f"  {note}" for note in subject.inferred)]


def _shown(value: object) -> str:
    """The value of a claim; of one that differs between operations, by operation."""
    if isinstance(value, Mapping):
        return "; ".join(f"{v} ({k})" for k, v in value.items())
    return str(value)
