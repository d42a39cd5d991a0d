"""Which level a document asks for, which findings decide its exit code, and in which order findings are shown."""

from __future__ import annotations

import math

from softcert_reports.document import Document, Finding, Level, Witness

_NOT_FINITE = frozenset({"inf", "-inf", "nan"})
_COSTLY = frozenset({"hang", "memory"})
_LARGE = 4096  # logits
_PLAIN_RATIO, _CLEAR_RATIO = 16.0, 4.0  # times the limit: no one takes it for rounding; hardly anyone does


def rank(level: str | None) -> int:
    """0 for no level, 1 for sound, ... 4 for faithful."""
    return Level(level).rank + 1 if level in tuple(Level) else 0


def is_asked(level: str | None, document: Document) -> bool:
    """Whether a level is at or below the one asked for: a violation there decides the exit code."""
    return rank(level) <= rank(document.asked_level)


def has_known_cause(finding: Finding) -> bool:
    """Whether the finding behaves like a known defect (a diagnosis may also say that none does)."""
    return finding.diagnosis is not None and bool(finding.diagnosis.defect)


def telling(finding: Finding) -> tuple[bool, bool, int]:
    """The sort key of a finding by its witness.

    Ordinary logits come before infinities and NaN, a small input before a large one and before a fault that costs the
    whole limit (of time or of memory), an error many times the limit before one at the margin.
    """
    witness, ratio = finding.witness, finding.ratio
    special = witness is not None and any(text in _NOT_FINITE for row in witness.x_hex for text in row)
    special |= witness is not None and 0 in witness.shape
    large = witness is not None and math.prod(witness.shape) > _LARGE
    return special, large or finding.cause in _COSTLY, 2 if ratio is None else _margin(ratio)


def _margin(ratio: float) -> int:
    if math.isnan(ratio) or ratio >= _PLAIN_RATIO:
        return 0
    return 1 if ratio >= _CLEAR_RATIO else 2


def severity(document: Document, finding: Finding, operation: int = 0) -> tuple[object, ...]:
    """The sort key of a finding, the worst first.

    Findings at the asked level come before those above it; then unexpected before expected ones, those that tell most
    (`telling`), those of known cause, those of low level, those without a finite error, those far above their limit.
    ``operation`` is the position of the finding's operation in the document.
    """
    ratio = finding.ratio if finding.ratio is not None else 0.0
    unbounded = math.isnan(ratio) or ratio == math.inf
    return (
        not is_asked(finding.level, document),
        bool(finding.expected_reason),
        *telling(finding),
        not has_known_cause(finding),
        rank(finding.level),
        not unbounded,
        0.0 if unbounded else -ratio,
        finding.subject,
        operation,
        finding.operation,
        finding.format,
        finding.property,
        finding.id,
    )


def worst_first(document: Document) -> list[Finding]:
    """All findings, worst first; equally bad ones in the order of the operations."""
    order = {name: i for i, name in enumerate(dict.fromkeys(c.operation for c in document.cells))}
    return sorted(document.findings, key=lambda f: severity(document, f, order.get(f.operation, len(order))))


def gating(document: Document) -> list[Finding]:
    """Findings that decide the exit code: at or below the asked level and not expected by the baseline."""
    return [f for f in worst_first(document) if is_asked(f.level, document) and not f.expected_reason]


def shown_rows(w: Witness, most: int) -> list[int]:
    """The rows of a witness that are shown, in their order: the row of the result first of all, then from the top."""
    rows = range(len(w.x_decimal))
    of_result = [w.element[0]] if w.element and len(w.shape) == 2 and w.element[0] in rows else []
    return sorted([*of_result, *(r for r in rows if r not in of_result)][:most])
