"""``python -m benchmarks.field run|page|words|diff``: certify the field, render it, compare two of them."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.field import run
from benchmarks.field.entries import ENTRIES, PHASES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.field", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="certify what is missing")
    runs.add_argument("--folder", type=Path, default=Path("reports/field"))
    runs.add_argument("--only", nargs="+", default=(), choices=[e.key for e in ENTRIES], metavar="KEY")
    runs.add_argument("--formats", nargs="+", default=PHASES, choices=PHASES)
    runs.add_argument("--seconds", type=float, default=run.SECONDS)
    given = parser.parse_args()
    run.run(given.folder / "parts", given.only, given.formats, given.seconds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
