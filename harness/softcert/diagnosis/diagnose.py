"""Diagnosis: which known defect a failing subject behaves like, for each finding.

The models of the gallery, and the mechanisms with their constants, are run on the very cases that the subject was
judged on, failing and passing (`softcert.diagnosis.similarity`); some families are recognised from the failure pattern
(`softcert.diagnosis.symptoms`). A cause is given to a finding only if it reproduces that very finding
(`softcert.diagnosis.reproduction`). What raises, hangs or returns another form is named as that, and is the cause of
nothing else. Where nothing reproduces a finding its cause is unknown, and the diagnosis says so.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from softcert.certification.result import Result, UnitResult
from softcert.diagnosis import candidates, symptoms
from softcert.diagnosis.candidates import CandidateDefect, Scored, order
from softcert.diagnosis.diagnoses import UNKNOWN, Diagnoses, Diagnosis
from softcert.diagnosis.faults import observed
from softcert.diagnosis.on_witness import WitnessSearch
from softcert.diagnosis.probes import SMALL, Probe, gather, has_claimed_options
from softcert.diagnosis.reproduction import FORM, Agreement, Reproduction
from softcert.diagnosis.search import NAMED, explained_by, search
from softcert.diagnosis.tested import stands_of, tested
from softcert.engine.repeatability import Repeatability
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import FindingEvidence
from softcert.properties import batches, invalid_labels
from softcert.properties.check import BITS
from softcert_implementations.adapters.kinds import PLAIN

_PROBES_AGAIN = 24  # cases on which a family seen before in the same subject is tried alone
_TRIED = 24  # candidates of the search that are tried on one finding
_SEARCHED = 4  # findings of a unit for which every model is tried anew
_LIKENESS = {Agreement.BITS: 1.0, Agreement.SAME: 1.0, Agreement.ALIKE: 0.6}  # what a candidate's similarity counts
_CONTRADICTED = 0.5  # least share of a model's own failures that must agree with the subject's


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
        found: dict[str, Diagnosis] = {}
        try:
            for options in dict.fromkeys(has_claimed_options(unit.operation, f.case) for f in unit.findings):
                found |= _of_kind(unit, shared, tuple(families), options)
        except Exception as error:
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            failures[unit.key] = f"{type(error).__name__}: {error}"[:500]
        by_finding |= {f.id: found.get(f.id, UNKNOWN) for f in unit.findings}
        families |= dict.fromkeys(d.family for d in found.values() if d.family)
    return Diagnoses(by_finding=by_finding, failures=failures)


def _of_kind(
    unit: UnitResult, references: ReferenceCache, families: Collection[str], options: bool
) -> dict[str, Diagnosis]:
    """The causes of the findings with options, or without; ``families`` are tried first."""
    findings = [f for f in unit.findings if has_claimed_options(unit.operation, f.case) == options and _models_say(f)]
    if not findings:
        return {}
    if families:
        probes = gather(unit, references, unit.findings, options=options, count=_PROBES_AGAIN)
        again = explained_by(families, unit.operation, probes)
        if again is not None:
            causes = _Causes(unit, references, probes, [again], options).of(findings, search_on=False)
            if all(f.id in causes for f in findings):
                return causes
    probes = gather(unit, references, unit.findings, options=options)
    ranked = _scored(unit.operation, probes, findings, unit.repeatability)
    return _Causes(unit, references, probes, ranked, options).of(findings, search_on=True)


def _models_say(finding: FindingEvidence) -> bool:
    """Whether models say anything about a finding: they take arrays of the format, and promise no bits.

    A call with invalid labels has no exact result that a model could be compared with.
    """
    promise = (finding.property_name, finding.cause) == (batches.PROPERTY, BITS)
    return finding.case.kind == PLAIN and not promise and finding.property_name != invalid_labels.PROPERTY


class _Causes:
    """The causes of some findings of one unit, from the candidates that were found for it."""

    def __init__(
        self,
        unit: UnitResult,
        references: ReferenceCache,
        probes: list[Probe],
        ranked: Sequence[Scored],
        options: bool,
    ) -> None:
        self.unit, self.references, self.probes = unit, references, probes
        self.ranked, self.options = list(ranked), options
        self.stands = stands_of([p for p in probes if p.case.size <= SMALL] or probes[:1])
        self.chosen: dict[CandidateDefect, None] = {}

    def of(self, findings: Sequence[FindingEvidence], *, search_on: bool) -> dict[str, Diagnosis]:
        """By id, the findings that have a cause."""
        ready = {f.id: Reproduction(self.unit, f, self.references) for f in findings}
        out = {id: cause for id, r in ready.items() if (cause := self._known(r)) is not None}
        if search_on:
            open_findings = [r for id, r in ready.items() if id not in out and r.finding.property_name not in FORM]
            out |= self._searched(open_findings)
        for id, r in ready.items():
            if id not in out and r.finding.property_name in FORM:
                out[id] = observed(r.finding)
        return out

    def _known(self, finding: Reproduction) -> Diagnosis | None:
        """The best candidate of the search that reproduces a finding."""
        found = []
        for score, candidate in self.ranked[:_TRIED]:
            agrees = finding.by(candidate)
            if agrees != Agreement.NONE:
                found.append((score * _LIKENESS[agrees], score, candidate, agrees))
        for _, score, candidate, agrees in sorted(found, key=lambda f: order((f[0], f[2]))):
            cause = self._diagnosis(finding, candidate, agrees, score)
            if cause is not None:
                return cause
        return None

    def _searched(self, findings: Sequence[Reproduction]) -> dict[str, Diagnosis]:
        """Causes of findings that nothing explained so far: single models on their witnesses, then pairs."""
        out: dict[str, Diagnosis] = {}
        if not findings or not any(p.failing for p in self.probes):
            return out
        search = WitnessSearch(self.unit.operation, self.probes, self.options)
        for find in (search.single, lambda f: search.pair(f, self._partners())):
            for finding in [f for f in findings if f.finding.id not in out][:_SEARCHED]:
                if finding.finding.id in out:
                    continue
                candidate = find(finding)
                if candidate is None:
                    continue
                for other in findings:
                    agrees = other.by(candidate) if other.finding.id not in out else Agreement.NONE
                    cause = self._diagnosis(other, candidate, agrees, 0.0) if agrees >= Agreement.SAME else None
                    if cause is not None:
                        out[other.finding.id] = cause
        return out

    def _partners(self) -> list[CandidateDefect]:
        similar = [c for _, c in self.ranked if c.accounts_for is None]
        return [*(c for c in self.chosen if c.accounts_for is None), *similar]

    def _diagnosis(
        self, finding: Reproduction, candidate: CandidateDefect, agrees: Agreement, score: float
    ) -> Diagnosis | None:
        """The candidate as a finding's cause; None where the cases contradict it."""
        if candidate.accounts_for is not None:
            if finding.finding.property_name == "completes" and candidate.family == "valid input refused":
                return observed(finding.finding)
            share = min(1.0, score / candidate.weight)
            return as_diagnosis(candidate, f"likely: accounts for {share:.0%} of the failing cases", finding.finding)
        result = tested(candidate, self.stands)
        if result.of_model and result.precision(agrees if agrees < Agreement.SAME else Agreement.SAME) < _CONTRADICTED:
            return None
        self.chosen[candidate] = None
        return as_diagnosis(candidate, result.confidence(agrees), finding.finding)


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
    A model much less similar than one before it may be left out. None of them is tried on a finding.
    """
    scored = _scored(operation, probes, findings, repeatability)
    shares = [(score, c, min(1.0, score / c.weight)) for score, c in scored]
    return [(score, as_diagnosis(c, f"likely: accounts for {s:.0%} of the failing cases")) for score, c, s in shares]


def _scored(
    operation: str,
    probes: list[Probe],
    findings: Sequence[FindingEvidence] = (),
    repeatability: Repeatability | None = None,
) -> list[Scored]:
    known = [s for s in symptoms.candidates(operation, probes, findings, repeatability) if s[0] >= NAMED]
    models = search(operation, probes, max((score for score, _ in known), default=0.0))
    return sorted(known + models, key=order)


def as_diagnosis(candidate: CandidateDefect, confidence: str, finding: FindingEvidence | None = None) -> Diagnosis:
    """A model as the cause of a finding, with how sure it is."""
    trigger = f" Trigger: {candidate.trigger.rstrip('.')}." if candidate.trigger else ""
    seen = f"{observed(finding).text} " if finding is not None and finding.property_name in FORM else ""
    return Diagnosis(
        defect=candidate.name,
        text=f"{seen}Behaves like: {candidate.behaves.rstrip('.')}.{trigger}",
        family=candidate.family,
        confidence=confidence,
        remedy=candidate.remedy,
        reference=candidate.reference,
    )


def carried(result: Result, diagnoses: Diagnoses) -> Diagnoses:
    """The diagnoses with causes that are known in one format, for findings of its other formats that had none.

    A unit is diagnosed alone. Beside a larger defect a smaller one may show there on a single case, which is too rare
    for the search. Where the same function is known to have that defect in another format, one witness is enough.

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
        open_findings = [f for f in unit.findings if diagnoses.lacks(f.id) and f.output is not None]
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
