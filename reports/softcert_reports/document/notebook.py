"""Small HTML for notebooks: tables of texts, each text escaped, and nothing that loads or runs."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

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


def entry(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A title over a table of plain texts."""
    return f"<p><b>{text(title)}</b></p>{table((head, text(body)) for head, body in rows)}"
