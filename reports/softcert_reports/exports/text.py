"""The report as plain text, for logs and terminals: a summary table, the worst findings with witness and remedy.

No colour, no control character and no mark that turns the direction of text, whatever the names in it hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from softcert_reports.document import Document, Finding, Number, Witness
from softcert_reports.formatting import ranking, wording
from softcert_reports.formatting.contracts import contract_lines
from softcert_reports.formatting.numbers import plain, several
from softcert_reports.formatting.sanitise import directed, log_safe, one_line, short

_NUMBER = re.compile(r"-|-?inf|nan|-?[0-9][0-9.,e+-]*")


def summary(document: Document, findings: int = 5) -> str:
    """The report for a log or a terminal.

    Parameters
    ----------
    document
        The results of one run.
    findings
        How many of the findings that decide are shown in full, the worst first.

    Returns
    -------
    str
        Headline, counts, a table of implementations, findings with witness and remedy, the differences from the
        baseline. Plain text without colours or control characters.

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
    parts += [f"{short(one_line(subject.name), 32)}: {line}" for subject, line in contract_lines(document)]
    worst = ranking.gating(document)
    for f in worst[:findings]:
        parts.append(finding(f))
    if len(worst) > findings:
        parts.append(f"and {several(len(worst) - findings, 'more finding')}.")
    if expectation := wording.expectation(document):
        parts.append(expectation)
    if document.baseline:
        parts += [f"unexpected: {one_line(t)}" for t in document.baseline.unexpected]
        parts += [f"stale in the baseline: {one_line(t)}" for t in document.baseline.stale]
    return log_safe("\n\n".join(parts) + "\n")


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


def finding(f: Finding) -> str:
    """One finding: what, where, the witness in decimal and hexadecimal, the limit, the remedy."""
    where = one_line(f"{short(f.subject, 60)} / {f.operation} / {f.format} / {f.property}")
    lines = [f"[{f.level}] {one_line(f.summary)}", f"    where   {where} (seen {several(f.occurrences, 'time')})"]
    if f.witness:
        lines += _witness(f.witness)
    if f.limit is not None:
        error = f"error {plain(f.measured)} {f.unit} ({plain(f.ratio)} times the limit)"
        lines.append(f"    limit   {plain(f.limit)} {f.unit}; {error}")
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
    for decimal, hexadecimal in zip(w.x_decimal[:2], (*w.x_hex[:2], (), ()), strict=False):
        more = ", ..." if len(decimal) > 8 else ""
        lines.append(f"    x       [{directed(', '.join(decimal[:8]))}{more}]")
        if hexadecimal:
            lines.append(f"            [{directed(', '.join(hexadecimal[:8]))}{more}]")
    if w.labels is not None:
        lines.append(f"    labels  {list(w.labels[:8])}")
    for name, number in (("got", w.got), ("exact", w.exact)):
        if number:
            lines.append(f"    {name:<7} {_number(number)}")
    return lines


def _number(number: Number) -> str:
    return directed(f"{number.decimal}  ({number.hex})" if number.hex else number.decimal)
