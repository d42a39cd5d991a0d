"""For GitHub Actions: the job summary (Markdown, below one mebibyte) and annotations (workflow commands)."""

import re

from softcert_reports.document import Document, Subject
from softcert_reports.exports import text
from softcert_reports.exports.places import place
from softcert_reports.formatting import causes, wording
from softcert_reports.formatting.causes import Cause
from softcert_reports.formatting.contracts import contract_lines
from softcert_reports.formatting.numbers import plain, several
from softcert_reports.formatting.sanitise import directed, one_line, short

SUMMARY_LIMIT = 1024 * 1024 - 4096
"""GitHub refuses a step's summary above 1 MiB; something is left for what others write."""

ANNOTATIONS = 9
"""GitHub shows ten annotations of a kind for a step; the tenth is for the count of the others."""


def job_summary(document: Document) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        Headline, counts, a table of implementations and the causes that decide, each once, the worst first: as many as
        fit into `SUMMARY_LIMIT` bytes, and how many were left out.
    """
    parts = [f"## {_mark(document)} {markdown(wording.headline(document))}\n"]
    if not document.complete:
        parts.append(f"**Incomplete:** {markdown(document.incomplete_reason or 'the run was ended early')}\n")
    if caution := wording.unisolated(document):
        parts.append(f"{markdown(caution)}\n")
    counts = wording.denominators(wording.totals(document), wording.violations_above(document))
    parts.append(markdown(counts, 600) + "\n")
    if expectation := wording.expectation(document):
        parts.append(markdown(expectation) + "\n")
    if document.baseline:
        parts += [f"- {markdown(t)}" for t in (*document.baseline.unexpected, *document.baseline.stale)][:100]
    parts.append(_table(document))
    if contracts := contract_lines(document):
        parts += [f"- **{markdown(subject.name, 60)}** {markdown(line)}" for subject, line in contracts[:1000]]
        parts.append("")
    found = causes.gating(document)
    shown, size = 0, sum(len(p.encode()) + 1 for p in parts)
    for cause in found:
        section = _section(cause)
        size += len(section.encode()) + 1
        if size > SUMMARY_LIMIT - 200:
            break
        parts.append(section)
        shown += 1
    if shown < len(found):
        left = causes.number_of(found[shown:]).replace("cause", "more cause", 1)
        parts.append(f"and {left}; all stand in results.json.\n")
    return "\n".join(parts)


def _mark(document: Document) -> str:
    if wording.accepted(document):
        return wording.GLYPHS["expected fail"]
    return {0: "✅", 1: "❌"}.get(document.exit_code, "⚠️")


def _table(document: Document) -> str:
    lines = ["| | implementation | verdict | level | checks | failed | worst error ÷ limit |", "|-|-|-|-|-:|-:|-:|"]
    for s in document.subjects[:1000]:
        ratios = [
            c.worst_ratio
            for c in document.cells
            if c.subject == s.name and c.worst_ratio is not None and wording.shown_outcome(c, document) != wording.ABOVE
        ]
        worst = plain(max(ratios, key=lambda r: (r != r, r))) if ratios else "–"
        failed = s.counts.failed - wording.violations_above(document, s.name)
        lines.append(
            f"| {wording.VERDICT_GLYPHS[s.verdict]} | {markdown(s.name, 60)} | {s.verdict} | {s.level or '–'} "
            f"| {s.counts.checks:,} | {failed:,} | {worst} |"
        )
    return "\n".join(lines) + "\n"


def _section(cause: Cause) -> str:
    body = _fence(text.cause(cause))
    head = f"{markdown(cause.name, 80)}: {markdown(cause.first.summary, 200)}"
    return f"<details><summary>{head}</summary>\n\n{body}\n\n</details>\n"


def _fence(code: str) -> str:
    """A fenced block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{directed(code)}\n{fence}"


def markdown(value: str, length: int = 300) -> str:
    """Text that Markdown, a table's cell and HTML leave as it is: every special character as an entity."""
    return re.sub(r"[^\w\s.,;:÷–…“”'()/=+%-]", lambda m: f"&#{ord(m[0])};", short(one_line(value), length))


def annotations(document: Document) -> str:
    """Workflow commands for standard output.

    Parameters
    ----------
    document
        The results of one run.

    Returns
    -------
    str
        One ``::error`` command a line: the worst `ANNOTATIONS` causes that decide, then one for the number of further
        ones and the first difference from the baseline. Empty where there is nothing to report.
    """
    found = causes.gating(document)
    subjects = {s.name: s for s in document.subjects}
    lines = [_command(c, subjects.get(c.subject)) for c in found[:ANNOTATIONS]]
    problems = [*(document.baseline.unexpected + document.baseline.stale if document.baseline else ())]
    if not document.complete:
        problems.insert(0, document.incomplete_reason or "the run is incomplete")
    rest = len(found) - ANNOTATIONS
    words = ([f"{several(rest, 'more cause')}; the report has them all"] if rest > 0 else []) + problems[:1]
    if words:
        message = ". ".join(one_line(w) for w in words)
        lines.append(f"::error title={_property('softcert')}::{_data(message)}")
    return "".join(line + "\n" for line in lines)


def _command(cause: Cause, subject: Subject | None) -> str:
    finding = cause.first
    where = short(f"{finding.subject} / {finding.operation} / {finding.format}", 120)
    path, line = place(subject, finding.operation)
    file = f"file={_property(path)},line={line}," if path else ""
    return f"::error {file}title={_property(f'softcert: {where}')}::{_data(short(text.cause(cause), 3000))}"


def _data(value: str) -> str:
    """A command's message: percent, carriage return and line feed are escaped, as the runner unescapes them."""
    return directed(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    """A command's property: colon and comma as well."""
    return _data(one_line(value)).replace(":", "%3A").replace(",", "%2C")
