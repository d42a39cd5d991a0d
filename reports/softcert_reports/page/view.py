"""What the page's template needs besides the document itself: orders, groups, sums and texts. No markup here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from softcert_reports.document import Document, Finding, LimitEntry, Pairwise, SpecialValue, Subject
from softcert_reports.formatting import ranking, wording
from softcert_reports.formatting.causes import Cause, grouped
from softcert_reports.page import anchors, hulls, matrix, plots

CARDS = 60
"""Causes that have a card."""
IN_FULL, WITNESSES = 20, 3
"""Folded findings in full, of all cards together and of one card."""
ROWS, ROWS_OF_CARD = 200, 40
"""Rows of the tables of further findings, of all cards together and of one card."""
LISTED = 100
"""Rows of the table of findings without a card, and of those above the asked level."""
CAUSES = 5
"""Causes of one implementation that the first screen tells in full; it names the others."""
_JUDGED = ("pass", "fail", "expected fail", "undecided")


def context(document: Document) -> dict[str, Any]:
    """All names that the template uses, by section."""
    findings = ranking.worst_first(document)
    above = [f for f in findings if not ranking.is_asked(f.level, document)]
    asked = [f for f in findings if f not in above]
    by_cause = grouped(asked)
    cards, left = _cards(by_cause)
    return {
        "document": document,
        "headline": wording.headline(document),
        "exceptions": wording.exceptions(document) if len(document.subjects) > 1 else [],
        "tone": tone(document),
        "caution": wording.unisolated(document),
        "exit_meaning": wording.EXIT_MEANING.get(document.exit_code, "unknown"),
        "expectation": wording.expectation(document),
        "totals": wording.totals(document),
        "above": wording.violations_above(document),
        "subjects": [_subject(document, s, by_cause) for s in document.subjects],
        "columns": _columns(document),
        "matrix": matrix.tables(document, _addresses(cards, (*left[:LISTED], *above[:LISTED]))),
        "filters": _filters(document),
        "findings": asked,
        "causes": by_cause,
        "cards": cards,
        "left": left,
        "listed": LISTED,
        "shown_causes": CAUSES,
        "findings_above": above,
        "curves": [plots.summary(s) for s in document.series],
        "pairs": _pairs(document.pairwise),
        "special": _special(document.special_values),
        "limits": _limits(document.limits),
        "hulls": hulls.hulls(document),
        "compares_speed": len({s.subject for s in document.speed}) > 1,
        "coverage": _coverage(document),
        "too_large": _too_large(document),
        "power": _power(document),
        "claims": _claims(document.ground_truth.claims),
        "outcomes": [o for o in wording.OUTCOME_MEANING if o != wording.ABOVE or above or _any_above(document)],
    }


def tone(document: Document) -> str:
    """The banner's tone: good, bad, open, or expected by a baseline; by the exit code and never by a count alone."""
    if wording.accepted(document):
        return "expected"
    return {0: "good", 1: "bad"}.get(document.exit_code, "open")


def _any_above(document: Document) -> bool:
    return any(wording.shown_outcome(c, document) == wording.ABOVE for c in document.cells)


def _cards(causes: Sequence[Cause]) -> tuple[list[dict[str, Any]], list[Finding]]:
    """A card a cause, and the findings of the causes that have none.

    Each card has its plainest finding in full. Further ones are folded: some in full, some in a table, the others
    counted.
    """
    cards, full_left, rows_left = [], IN_FULL, ROWS
    for cause in causes[:CARDS]:
        others = cause.findings[1:]
        full = others[: min(full_left, WITNESSES)]
        brief = others[len(full) :][: min(rows_left, ROWS_OF_CARD)]
        full_left, rows_left = full_left - len(full), rows_left - len(brief)
        cards.append(
            {
                "cause": cause,
                "anchor": anchors.of_cause(cause),
                "full": full,
                "brief": brief,
                "uncounted": len(others) - len(full) - len(brief),
            }
        )
    return cards, [f for cause in causes[CARDS:] for f in cause.findings]


def _addresses(cards: Sequence[Mapping[str, Any]], others: Sequence[Finding]) -> dict[str, str]:
    """Where on the page each finding is told: at its own place, or at the card of its cause."""
    out = {f.id: card["anchor"] for card in cards for f in card["cause"].findings}
    out |= {f.id: anchors.of_finding(f) for card in cards for f in (card["cause"].first, *card["full"], *card["brief"])}
    return out | {f.id: anchors.of_finding(f) for f in others}


