"""An audit as a section of HTML, on a page of its own: no script, nothing from elsewhere, every word escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from softcert.audit import rule
from softcert.audit.outcome import Outcome
from softcert.audit.run import Audit
from softcert.audit.text import constants, mended, ordinary, size, sizes

_STYLE = """
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#ccc;--bad:#b3261e;--good:#1b6e3c}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--paper:#161616;--line:#444;--bad:#ff8a80;--good:#7fd79b}}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
body{color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2rem}h1,h2,td,li,p{overflow-wrap:break-word}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
tr{border-bottom:1px solid var(--line)}td.n{white-space:nowrap;font-variant-numeric:tabular-nums}
.answer{font-size:1.2rem}.bad{color:var(--bad)}.good{color:var(--good)}footer{margin-top:3rem;font-size:.85rem}
@media(max-width:40rem){.wide thead{display:none}.wide td{display:block;padding:.1rem 0}
.wide tr{display:block;padding:.5rem 0}
.wide td[data-is]:before{content:attr(data-is) ": ";font-weight:600}}
"""


def page(audits: Sequence[Audit]) -> str:
    """The page of some audits."""
    sections = "\n".join(section(found) for found in audits)
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>softcert audit</title>"
    written = datetime.now().astimezone().isoformat(timespec="seconds")
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>\n{sections}\n"
        f"<footer>Written by <code>softcert audit</code> on {written}.</footer>\n</body></html>\n"
    )


def section(found: Audit) -> str:
    """One audit."""
    return "\n".join(_parts(found))


def _parts(found: Audit) -> Iterator[str]:
    told = f"{found.check}: {found.operation} in {found.format}, effort {found.effort}"
    yield f"<section><h1>{escape(told)}</h1>"
    state = "good" if found.passed else "bad"
    yield (
        f"<p class='answer {state}'>{found.killed} of {len(found.wrong)} wrong implementations are refused, "
        f"and {len(found.refused)} of {len(found.correct)} correct ones.</p>"
    )
    yield f"<p>Zeros and constants: {escape(constants(found))}. Sizes: {escape(sizes(found.shapes))}.</p>"
    if found.broken:
        yield f"<p class=bad>The check failed itself on {len(found.broken)} of them: {escape(found.broken[0].why)}</p>"
    if found.survivors:
        yield from _most_harmful(found.survivors[0])
        yield f"<h2>What would mend it</h2>{_items(line.strip() for line in mended(found))}"
        yield from _passing(found.survivors)
    if found.refused:
        yield "<h2>Correct implementations that are refused</h2>"
        yield _items(f"{o.name}: {o.why or o.how}" for o in found.refused)
    if found.unfinished:
        yield "<h2>Not finished in time, and not counted</h2>" + _items(o.name for o in found.unfinished)
    rows = (
        f"<tr><td>{escape(family)}</td><td class=n>{killed} of {total}</td></tr>"
        for family, (killed, total) in found.families.items()
    )
    yield "<h2>By family</h2>"
    yield f"<table><thead><tr><th>family</th><th>refused</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    behind = [line.strip() for line in rule.lines(found)]
    if behind:
        yield f"<h2>Where the rule is from</h2>{_items(behind)}"
    yield "</section>"


def _most_harmful(o: Outcome) -> Iterator[str]:
    yield "<h2>The most harmful that passes</h2>"
    yield f"<p><b>{escape(o.name)}</b> ({escape(o.family)}) {escape(o.behaves.rstrip('.'))}.</p>"
    shape = " x ".join(map(str, o.error_shape))
    yield f"<p>Largest error: {escape(size(o))}, on logits {shape}; on ordinary ones {escape(ordinary(o))}.</p>"
    if o.remedy:
        yield f"<p>Remedy of its author: {escape(o.remedy)}</p>"


def _passing(survivors: Sequence[Outcome]) -> Iterator[str]:
    yield "<h2>Wrong implementations that pass</h2>"
    heads = ("name", "what it does", "largest error", "refused by the limit", "refused on mending inputs")
    rows = []
    for o in survivors:
        cells = (o.name, o.behaves, size(o), "yes" if o.by_limit else "no", "yes" if o.by_inputs else "no")
        told = "".join(f"<td data-is='{h}'>{_breaking(c)}</td>" for h, c in zip(heads, cells, strict=True))
        rows.append(f"<tr>{told}</tr>")
    head = "".join(f"<th>{h}</th>" for h in heads)
    yield f"<table class=wide><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _breaking(text: str) -> str:
    """Escaped text that may break after an underscore: names of models are long."""
    return escape(text).replace("_", "_<wbr>")


def _items(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_breaking(line)}</li>' for line in lines)}</ul>"
