"""Text from elsewhere, made fit to be shown: control characters made visible, long names cut, MathML sifted.

Escaping is Jinja's work; this file is about what escaping leaves: characters that no HTML, XML or terminal may hold,
marks that turn the direction of the text around them, and markup that we want to let through.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u2028\u2029]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CI_COMMAND = re.compile(r"^([^\S\n]*)([:#])(?=\2)|(#)(?=#[a-z]*\[)", re.MULTILINE | re.IGNORECASE)
"""What makes a line of a log a command: ``::`` (GitHub) at its start, ``##[``, ``##vso[``, ``##teamcity[`` anywhere."""
_PLAIN = {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "÷": "/",
    "─": "-",
    "⟨": "<",
    "⟩": ">",
}
"""What our own words use beyond ASCII, for terminals that lack it."""

_MATHML = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "ms",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "mpadded",
        "mphantom",
        "mfenced",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
    ]
)
_MATHML_ATTRIBUTES = frozenset(
    [
        "mathvariant",
        "stretchy",
        "fence",
        "separator",
        "accent",
        "accentunder",
        "open",
        "close",
        "separators",
        "columnalign",
        "rowalign",
        "linethickness",
        "displaystyle",
        "lspace",
        "rspace",
        "width",
        "form",
    ]
)


def visible(text: str) -> str:
    """The text with every character that a page or an XML file may not hold shown as U+XXXX."""
    return _CONTROL.sub(_named, text)


def directed(text: str) -> str:
    """Code: marks of direction are shown as U+XXXX too, since they can make code look like other code."""
    return _DIRECTION.sub(_named, visible(text))


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def short(text: str, length: int = 48) -> str:
    """The text, cut in its middle where it is long."""
    if len(text) <= length:
        return text
    return f"{text[: length * 2 // 3]}…{text[-(length // 3 - 1) :]}"


def one_line(text: str) -> str:
    """The text on one line, for a log: no control characters, no direction marks."""
    return directed(" ".join(text.split()))


def log_safe(text: str) -> str:
    """Text of several lines that can stand in any terminal and in the log of any CI system.

    Every word that comes from a subject or a document passes through this function before it is printed, or through
    `one_line` if it must not begin a line of its own.

    Parameters
    ----------
    text
        Any text; newlines and tabs are kept.

    Returns
    -------
    str
        Control characters, escape sequences and marks of direction are shown as U+XXXX. No line is a command: the first
        character of ``::`` and ``##`` is shown as U+XXXX at the start of a line, and that of ``##vso[`` anywhere.

    Examples
    --------
    >>> print(log_safe("a\\x1b[31m\\n ::error::b"))
    a⟨U+001B⟩[31m
     ⟨U+003A⟩:error::b
    """
    return _CI_COMMAND.sub(_defused, directed(text))


def _defused(match: re.Match[str]) -> str:
    return f"{match[1] or ''}⟨U+{ord(match[2] or match[3]):04X}⟩"


def encodable(text: str, encoding: str) -> str:
    """The text with each character that an encoding lacks replaced by a plain one, or by a question mark.

    >>> encodable("“stable” ✓", "ascii")
    '"stable" ?'
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = "".join(_PLAIN.get(c, c) for c in text)
        return plain.encode(encoding, "replace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "replace").decode("ascii")
    return text


def slug(*parts: str) -> str:
    """Ten hexadecimal digits that stand for these texts in every run: an anchor that survives."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def script_json(data: Any) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or start a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def mathml(markup: object) -> str:
    """Presentation MathML with known elements and attributes only; "" where there is none or it is not MathML."""
    if not isinstance(markup, str) or not markup.strip() or "<!" in markup:
        return ""
    from xml.etree import ElementTree  # where there is markup only: importing it takes longer than a short command

    try:
        root = ElementTree.fromstring(markup.strip())
    except (ElementTree.ParseError, ValueError, RecursionError):
        return ""
    if _local(root.tag) != "math" or not all(_local(e.tag) in _MATHML for e in root.iter()):
        return ""
    for element in root.iter():
        element.tag = _local(element.tag)
        if element.attrib.pop("display", "") == "block":
            element.attrib["displaystyle"] = "true"  # large, but on the text's own left edge
        element.attrib = {k: v for k, v in element.attrib.items() if k in _MATHML_ATTRIBUTES}
        element.text = visible(element.text or "") or None
        element.tail = visible(element.tail or "") or None
    root.tail = None
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
