"""Small HTML for notebooks: what a finding says, with every text escaped, and nothing that loads or runs."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softcert_reports.document.records import Finding

_LONGEST = 400  # characters of one text


def text(value: object, longest: int = _LONGEST) -> str:
    """A text as HTML: cut, escaped, and without characters that cannot be seen or that turn its direction.

    >>> text("<b>bold</b>")
    '&lt;b&gt;bold&lt;/b&gt;'
    """
    plain = " ".join(str(value)[: 4 * longest].split())
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in plain)
    return escape(shown if len(shown) <= longest else f"{shown[: longest - 1]}…")


def table(rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns, a head and its text on each row; texts are HTML already."""
    lines = "".join(f"<tr><th>{text(head)}</th><td>{body}</td></tr>" for head, body in rows if body)
    return f"<table>{lines}</table>"


def finding(f: Finding) -> str:
    """A finding: what, where, witness, result and truth, cause and remedy."""
    w, d = f.witness, f.diagnosis
    rows = [("where", text(f"{f.subject} · {f.operation} · {f.format} · {f.property}"))]
    if w is not None:
        inputs = w.x_decimal[:2]
        rows += [("x", text(", ".join(row[:8]) + (", …" if len(row) > 8 else ""))) for row in inputs]
        rows += [(name, text(n.decimal)) for name, n in (("got", w.got), ("exact", w.exact)) if n is not None]
    if d is not None:
        rows += [("cause", text(d.text)), ("remedy", text(d.remedy))]
    return f"<p><b>{text(f.summary)}</b></p>{table(rows)}"
