"""``python -m benchmarks.field run|page|words|diff``: certify the field, render it, compare two of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.field import diff, document, edges, page, run, words
from benchmarks.field.entries import ENTRIES, PHASES
from benchmarks.field.run import ROOT

_WRONG_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 if a comparison found anything worse, 2 for wrong use."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.does(given) or 0)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return _WRONG_USE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.field", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="certify what is missing, then write the page")
    runs.add_argument("--only", nargs="+", default=(), choices=[e.key for e in ENTRIES], metavar="KEY")
    runs.add_argument("--formats", nargs="+", default=PHASES, choices=PHASES)
    runs.add_argument("--seconds", type=float, default=run.SECONDS, help="what one library may take in one format")
    runs.set_defaults(does=_run)
    pages = commands.add_parser("page", help="write results.json and index.html from what was run")
    pages.set_defaults(does=_page)
    for command in (runs, pages):
        command.add_argument("--folder", type=Path, default=Path("reports/field"))
    written = commands.add_parser("words", help="write docs/field.md from docs/field/results.json")
    written.set_defaults(does=_words)
    compared = commands.add_parser("diff", help="what changed between two documents; exit code 1 if anything is worse")
    compared.add_argument("old", type=Path)
    compared.add_argument("new", type=Path)
    compared.set_defaults(does=_diff)
    return parser


def _run(given: argparse.Namespace) -> None:
    run.run(given.folder / "parts", given.only, given.formats, given.seconds)
    edges.run(given.folder / "parts", given.only)
    _page(given)


def _page(given: argparse.Namespace) -> None:
    given.folder.mkdir(parents=True, exist_ok=True)
    made = document.build(given.folder / "parts")
    document.write(made, given.folder / "results.json")
    (given.folder / "index.html").write_text(page.render(made))
    print(f"written: {given.folder / 'index.html'}")


def _words(given: argparse.Namespace) -> None:
    made = document.read(ROOT / "docs/field/results.json")
    (ROOT / "docs/field.md").write_text(words.render(made))


def _diff(given: argparse.Namespace) -> bool:
    changes = list(diff.lines(document.read(given.old), document.read(given.new)))
    for worse, text in changes:
        print(f"{'worse: ' if worse else ''}{text}")
    print("nothing changed" if not changes else f"{len(changes)} changes")
    return any(worse for worse, _ in changes)


if __name__ == "__main__":
    raise SystemExit(main())
