"""Diagnosis where there is something to diagnose: the gallery of defects is loaded at the first finding of a run."""

from __future__ import annotations

import os
from dataclasses import replace

from softcert.certification.result import Result
from softcert.diagnosis.diagnoses import Diagnoses
from softcert.expected.reference import ReferenceCache
from softcert.findings import contract_fields


def diagnose(result: Result, references: ReferenceCache | None = None) -> Diagnoses:
    """As `softcert.diagnosis.diagnose.diagnose`; a result without findings has no diagnoses, and loads nothing."""
    if not result.findings:
        return Diagnoses()
    from softcert.diagnosis import diagnose as with_gallery

    return with_gallery.diagnose(result, references)


def carried(result: Result, diagnoses: Diagnoses) -> Diagnoses:
    """As `softcert.diagnosis.diagnose.carried`, which is loaded where a cause is missing that another format has.

    A failure of ours costs no diagnosis that was made.
    """
    if not _missing(result, diagnoses):
        return diagnoses
    from softcert.diagnosis import diagnose as with_gallery

    try:
        return with_gallery.carried(result, diagnoses)
    except Exception:
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        return diagnoses


def with_contract_fields(result: Result, diagnoses: Diagnoses, references: ReferenceCache) -> Diagnoses:
    """The diagnoses, with the field of the contract that would explain a finding in a 16-bit format where there is one.

    Parameters
    ----------
    result
        A certified subject. Its subject is not called.
    diagnoses
        Those of its findings.
    references
        Exact results that are shared with the run.
    """
    named = dict(diagnoses.by_finding)
    for unit in result.units:
        for f in unit.findings:
            if f.id in named and (field := contract_fields.explaining(f, unit.terms, unit.tally, references)):
                said = f"Or, if that is meant, say it in the contract: with {field} this would hold."
                named[f.id] = replace(named[f.id], remedy=f"{named[f.id].remedy} {said}".strip())
    return replace(diagnoses, by_finding=named)


def _missing(result: Result, diagnoses: Diagnoses) -> bool:
    """Whether an operation has a finding without a cause in one format, and one with a cause in another."""
    named = {
        (u.operation, u.format)
        for u in result.units
        for f in u.findings
        if f.id in diagnoses.by_finding and diagnoses.by_finding[f.id].defect
    }
    unnamed = [(u.operation, u.format) for u in result.units for f in u.findings if diagnoses.lacks(f.id)]
    return any(o == other and format != where for o, format in unnamed for other, where in named)
