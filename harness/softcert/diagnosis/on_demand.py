"""Diagnosis where there is something to diagnose: the gallery of defects is loaded at the first finding of a run."""

from __future__ import annotations

from softcert.certification.result import Result
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.expected.reference import ReferenceCache


def diagnose(result: Result, references: ReferenceCache | None = None) -> Diagnoses:
    """As `softcert.diagnosis.diagnose.diagnose`; a result without findings has no diagnoses, and loads nothing."""
    if not result.findings:
        return Diagnoses()
    from softcert.diagnosis import diagnose as with_gallery

    return with_gallery.diagnose(result, references)