def _subject(document: Document, subject: Subject, causes: Sequence[Cause]) -> dict[str, Any]:
    mine = [c for c in causes if c.subject == subject.name]
    domains = [d for d in document.domains if d.subject == subject.name]
    ratios = [
        (c.worst_ratio, c)
        for c in document.cells
        if c.subject == subject.name and c.worst_ratio is not None and wording.shown_outcome(c, document) in _JUDGED
    ]
    finite = [(r, c) for r, c in ratios if math.isfinite(r)]
    return {
        "it": subject,
        "causes": mine,
        "above": wording.violations_above(document, subject.name),
        "hull": [corner for d in domains for corner in d.hull],
        "classes": {n for d in domains for n in d.classes},
        "rows": {n for d in domains for n in d.rows},
        "largest": max((d.largest_abs_logit for d in domains if d.largest_abs_logit is not None), default=None),
        "closest": max(finite, key=lambda pair: pair[0], default=None),
        "proved": bool(subject.levels)
        and all(h.basis == "proved on every input" for by in subject.levels.values() for h in by.values()),
    }


def _columns(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    """Operations with the formats in which any subject was judged: the columns of the table of levels."""
    out: dict[str, dict[str, None]] = {}
    for subject in document.subjects:
        for operation, by_format in wording.levels(subject):
            out.setdefault(operation, {}).update(dict.fromkeys(f for f, _ in by_format))
    return [(operation, tuple(formats)) for operation, formats in out.items()]


def _filters(document: Document) -> dict[str, list[str]]:
    cells = document.cells
    return {
        "operation": list(dict.fromkeys(c.operation for c in cells)),
        "format": list(dict.fromkeys(c.format for c in cells)),
    }


def _limits(entries: Iterable[LimitEntry]) -> list[dict[str, Any]]:
    """Each limit once, with the names of all implementations that it judged."""
    out: dict[str, dict[str, Any]] = {}
    for entry in entries:
        key = repr(replace(entry, subject=""))
        names = out.setdefault(key, {"it": entry, "subjects": []})["subjects"]
        if entry.subject and entry.subject not in names:
            names.append(entry.subject)
    return list(out.values())


def _pairs(pairs: Iterable[Pairwise]) -> list[dict[str, Any]]:
    """Heat maps: one a (operation, format), rows and columns in order of appearance, shade by powers of ten."""
    grouped: dict[tuple[str, str], list[Pairwise]] = {}
    for p in pairs:
        grouped.setdefault((p.operation, p.format), []).append(p)
    out = []
    for (operation, format), group in grouped.items():
        names = list(dict.fromkeys(n for p in group for n in (p.a, p.b)))
        values = {frozenset((p.a, p.b)): p.largest_ulp for p in group}
        grid = [
            (a, [values.get(frozenset((a, b))) if j < i else None for j, b in enumerate(names[:-1])])
            for i, a in enumerate(names)
            if i
        ]
        shaded = [(a, [None if v is None else (shade(v), v) for v in row]) for a, row in grid]
        heat_map = {"operation": operation, "format": format, "names": names, "small": len(names) <= 6, "grid": shaded}
        out.append(heat_map)
    return out


def shade(ulp: float) -> int:
    """0 for equal bits, 1 below one ulp, then one shade a power of ten up to 6, 7 for NaN and infinity."""
    if not math.isfinite(ulp):
        return 7
    if ulp == 0:
        return 0
    return 1 if ulp <= 1 else min(6, 2 + int(math.log10(ulp)))


def _special(rows: Iterable[SpecialValue]) -> list[dict[str, Any]]:
    """One table an operation: rows of the special-value table against subject and format."""
    out: dict[str, dict[str, Any]] = {}
    for r in rows:
        table = out.setdefault(r.operation, {"operation": r.operation, "rows": {}, "columns": {}})
        table["columns"].setdefault((r.subject, r.format))
        line = table["rows"].setdefault((r.row, r.accepted), {})
        line.setdefault((r.subject, r.format), r)
    return list(out.values())


def _coverage(document: Document) -> list[dict[str, Any]]:
    """Axis by axis: value -> cases over all operations and formats, with the largest for the bar's scale."""
    out: dict[str, dict[str, int]] = {}
    for c in document.coverage:
        axis = out.setdefault(c.axis, {})
        axis[c.value] = axis.get(c.value, 0) + c.count
    return [{"axis": axis, "values": values, "most": max(values.values()) or 1} for axis, values in out.items()]


def _too_large(document: Document) -> list[str]:
    """The pairs that were left out for size in any operation and format, each once."""
    crossings = [c for d in document.domains for c in d.crossings if c.strength == 2]
    return sorted({entry.reason for c in crossings for entry in c.left_out})[:200]


def _power(document: Document) -> dict[str, int] | None:
    if document.power is None:
        return None
    families = document.power.families
    return {"defects": sum(f.defects for f in families), "killed": sum(f.killed for f in families)}


def _claims(claims: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ledger's dictionaries with every key present, so that the template need not ask."""
    keys = [
        "id",
        "seed",
        "quote",
        "statement",
        "verdict",
        "reconstructed",
        "mathml",
        "proof_steps",
        "corrected",
        "corrected_mathml",
        "counterexample",
        "method",
        "remark",
    ]
    out = []
    for claim in claims:
        full = {key: claim.get(key) for key in keys}
        steps = full["proof_steps"]
        full["proof_steps"] = [steps] if isinstance(steps, str) else [str(s) for s in steps or ()]
        out.append(full)
    return out
