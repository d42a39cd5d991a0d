"""docs/field.md: the document of the field in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.field import view

_HEAD = """# The state of the field

What shipping libraries answer for softmax, log-softmax, log-sum-exp, cross-entropy and its gradient, held against exact
values. `python -m benchmarks.field words` made this page from [field/results.json](field/results.json); do not edit it.
"""

_HOW = """
## How it is made

`tox -e field` installs the versions of benchmarks/field/constraints.txt, certifies each library in each format in a
process of its own, and writes reports/field/index.html and reports/field/results.json. Each part is kept in
reports/field/parts and made again only if the library, its glue or softcert changes, so an interrupted run goes on
where it stopped. `python -m benchmarks.field diff OLD NEW` says what changed between two documents.
"""


def render(document: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    cards = view.cards(document)
    libraries = {r["library"] for r in view.measured(document)}
    yield _HEAD
    defects, formulas, choices, left = (
        view.count(cards, kind) for kind in ("defect", "formula", "documented choice", "open")
    )
    yield (
        f"{document['times']['created']}, {document['processor']}, one thread, effort quick, seed 0: {len(libraries)} "
        f"entries, {len(view.measured(document))} operations in a format. Of {len(cards)} refusals {defects} are "
        f"defects, {formulas} belong to a usual formula where the library offers no function, {choices} are "
        f"documented choices, and {left} are open. Every error is the "
        "largest seen, never that of every input."
    )
    yield from _levels(document)
    yield "\n## Findings\n"
    for card in cards:
        first, more = card["findings"][0], len(card["findings"]) - 1
        also = f" (and {more} more of this cause)" if more else ""
        yield (
            f"- **{card['title']}, {card['row']['operation']}, {card['row']['format']}** ({card['judged'].kind}): "
            f"{_cell(first['summary'])}{also}. {card['judged'].why}"
            + (f" [Snippet](field/snippets/{card['judged'].snippet})." if card["judged"].snippet else "")
        )
    yield "\n## Texts for the maintainers\n"
    for path in sorted(view.SNIPPETS.parent.glob("*.md")):
        yield f"- [{path.read_text().splitlines()[0].removeprefix('# ')}](field/{path.name})"
    yield "\n## Special values and empty shapes, float32\n"
    yield (
        "The answers for no rows, no classes, one class and ignored labels were only asked, not judged. The logits "
        "are 0 there.\n"
    )
    yield "| operation | row | answers |"
    yield "|---|---|---|"
    for line in view.special(document):
        answers = "; ".join(f"**{_cell(a)}**: {', '.join(who)}" for a, who in line["answers"].items())
        yield f"| {line['operation']} | {line['row']} | {answers} |"
    yield "\n## Not run\n"
    for title, what, why in view.not_run(document):
        yield f"- {title}, {what}: {_cell(why)}"
    yield "\n## Versions\n"
    for library in document["libraries"]:
        versions = ", ".join(f"{n} {v or '(not installed)'}" for n, v in library["versions"].items())
        choices = f". Documented choices in its contract: {'; '.join(library['reasons'])}" if library["reasons"] else ""
        yield f"- {library['title']}: {versions}{choices}"
    yield _HOW.rstrip()
    taken = sum(seconds or 0 for seconds in document["times"]["seconds"].values())
    yield f"\nThe parts of this page took {taken / 60:.0f} minutes in all, on two cores that other work shared."


def _levels(document: Mapping[str, Any]) -> Iterator[str]:
    for table in view.levels(document):
        yield f"\n## Levels and largest errors in ulp, {table['format']}\n"
        yield "| library | " + " | ".join(table["operations"]) + " |"
        yield "|---|" + "---|" * len(table["operations"])
        for title, rows in table["lines"]:
            cells = (f"{row['level'] or 'none'}, {view.number(row['worst_ulp'])}" if row else "" for row in rows)
            yield f"| {title} | " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    """Text from a document in Markdown: on one line, no markup, no column of its own."""
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, "\\" + mark)
    return " ".join(text.split())
