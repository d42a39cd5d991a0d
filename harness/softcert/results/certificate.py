"""What `certify` returns: the certificate of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from softcert_oracle.errors import UsageError
from softcert_reports import document as doc

COLUMNS = [
    "operation",
    "format",
    "property",
    "outcome",
    "level",
    "checks",
    "violations",
    "undecided",
    "worst_ulp",
    "worst_ratio",
]
"""Of `Certificate.to_frame`: fields of the matrix's cells."""


@dataclass(frozen=True, kw_only=True, repr=False)
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

    def to_frame(self) -> Any:
        """The matrix of properties as a pandas data frame.

        Returns
        -------
        pandas.DataFrame
            A row for each operation, format and property, with outcome, level, counts, and the largest error in ulp and
            in limits.

        Raises
        ------
        UsageError
            Where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise UsageError(
                "to_frame() needs pandas, which is not installed. Install it, or take to_json()['cells']."
            ) from None
        return pd.DataFrame(
            [{name: getattr(cell, name) for name in COLUMNS} for cell in self.document.cells], columns=COLUMNS
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        from softcert_reports.formatting.wording import story

        found = f"; {len(self.findings)} finding{'s' * (len(self.findings) != 1)}" if self.findings else ""
        return f"<Certificate of {self.subject}: {story(self.document)}{found}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from softcert_reports.exports.notebook import summary

        return summary(self.document)


class _InsideWorker(Certificate):
    """See `Certificate.inside_worker`."""

    def summary(self) -> str:
        return (
            "not run: this file was imported by the worker that runs a subject of it, where certify has no effect. "
            "Call certify in a function, or under if __name__ == '__main__'."
        )

    def __repr__(self) -> str:
        return "<Certificate: not run inside a worker>"

    def _repr_html_(self) -> str:
        return f"<p>{self.summary()}</p>"

    def to_json(self) -> dict[str, Any]:
        return {"verdict": self.verdict, "reason": self.summary()}
