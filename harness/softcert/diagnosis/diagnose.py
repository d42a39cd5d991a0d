"""Diagnosis: which known defect a failing subject behaves like.

The models of the gallery, and the mechanisms with their constants, are run on the very cases that the subject was
judged on, failing and passing (`softcert.diagnosis.similarity`); some families are recognised from the failure pattern
(`softcert.diagnosis.symptoms`). Where nothing is similar the cause is unknown, and the diagnosis says so.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from softcert.certification.result import Result, UnitResult
from softcert.diagnosis import symptoms
from softcert.diagnosis.candidates import CandidateDefect, order
from softcert.diagnosis.diagnoses import UNKNOWN, Diagnoses, Diagnosis
from softcert.diagnosis.probes import Probe, gather, has_claimed_options
from softcert.diagnosis.search import NAMED, explained_by, search
from softcert.engine.repeatability import Repeatability
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import FindingEvidence
from softcert.properties import batches, invalid_labels
from softcert.properties.check import BITS
from softcert_implementations.adapters.kinds import PLAIN

_PROBES_AGAIN = 24  # cases on which a family seen before in the same subject is tried alone


def diagnose(result: Result, references: ReferenceCache | None = None) -> Diagnoses:
    """Diagnose each finding of a result, by operation and format.

    Parameters
    ----------
    result
        A certified subject. Its subject is not called.
    references
        Exact results that are shared with the run.
    """
    shared = ReferenceCache() if references is None else references
    by_finding: dict[str, Diagnosis] = {}
    failures: dict[tuple[str, str], str] = {}
    families: dict[str, None] = {}
    for unit in result.units:
        if not unit.findings:
            continue
        best: Mapping[bool, Diagnosis | None] = {}
        try:
            best = _best(unit, shared, tuple(families))
        except Exception as error:
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            failures[unit.key] = f"{type(error).__name__}: {error}"[:500]
        for finding in unit.findings:
            known = best.get(has_claimed_options(unit.operation, finding.case))
            # A call with invalid labels has no exact result that a model could be compared with.
            # Models take arrays of the format and promise no bits: they say nothing about other inputs and promises.
            beside = finding.case.kind != PLAIN or (finding.property_name, finding.cause) == (batches.PROPERTY, BITS)
            unexplained = known is None or beside or finding.property_name == invalid_labels.PROPERTY
            by_finding[finding.id] = UNKNOWN if unexplained or known is None else known
        families |= dict.fromkeys(d.family for d in best.values() if d is not None)
    return Diagnoses(by_finding=by_finding, failures=failures)


def _best(unit: UnitResult, references: ReferenceCache, families: Collection[str]) -> dict[bool, Diagnosis | None]:
    """The most similar model for the findings with options (True) and without; ``families`` are tried first."""
    best: dict[bool, Diagnosis | None] = {}
    for options in {has_claimed_options(unit.operation, f.case) for f in unit.findings}:
        again = _again(unit, references, families, options) if families else None
        best[options] = _of_all_models(unit, references, options) if again is None else again
    return best


def _again(unit: UnitResult, references: ReferenceCache, families: Collection[str], options: bool) -> Diagnosis | None:
    """The model of a family seen before in this subject that explains everything here too, on a few probes."""
    probes = gather(unit, references, unit.findings, options=options, count=_PROBES_AGAIN)
    found = explained_by(families, unit.operation, probes)
    return None if found is None else _as_diagnosis(found[1], found[0])


def _of_all_models(unit: UnitResult, references: ReferenceCache, options: bool) -> Diagnosis | None:
    findings = [f for f in unit.findings if has_claimed_options(unit.operation, f.case) == options]
    probes = gather(unit, references, unit.findings, options=options)
    ranked = rank(unit.operation, probes, findings, unit.repeatability)
    return ranked[0][1] if ranked else None


def rank(
    operation: str,
    probes: list[Probe],
    findings: Sequence[FindingEvidence] = (),
    repeatability: Repeatability | None = None,
) -> list[tuple[float, Diagnosis]]:
    """The models that behave like the subject, the most similar first; empty where none does.

    Parameters
    ----------
    operation
        The operation that fails.
    probes
        Its failing and passing calls.
    findings, repeatability
        What the symptoms are recognised from.

    Notes
    -----
    A model much less similar than one before it may be left out.
    """
    known = [s for s in symptoms.candidates(operation, probes, findings, repeatability) if s[0] >= NAMED]
    models = search(operation, probes, max((score for score, _ in known), default=0.0))
    return [(score, _as_diagnosis(candidate, score)) for score, candidate in sorted(known + models, key=order)]


def _as_diagnosis(candidate: CandidateDefect, score: float) -> Diagnosis:
    trigger = f" Trigger: {candidate.trigger.rstrip('.')}." if candidate.trigger else ""
    share = min(1.0, score / candidate.weight)
    return Diagnosis(
        defect=candidate.name,
        text=f"Behaves like: {candidate.behaves.rstrip('.')}.{trigger}",
        family=candidate.family,
        confidence=f"accounts for {share:.0%} of the telling cases",
        remedy=candidate.remedy,
        reference=candidate.reference,
    )
