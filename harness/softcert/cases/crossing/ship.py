"""Writes the shipped covering arrays: ``python -m softcert.cases.crossing.ship`` after a change of axes or rules."""

from __future__ import annotations

import json
from collections.abc import Iterable

from softcert.cases.crossing.axes import Space
from softcert.cases.crossing.covering import SHIPPED, build, digest, shipped
from softcert.cases.crossing.usual import usual_spaces


def ship(spaces: Iterable[Space]) -> str:
    """The text of the shipped file for some spaces: one array a line. Those that are shipped already stay."""
    lines = {digest(s): json.dumps(shipped().get(digest(s)) or build(s), separators=(",", ":")) for s in spaces}
    return "{\n" + ",\n".join(f'"{name}":{rows}' for name, rows in lines.items()) + "\n}\n"


if __name__ == "__main__":
    SHIPPED.write_text(ship(usual_spaces()), "ascii")
