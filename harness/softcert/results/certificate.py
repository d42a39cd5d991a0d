"""What `certify` returns: the certificate of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from softcert_reports import document as doc


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The verdict on one subject.

    Attributes
    ----------
    subject
        The subject's name.
    certified
        Whether the verdict is "certified"; with a baseline, whether everything is exactly as it says.
    verdict
        "certified", "not certified", "inconclusive", "harness error" or "not run".
    level
        The highest level that every operation holds in every format; None where that is not even "sound".
    levels
        The level held, by operation and format.
    findings, observations
        What decides the verdict, and what is worth telling beside it.
    domain
        The sizes and regimes that were run, and what was left out.
    document
        The whole results document.
    """

    subject: str
    certified: bool
    verdict: str
    level: str | None
    levels: Mapping[str, Mapping[str, str | None]]
    findings: tuple[doc.Finding, ...]
    observations: tuple[doc.Observation, ...]
    domain: tuple[doc.Domain, ...]
    document: doc.Document

    @classmethod
    def of(cls, document: doc.Document) -> Certificate:
        """From the results document of a run with one subject."""
        (subject,) = document.subjects
        return cls(
            subject=subject.name,
            certified=document.exit_code == 0,
            verdict=subject.verdict,
            level=subject.level,
            levels={o: {f: held.level for f, held in by_format.items()} for o, by_format in subject.levels.items()},
            findings=document.findings,
            observations=document.observations,
            domain=document.domains,
            document=document,
        )

    @classmethod
    def inside_worker(cls) -> Certificate:
        """The certificate of a call inside a worker, where certifying has no effect: not run, and not certified."""
        return _InsideWorker(
            subject="",
            certified=False,
            verdict="not run",
            level=None,
            levels={},
            findings=(),
            observations=(),
            domain=(),
            document=cast(doc.Document, None),
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


class _InsideWorker(Certificate):
    """See `Certificate.inside_worker`."""

    def summary(self) -> str:
        return (
            "not run: this file was imported by the worker that runs a subject of it, where certify has no effect. "
            "Call certify in a function, or under if __name__ == '__main__'."
        )

    def to_json(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "reason": self.summary()}
