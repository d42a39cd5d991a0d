"""The report as plain text, for logs and terminals: summary tables, each cause once with its witness and remedy.

No colour, no control character and no mark that turns the direction of text, whatever the names in it hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from softcert_reports.document import Document, Finding, Held, Number, Subject, Witness
from softcert_reports.formatting import causes, ranking, wording
from softcert_reports.formatting.causes import Cause
from softcert_reports.formatting.contracts import contract_lines
from softcert_reports.formatting.numbers import plain, several
from softcert_reports.formatting.sanitise import directed, log_safe, one_line, short

IN_FULL = "the report has them all (certify --report DIR, or softcert report RESULTS.json)"
"""Where further causes can be read."""

_ROWS, _CLASSES = 2, 8  # of a witness
_ALSO = 2  # further witnesses of a cause, one line each
_UNITS = 24  # rows of the table of levels
_NUMBER = re.compile(r"-|-?inf|nan|-?[0-9][0-9.,e+-]*")


def summary(document: Document, shown: int = 5, in_full: str = IN_FULL) -> str:
    """The report for a log or a terminal.

    Parameters
    ----------
    document
        The results of one run.
    shown
        How many of the causes that decide are shown, the worst first.
    in_full
        Where the others can be read.

    Returns
    -------
    str
        Headline, counts, a table of implementations and one of levels by operation and format, each cause once with
        its plainest witness and remedy, the differences from the baseline. Plain text without colours or control
        characters.

    Examples
    --------
    >>> from softcert_reports.document import Document
    >>> print(summary(Document(title="a run", created="2026-01-02T03:04:05Z")))
    Nothing was certified: no check was made.
    <BLANKLINE>
    No check was made.
    <BLANKLINE>
    """
    parts = [wording.headline(document)]
    if not document.complete:
        parts.append(f"INCOMPLETE: {one_line(document.incomplete_reason) or 'the run was ended early'}.")
    if caution := wording.unisolated(document):
        parts.append(caution)
    parts.append(wording.denominators(wording.totals(document), wording.violations_above(document)))
    if document.subjects:
        parts.append(table(*_rows(document)))
    if levels := _levels(document):
        parts.append(levels)
    parts += [f"{short(one_line(subject.name), 32)}: {line}" for subject, line in contract_lines(document)]
    found = causes.gating(document)
    parts += [cause(c) for c in found[:shown]]
    if len(found) > shown:
        parts.append(f"and {causes.number_of(found[shown:]).replace('cause', 'more cause', 1)}: {in_full}.")
    elif any(len(c.findings) > 1 for c in found):
        parts.append(f"{causes.number_of(found)}: {in_full}.")
    if expectation := wording.expectation(document):
        parts.append(expectation)
    if document.baseline:
        parts += [f"unexpected: {one_line(t)}" for t in document.baseline.unexpected]
        parts += [f"stale in the baseline: {one_line(t)}" for t in document.baseline.stale]
    return log_safe("\n\n".join(parts) + "\n")


def _levels(document: Document) -> str:
    """The level held by operation and format, of subjects whose operations and formats do not all hold the same."""
    subjects = [s for s in document.subjects if len({h.level for by in s.levels.values() for h in by.values()}) > 1]
    formats = list(dict.fromkeys(f for s in subjects for by in s.levels.values() for f in by))
    rows = [row for s in subjects for row in _levels_of(s, formats, document)]
    if not rows:
        return ""
    shown = table(("level held", "", *formats), rows[:_UNITS])
    return shown if len(rows) <= _UNITS else f"{shown}\nand {len(rows) - _UNITS} more rows in the report"


def _levels_of(subject: Subject, formats: Sequence[str], document: Document) -> list[list[str]]:
    name = short(one_line(subject.name), 32)
    return [
        [name, short(one_line(operation), 40), *(_level(dict(by), format, document) for format in formats)]
        for operation, by in wording.levels(subject)
    ]


def _level(held: dict[str, Held], format: str, document: Document) -> str:
    """A level as a cell shows it; one below the asked level has a mark."""
    if format not in held:
        return ""
    level = held[format].level
    mark = "" if ranking.rank(level) >= ranking.rank(document.asked_level) else " !"
    return f"{level or 'none'}{mark}"


def _rows(document: Document) -> tuple[Sequence[str], list[list[str]]]:
    rows = []
    for s in document.subjects:
        mine = [c for c in document.cells if c.subject == s.name]
        asked = [c for c in mine if ranking.is_asked(c.level, document)]
        ratios = [c.worst_ratio for c in asked if c.worst_ratio is not None]
        row = [
            short(one_line(s.name), 32),
            s.verdict,
            s.level or "-",
            str(s.counts.checks),
            str(s.counts.failed - wording.violations_above(document, s.name)),
            str(s.counts.undecided),
            plain(max(ratios, key=lambda r: (r != r, r))) if ratios else "-",
        ]
        rows.append(row)
    return ("implementation", "verdict", "level", "checks", "failed", "undecided", "worst/limit"), rows


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under a head: texts to the left, numbers to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    right = [all(_NUMBER.fullmatch(line[i]) for line in lines[1:]) for i in range(len(head))]
    out = [
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([out[0], "-" * max(map(len, out)), *out[1:]])


def failures(findings: Iterable[Finding]) -> str:
    """Findings as a failing test shows them: each cause with witness and remedy, and code that shows it again."""
    parts = [part for c in causes.grouped(findings) for part in (cause(c), c.first.reproduction) if part]
    return log_safe("\n\n".join(parts))


def cause(c: Cause) -> str:
    """One cause: its plainest witness in decimal and hexadecimal, what it touches, what is wrong, the remedy."""
    lines = finding(c.first).splitlines()
    if len(c.findings) > 1:
        at = 2  # behind the lines that say what and where
        more = f"    touches {short(one_line(c.touches()), 400)} ({several(len(c.findings), 'finding')})"
        also = [f"    also    {short(one_line(f.summary), 200)}" for f in c.others()[:_ALSO]]
        lines = [*lines[:at], more, *lines[at:-1], *also, lines[-1]]
    return "\n".join(lines)


def finding(f: Finding) -> str:
    """One finding: what, where, the witness in decimal and hexadecimal, the limit, the remedy."""
    where = one_line(f"{short(f.subject, 60)} / {f.operation} / {f.format} / {f.property}")
    lines = [f"[{f.level}] {one_line(f.summary)}", f"    where   {where} (seen {several(f.occurrences, 'time')})"]
    if f.witness:
        lines += _witness(f.witness)
    if size := wording.excess(f):
        lines.append(f"    limit   {size}")
    if f.diagnosis:
        lines.append(f"    cause   {one_line(f.diagnosis.text)[:400]}")
        if ranking.has_known_cause(f) and f.diagnosis.confidence:
            lines.append(f"            ({one_line(f.diagnosis.confidence)[:200]})")
        if f.diagnosis.remedy:
            lines.append(f"    remedy  {one_line(f.diagnosis.remedy)[:400]}")
    if f.expected_reason:
        lines.append(f"    known   {one_line(f.expected_reason)[:200]}")
    lines.append(f"    id      {one_line(f.id)[:200]}")
    return "\n".join(lines)


def _witness(w: Witness) -> list[str]:
    lines = []
    for r in ranking.shown_rows(w, _ROWS):
        decimal, more = w.x_decimal[r], ", ..." if len(w.x_decimal[r]) > _CLASSES else ""
        name = "x" if len(w.x_decimal) == 1 else f"x[{r}]"
        lines.append(f"    {name:<7} [{directed(', '.join(decimal[:_CLASSES]))}{more}]")
        if len(w.x_hex) > r and w.x_hex[r]:
            lines.append(f"            [{directed(', '.join(w.x_hex[r][:_CLASSES]))}{more}]")
    if w.labels is not None:
        lines.append(f"    labels  {list(w.labels[:_CLASSES])}")
    for name, number in (("got", w.got), ("exact", w.exact)):
        if number:
            lines.append(f"    {name:<7} {_number(number)}")
    return lines


def _number(number: Number) -> str:
    return directed(f"{number.decimal}  ({number.hex})" if number.hex else number.decimal)
