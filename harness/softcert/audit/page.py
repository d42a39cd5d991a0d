"""An audit as a section of HTML, on a page of its own: no script, nothing from elsewhere, every word escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from softcert.audit.run import Audit
from softcert.audit.text import size

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "body{color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid #ccc}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#444}}"
)


def page(audits: Sequence[Audit]) -> str:
    """The page of some audits."""
    sections = "\n".join(section(found) for found in audits)
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>softcert audit</title>"
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>\n{sections}\n</body></html>\n"
    )


def section(found: Audit) -> str:
    """One audit."""
    return "\n".join(_parts(found))


def _parts(found: Audit) -> Iterator[str]:
    yield f"<section><h1>{escape(found.check)}: {escape(found.operation)} in {escape(found.format)}</h1>"
    yield (
        f"<p>{found.killed} of {len(found.wrong)} wrong implementations are refused, "
        f"and {len(found.refused)} of {len(found.correct)} correct ones.</p>"
    )
    rows = (
        f"<tr><td>{escape(family)}</td><td class=n>{killed} of {total}</td></tr>"
        for family, (killed, total) in found.families.items()
    )
    yield f"<table><thead><tr><th>family</th><th>refused</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    if found.survivors:
        yield "<h2>Wrong implementations that pass</h2>"
        passing = (
            f"<tr><td>{escape(o.name)}</td><td>{escape(o.behaves)}</td><td class=n>{escape(size(o))}</td>"
            f"<td>{'yes' if o.by_limit else 'no'}</td><td>{'yes' if o.by_inputs else 'no'}</td></tr>"
            for o in found.survivors
        )
        heads = ("name", "what it does", "largest error", "refused by the limit", "refused on mending inputs")
        head = "".join(f"<th>{h}</th>" for h in heads)
        yield f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(passing)}</tbody></table>"
    if found.refused:
        items = "".join(f"<li>{escape(o.name)}: {escape(o.why or o.how)}</li>" for o in found.refused)
        yield f"<h2>Correct implementations that are refused</h2><ul>{items}</ul>"
    yield "</section>"
