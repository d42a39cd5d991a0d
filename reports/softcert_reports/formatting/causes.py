"""Findings grouped by their cause: what the terminal, the page, the job summary and pytest show, each cause once.

A defect shows in many operations, formats and properties. A reader wants to hear of it once, with the plainest witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softcert_reports.document import Document, Finding
from softcert_reports.formatting import ranking
from softcert_reports.formatting.numbers import listed, several

_OF_FORM = frozenset({"completes", "result_format", "result_shape", "input_unchanged"})
"""Properties of a reply's form: their cause is what was observed, in words of its own."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """The findings of one subject that have one cause.

    Attributes
    ----------
    subject
        The subject's name.
    findings
        At least one, the plainest first: one of each operation and format before a second one of any.
    """

    subject: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding with the plainest witness."""
        return self.findings[0]

    @property
    def known(self) -> bool:
        """Whether the cause is a known defect, or was observed."""
        return ranking.has_known_cause(self.first)

    @property
    def name(self) -> str:
        """The family of the defect; for an unknown cause the property that fails."""
        d = self.first.diagnosis
        return (d.family or d.defect) if d is not None and self.known else self.first.property.replace("_", " ")

    @property
    def text(self) -> str:
        """What the subject does, in the words of the diagnosis; "" where no diagnosis was made."""
        return self.first.diagnosis.text if self.first.diagnosis else ""

    @property
    def confidence(self) -> str:
        """How sure the cause is; "" where it is not known."""
        return self.first.diagnosis.confidence if self.first.diagnosis and self.known else ""

    @property
    def remedy(self) -> str:
        """What to do."""
        return self.first.diagnosis.remedy if self.first.diagnosis else ""

    @property
    def expected(self) -> bool:
        """Whether a baseline expects every finding of it."""
        return all(f.expected_reason for f in self.findings)

    @property
    def seen(self) -> int:
        """How many checks failed by it."""
        return sum(f.occurrences for f in self.findings)

    @property
    def touched(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The operations in which it shows, each with its formats, in the order of the findings."""
        formats: dict[str, dict[str, None]] = {}
        for f in self.findings:
            formats.setdefault(f.operation, {})[f.format] = None
        return tuple((operation, tuple(by)) for operation, by in formats.items())

    def touches(self) -> str:
        """The operations and formats in words: ``softmax and log_softmax in float32; logsumexp in float64``."""
        operations: dict[tuple[str, ...], list[str]] = {}
        for operation, formats in self.touched:
            operations.setdefault(tuple(sorted(formats)), []).append(operation)
        return "; ".join(f"{listed(names)} in {listed(formats)}" for formats, names in operations.items())

    def others(self) -> tuple[Finding, ...]:
        """The plainest finding of each operation but the first one's."""
        plainest: dict[str, Finding] = {}
        for f in self.findings:
            plainest.setdefault(f.operation, f)
        return tuple(plainest.values())[1:]


def grouped(findings: Iterable[Finding]) -> list[Cause]:
    """Findings by cause.

    Parameters
    ----------
    findings
        Findings in the order of `ranking.worst_first`.

    Returns
    -------
    list[Cause]
        The causes in the order of their first findings. Findings without a known cause are put together where the
        same property fails in the same way. What a baseline expects stands apart from what it does not.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for f in findings:
        groups.setdefault(_key(f), []).append(f)
    return [Cause(subject=key[0], findings=_plainest_first(group)) for key, group in groups.items()]


def gating(document: Document) -> list[Cause]:
    """The causes that decide the exit code."""
    return grouped(ranking.gating(document))


def number_of(causes: Sequence[Cause]) -> str:
    """How many causes and findings: ``1 cause (3 findings)``."""
    return f"{several(len(causes), 'cause')} ({several(sum(len(c.findings) for c in causes), 'finding')})"


def _key(f: Finding) -> tuple[str, ...]:
    d, expected = f.diagnosis, "expected" if f.expected_reason else ""
    if d is None or not d.defect:
        return f.subject, expected, "", f.property, f.cause
    own = d.text if f.property in _OF_FORM else ""
    return f.subject, expected, d.family or d.defect, own


def _plainest_first(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The order of the findings, but one of each operation and format before a second one of any."""
    before: dict[tuple[str, str], int] = {}
    turns = []
    for f in findings:
        turn = before[f.operation, f.format] = before.get((f.operation, f.format), -1) + 1
        turns.append(turn)
    order = sorted(range(len(findings)), key=lambda i: (turns[i], i))
    return tuple(findings[i] for i in order)
