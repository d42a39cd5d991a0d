"""What page and words show of a document: plain tables, made once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.field import judged
from benchmarks.field.document import formats_of
from benchmarks.field.judged import Judged

from softcert_oracle.operations import CORE
from softcert_reports.formatting.numbers import significant

SNIPPETS = Path(__file__).resolve().parents[2] / "docs/field/snippets"
LEVELS = ("", "sound", "stable", "accurate", "faithful")
Row = Mapping[str, Any]
_FEWEST = 3
"""Points that a figure needs."""
_OCTAVES = 18
"""The width of a figure: 2^18 classes."""


def _place(operation: str) -> int:
    return CORE.index(operation) if operation in CORE else len(CORE)


def number(text: str | None) -> str:
    """A hexadecimal number with three digits; a dash for none."""
    return "–" if text is None else significant(float.fromhex(text))


def rank(row: Row) -> int:
    return LEVELS.index(row["level"] or "")


def titles(document: Row) -> dict[str, str]:
    return {library["key"]: library["title"] for library in document["libraries"]}


def measured(document: Row) -> list[Row]:
    """The rows that were run."""
    return [row for row in document["rows"] if not row["reason"]]


def not_run(document: Row) -> list[tuple[str, str, str]]:
    """Library, what of it, and why."""
    names = titles(document)
    return [
        (names[r["library"]], f"{r['operation']} {r['format']}".strip(), r["reason"])
        for r in document["rows"]
        if r["reason"]
    ]


def levels(document: Row) -> list[dict[str, Any]]:
    """A table for each format: libraries by operation, a row or None in each place."""
    tables = []
    for format in formats_of(document):
        rows = {(r["library"], r["operation"]): r for r in measured(document) if r["format"] == format}
        operations = sorted({operation for _, operation in rows}, key=lambda o: (_place(o), o))
        lines = [
            (library["title"], [rows.get((library["key"], o)) for o in operations])
            for library in document["libraries"]
            if any(key == library["key"] for key, _ in rows)
        ]
        if lines:
            tables.append({"format": format, "operations": operations, "lines": lines})
    return tables


def cards(document: Row) -> list[dict[str, Any]]:
    """Findings with the same library, operation, format and cause on one card, defects first."""
    names, order = titles(document), ("defect", "open", "formula", "documented choice")
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in measured(document):
        for finding in row["findings"]:
            verdict: Judged = judged.of(row, finding)
            place = (row["library"], row["operation"], row["format"], finding["cause"] + verdict.why)
            card = {
                "title": names[row["library"]],
                "row": row,
                "judged": verdict,
                "findings": [],
                "snippet": snippet(verdict),
            }
            found.setdefault(place, card)["findings"].append(finding)
    return sorted(found.values(), key=lambda card: order.index(card["judged"].kind))


def snippet(verdict: Judged) -> str:
    """The script that shows a finding without softcert; "" if there is none."""
    return (SNIPPETS / verdict.snippet).read_text() if verdict.snippet else ""


def special(document: Row) -> list[dict[str, Any]]:
    """What each library answers by operation and kind of row, rows in which libraries differ first."""
    names = titles(document)
    table: dict[tuple[str, str], dict[str, list[str]]] = {}
    for row in measured(document):
        if row["format"] != "float32":
            continue
        for value in row["special"]:
            answers = table.setdefault((row["operation"], value["row"]), {})
            answers.setdefault(answer(value), []).append(names[row["library"]])
    for edge in document["edges"]:
        answers = table.setdefault((edge["operation"], edge["row"]), {})
        answers.setdefault(edge["got"], []).append(names[edge["library"]])
    lines = [{"operation": o, "row": kind, "answers": answers} for (o, kind), answers in table.items()]
    return sorted(lines, key=lambda line: (-len(line["answers"]), _place(line["operation"]), line["row"]))


def answer(value: Mapping[str, str]) -> str:
    """An answer in short: the special numbers in it, and whether they were accepted."""
    parts = [part.strip() for part in value["got"].split(",")]
    seen = sorted({part.lstrip("-") if part in ("-0", "0") else part for part in parts if not _ordinary(part)})
    text = " and ".join(seen) or "ordinary numbers"
    ordinary = any(_ordinary(part) for part in parts)
    text += ", ordinary numbers elsewhere" if seen and ordinary else ""
    return text if value["outcome"] == "pass" else f"{text} (refused; accepted: {value['accepted']})"


def _ordinary(part: str) -> bool:
    try:
        value = float(part)
    except ValueError:
        return False
    return value not in (0.0, 1.0, float("inf"), float("-inf")) and value == value


def speeds(document: Row) -> list[tuple[str, str, str, str, str]]:
    """Library, operation, format, millions of elements a second, largest error in ulp; the fastest first."""
    names, speed = titles(document), document["times"]["speed"]
    lines = []
    for row in measured(document):
        text = speed.get(f"{row['library']}/{row['operation']}/{row['format']}")
        if text is not None:
            lines.append((float.fromhex(text) / 1e6, row))
    lines.sort(key=lambda line: -line[0])
    return [
        (names[r["library"]], r["operation"], r["format"], significant(million), number(r["worst_ulp"]))
        for million, r in lines
    ]


def figure(row: Row) -> dict[str, str]:
    """The error curve of a row as two lines of a figure of 160 x 48: "error" and "limit", on logarithmic axes."""
    points = [[float.fromhex(text) for text in point] for point in row["curve"]]
    heights = [h for point in points for h in point[1:] if 0 < h < float("inf")]
    if len(points) < _FEWEST or not heights:
        return {}
    low, high = math.log2(min(heights)), math.log2(max(heights))

    def line(place: int) -> str:
        shown = [(point[0], point[place]) for point in points if 0 < point[place] < float("inf")]
        return " ".join(
            f"{4 + 152 * math.log2(x) / _OCTAVES:.1f},{44 - 40 * (math.log2(y) - low) / (high - low or 1):.1f}"
            for x, y in shown
        )

    return {"error": line(1), "limit": line(2)}


def count(cards_: Iterable[Row], kind: str) -> int:
    return sum(card["judged"].kind == kind for card in cards_)
