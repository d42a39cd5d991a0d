"""The sizes that were run, as small pictures: one for each distinct hull, with the units that share it."""

from __future__ import annotations

from dataclasses import dataclass

from softcert_reports.document import Document, Domain
from softcert_reports.formatting.numbers import listed, several

SHOWN = 8
"""Pictures at most; the table has them all."""


@dataclass(frozen=True, kw_only=True)
class Hull:
    """One hull.

    Attributes
    ----------
    corners
        (rows, classes) of each corner, ever more rows.
    text
        Whose it is.
    """

    corners: tuple[tuple[int, int], ...]
    text: str


def hulls(document: Document) -> list[Hull]:
    """The distinct hulls of a document, those of the most units first, `SHOWN` at most.

    Hulls of no extent (one size alone) have no picture.
    """
    shared: dict[tuple[tuple[int, int], ...], list[Domain]] = {}
    for domain in document.domains:
        corners = tuple(sorted((corner.rows, corner.classes) for corner in domain.hull))
        if any(rows > 1 or classes > 1 for rows, classes in corners):
            shared.setdefault(corners, []).append(domain)
    most_first = sorted(shared.items(), key=lambda item: -len(item[1]))
    return [Hull(corners=corners, text=_whose(document, domains)) for corners, domains in most_first[:SHOWN]]


def _whose(document: Document, domains: list[Domain]) -> str:
    if len(domains) == len(document.domains) > 1:
        return "every operation and format"
    operations = dict.fromkeys(d.operation for d in domains)
    formats = dict.fromkeys(d.format for d in domains)
    names = dict.fromkeys(d.subject for d in domains)
    whose = f"{several(len(names), 'implementation')}: " if len(names) > 1 else ""
    return f"{whose}{listed(operations)} in {listed(formats)}"
