"""What `certify` returns: the certificate of one subject, and its findings, as a caller handles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from softcert_reports import document as doc


@dataclass(frozen=True)
class Finding:
    """A violated property with its witness.

    ``id`` is the same in every run: subject, operation, format, property and cause. ``measured`` and ``limit`` are in
    ``unit`` (None where the property is not one of size). ``witness`` has the input, the result and the exact value;
    ``diagnosis`` the known defect that the subject behaves like, or None.
    """

    id: str
    operation: str
    dtype: str
    property: str
    level: str
    regime: str
    cause: str
    summary: str
    witness: doc.Witness | None
    measured: float | None
    limit: float | None
    unit: str
    diagnosis: doc.Diagnosis | None
    reproduction: str
    snippet: str
    occurrences: int

    @classmethod
    def of(cls, record: doc.Finding) -> Finding:
        """From the record in a results document."""
        return cls(
            record.id, record.operation, record.format, record.property, record.level, record.regime, record.cause,
            record.summary, record.witness, record.measured, record.limit, record.unit, record.diagnosis,
            record.reproduction, record.snippet, record.occurrences,
        )  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """The verdict on one subject.

    ``certified``: whether the verdict is "certified" (or, with a baseline, exactly as it says). ``level``: the highest
    level that every operation holds in every format (None: not even "sound"); ``levels`` by operation and format.
    """

    subject: str
    certified: bool
    verdict: str
    level: str | None
    levels: Mapping[str, Mapping[str, str | None]]
    findings: tuple[Finding, ...]
    observations: tuple[doc.Observation, ...]
    domain: tuple[doc.Domain, ...]
    document: doc.Document

    @classmethod
    def of(cls, document: doc.Document) -> Certificate:
        """From the results document of a run with one subject."""
        (subject,) = document.subjects
        return cls(
            subject.name,
            document.exit_code == 0,
            subject.verdict,
            subject.level,
            {o: {f: held.level for f, held in by_format.items()} for o, by_format in subject.levels.items()},
            tuple(Finding.of(f) for f in document.findings),
            document.observations,
            document.domains,
            document,
        )

    def summary(self) -> str:
        """The verdict and the worst findings, as text."""
        from softcert_reports.exports.text import summary

        return summary(self.document)

    def to_json(self) -> dict[str, Any]:
        """The whole results document as plain JSON data."""
        return doc.to_json(self.document)

    def __str__(self) -> str:
        return self.summary()
