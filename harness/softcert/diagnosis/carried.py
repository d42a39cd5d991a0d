"""Causes that are known in one format of an operation, tried on the findings of its other formats that have none.

A unit is diagnosed alone. Beside a larger defect a smaller one may show there on a single case, which is too rare for
the search. Where the same function is known to have that defect in another format, one witness is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from softcert.certification.result import Result, UnitResult
from softcert.diagnosis import candidates
from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.diagnose import as_diagnosis
from softcert.diagnosis.diagnoses import Diagnoses, Diagnosis
from softcert.diagnosis.on_demand import is_open
from softcert.diagnosis.reproduction import Agreement, Reproduction
from softcert.expected.reference import ReferenceCache


def carried(result: Result, diagnoses: Diagnoses) -> Diagnoses:
    """The diagnoses with causes for findings that had none.

    Parameters
    ----------
    result
        A certified subject, all of its units. Its subject is not called.
    diagnoses
        The diagnoses of its units.

    Returns
    -------
    Diagnoses
        What was known is left as it is.
    """
    references = ReferenceCache()
    found: dict[str, Diagnosis] = {}
    for unit in result.units:
        open_findings = [f for f in unit.findings if is_open(f, diagnoses)]
        known = list(_elsewhere(result, unit, diagnoses)) if open_findings else []
        for finding in open_findings if known else ():
            ready = Reproduction(unit, finding, references)
            for candidate, format in known:
                if ready.by(candidate) >= Agreement.SAME:
                    sure = f"likely: gives the error of this finding, and is the cause in {format}"
                    found[finding.id] = as_diagnosis(candidate, sure, finding)
                    break
    return replace(diagnoses, by_finding={**diagnoses.by_finding, **found}) if found else diagnoses


def _elsewhere(result: Result, unit: UnitResult, diagnoses: Diagnoses) -> Iterator[tuple[CandidateDefect, str]]:
    """The models that are causes of the same operation in other formats, each with the first such format."""
    models = {c.name: c for group in candidates.by_weight(unit.operation) for c in group}
    seen: set[str] = set()
    for other in result.units:
        if other.operation != unit.operation or other.format == unit.format:
            continue
        for f in other.findings:
            cause = diagnoses.by_finding.get(f.id)
            if cause is not None and cause.defect in models and cause.defect not in seen:
                seen.add(cause.defect)
                yield models[cause.defect], other.format
