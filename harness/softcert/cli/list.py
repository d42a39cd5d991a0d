"""``softcert list``: tables of implementations, operations, properties, regimes, kinds of inputs, defects, coverage."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from softcert.cli.app import app, say
from softcert_oracle.errors import unknown
from softcert_reports.formatting.sanitise import one_line

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The heads of the columns, and the rows."""


@app.command("list")
def list_command(
    what: Annotated[
        str,
        typer.Argument(
            help="implementations, operations, properties, regimes, kinds, defects or coverage",
            autocompletion=lambda incomplete: [name for name in _LISTS if name.startswith(incomplete)],
        ),
    ] = "implementations",
) -> None:
    """List implementations, operations, properties, regimes, kinds of inputs, defects, or what the crossings cover."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if what not in _LISTS:
        raise unknown("list", what, _LISTS)
    head, rows = _LISTS[what]()
    table = Table(*head, box=box.SIMPLE if sys.stdout.isatty() else None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console = Console(file=io.StringIO(), emoji=False)
    with console.capture() as capture:
        console.print(table)
    say("\n".join(line.rstrip() for line in capture.get().rstrip().splitlines()))


def _implementations() -> Rows:
    from softcert_implementations.resolving import entry_points

    return ("name", "defined in"), [(name, point.value) for name, point in entry_points.registered().items()]


def _operations() -> Rows:
    from softcert_oracle.operations import OPERATIONS

    return ("operation", "result", "formula", "options"), [
        (o.name, o.result, o.formula, ", ".join(o.options)) for o in OPERATIONS.values()
    ]


def _properties() -> Rows:
    from softcert.properties.table import PROPERTIES

    return ("property", "family", "statement"), [(p.name, p.family, p.statement) for p in PROPERTIES.values()]


def _regimes() -> Rows:
    from softcert.cases.regimes.families import REGIMES

    return ("regime", "axis", "provokes"), [(r.name, r.axis, r.provokes) for r in REGIMES.values()]


def _defects() -> Rows:
    from softcert_implementations.gallery import DEFECTS

    return ("defect", "family", "operation", "trigger"), [
        (d.name, d.family, f"{d.operation}{f' ({d.option})' if d.option else ''}", d.trigger) for d in DEFECTS
    ]


def _kinds() -> Rows:
    from softcert.cases.claims.input_kinds import PROVOKES
    from softcert_implementations.contract_values import INPUT_KINDS

    named = {kind: [name for name, of in INPUT_KINDS.items() if kind in of] for kind in PROVOKES}
    return ("kind of input", "claimed by", "provokes"), [
        (kind, ", ".join(named[kind]), provokes) for kind, provokes in PROVOKES.items()
    ]


def _coverage() -> Rows:
    from softcert.cases.battery import battery
    from softcert.cases.crossing import axes, pairs, usual
    from softcert.cases.effort import EFFORTS
    from softcert_implementations.contract import Contract
    from softcert_oracle.numbers import formats

    operation, format = "cross_entropy", "float32"  # its battery has every axis
    terms, fmt = Contract().terms(operation, format), formats.lookup(format)
    rows: list[tuple[str, ...]] = []
    for effort in EFFORTS.values():
        places = [axes.place(case) for case in battery(operation, format, effort, terms, 0)]
        for space in usual.plain_spaces(fmt, effort, terms.label_dtypes, 0):
            for part in pairs.combinations_met(space, places):
                left_out = "; ".join(f"{', '.join(values)}: {reason}" for values, reason in part.left_out)
                row = (effort.name, " x ".join(part.axes), f"{part.met} of {part.possible}", left_out)
                rows.append(row)
    return ("effort", "axes", "met", "left out for size"), rows


_LISTS = {
    "implementations": _implementations,
    "operations": _operations,
    "properties": _properties,
    "regimes": _regimes,
    "defects": _defects,
    "coverage": _coverage,
    "kinds": _kinds,
}
