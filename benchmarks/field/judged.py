"""What a person found by looking at each refusal with mpmath: a defect, a documented choice, or still open.

A refusal that nobody has looked at is "open", never a defect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One judgement of the refusals that match.

    Attributes
    ----------
    library, operation, format, property : str
        Patterns, as of a shell.
    kind : str
        "defect", "documented choice" or "open".
    why : str
        The reason in a sentence or two.
    snippet : str
        The name of a script in docs/field/snippets that shows it without softcert; "" if there is none.
    """

    library: str
    operation: str = "*"
    format: str = "*"
    property: str = "*"
    kind: str
    why: str
    snippet: str = ""


JUDGED: tuple[Judged, ...] = ()
"""The first that matches holds."""

OPEN = Judged(library="*", kind="open", why="Not examined by hand yet: it may be a choice that the library documents.")


def of(row: Mapping[str, Any], finding: Mapping[str, Any]) -> Judged:
    """The judgement of one finding of one row of the document."""
    for judged in JUDGED:
        asked = ((judged.library, row["library"]), (judged.operation, row["operation"]))
        asked += ((judged.format, row["format"]), (judged.property, finding["property"]))
        if all(fnmatchcase(value, pattern) for pattern, value in asked):
            return judged
    return OPEN
