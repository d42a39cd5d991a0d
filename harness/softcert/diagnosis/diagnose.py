"""Diagnosis: which known defect a failing subject behaves like.

The models of the gallery, and the mechanisms with their constants, are run on the very cases that the subject was
judged on, failing and passing (`softcert.diagnosis.similarity`); some families are recognised from the failure pattern
(`softcert.diagnosis.symptoms`). Where nothing is similar the cause is unknown, and the diagnosis says so.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from softcert.certification.result import Result, UnitResult
from softcert.diagnosis import symptoms
from softcert.diagnosis.diagnoses import UNKNOWN, Diagnoses, Diagnosis
from softcert.diagnosis.probes import Probe, gather, has_claimed_options, spread
from softcert.diagnosis.similarity import CandidateDefect, Textbook, similarity
from softcert.engine.repeatability import Repeatability
from softcert.expected.reference import ReferenceCache
from softcert.findings.collect import FindingEvidence
from softcert.properties import invalid_labels
from softcert_implementations.gallery import DEFECTS, Defect, mechanisms
from softcert_implementations.gallery.defects import REMEDIES

NAMED = 0.3  # similarity below which nothing is named
_MECHANISM = 0.97  # a model that was seen in real code comes before a mechanism that explains as much
_OTHER_BASE = 0.9  # prefer a defect in the standard algorithm over one in a non-standard base algorithm
_LAST_RESORT = 0.93  # another function altogether: only where nothing else fits
_FITTED = 8  # kinds of models whose constants are fitted
_ROUNDS = 3  # steps of the fit
_PRUNE_RATIO = 0.9  # a model below this share of the best is not examined further
_QUICK_CUTOFF = 0.15  # similarity on four probes below which a model is dropped
_SAMPLE_CUTOFF = 0.2  # similarity on ten
_FINALISTS = 150  # models that are run on all probes
_SMALL = 5000  # elements: a probe that every model runs in no time
_KNOWN_IN_PUBLIC = Counter(d.family for d in DEFECTS if "#" in d.reference)  # models with a public reference


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
    for unit in result.units:
        if not unit.findings:
            continue
        best: Mapping[bool, Diagnosis | None] = {}
        try:
            best = _best(unit, shared)
        except Exception as error:
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            failures[unit.key] = f"{type(error).__name__}: {error}"[:500]
        for finding in unit.findings:
            known = best.get(has_claimed_options(unit.operation, finding.case))
            # A call with invalid labels has no exact result that a model could be compared with.
            unexplained = known is None or finding.property_name == invalid_labels.PROPERTY
            by_finding[finding.id] = UNKNOWN if unexplained or known is None else known
    return Diagnoses(by_finding=by_finding, failures=failures)


def _best(unit: UnitResult, references: ReferenceCache) -> dict[bool, Diagnosis | None]:
    """The most similar model for the findings with options (True) and without."""
    best: dict[bool, Diagnosis | None] = {}
    for options in {has_claimed_options(unit.operation, f.case) for f in unit.findings}:
        findings = [f for f in unit.findings if has_claimed_options(unit.operation, f.case) == options]
        probes = gather(unit, references, unit.findings, options=options)
        ranked = rank(unit.operation, probes, findings, unit.repeatability)
        best[options] = ranked[0][1] if ranked else None
    return best


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
    telling = [p for p in probes if p.failing]
    known = [s for s in symptoms.candidates(operation, probes, findings, repeatability) if s[0] >= NAMED]
    models = _Comparison(probes).models(operation, telling) if telling else []
    ranked = sorted(known + models, key=_order)
    return [(score, _as_diagnosis(candidate, score)) for score, candidate in ranked]


class _Comparison:
    """The comparison of models with the probes of one unit."""

    def __init__(self, probes: list[Probe]) -> None:
        self.probes = _ordered(probes)
        self.textbook = Textbook()

    def similarity(self, candidate: CandidateDefect, probes: list[Probe], least: float) -> float:
        return similarity(candidate, probes, self.textbook, least)

    def models(self, operation: str, telling: list[Probe]) -> list[tuple[float, CandidateDefect]]:
        """The models that are similar, the most similar first."""
        few, sample = _samples(telling)
        options = has_claimed_options(operation, telling[0].case)
        candidates = [c for c in _candidates(operation) if options or c.option is None]
        # Most models share next to nothing with the subject: a few probes are enough to see that.
        likely = [c for c in candidates if self.similarity(c, few, _QUICK_CUTOFF)]
        return self._fitted(self._scored(likely, sample))

    def _scored(
        self, candidates: Iterable[CandidateDefect], sample: list[Probe]
    ) -> list[tuple[float, CandidateDefect]]:
        """The candidates that are similar, on a sample and then on all probes, the most similar first."""
        scored: list[tuple[float, CandidateDefect]] = []
        least = NAMED
        first = sorted(((self.similarity(c, sample, _SAMPLE_CUTOFF), c) for c in candidates), key=lambda t: -t[0])
        for candidate in (c for score, c in first[:_FINALISTS] if score):
            score = candidate.weight * self.similarity(candidate, self.probes, least)
            least = max(least, _PRUNE_RATIO * score)
            scored.append((score, candidate))
        return sorted((s for s in scored if s[0] >= NAMED), key=_order)

    def _fitted(self, scored: list[tuple[float, CandidateDefect]]) -> list[tuple[float, CandidateDefect]]:
        """The candidates, and the best kinds again with constants between those of the table where these fit better."""
        fitted = list(scored)
        best_of_kind = {c.kind: (score, c) for score, c in reversed(scored)}
        for best in sorted(best_of_kind.values(), key=_order)[:_FITTED]:
            for _ in range(_ROUNDS):
                score, candidate = best
                if score >= candidate.weight:
                    break
                around = ((c.weight * self.similarity(c, self.probes, score), c) for c in candidate.near())
                nearest = max(around, key=lambda s: s[0], default=(0.0, candidate))
                if nearest[0] <= score:
                    break
                best = nearest
                fitted.append(best)
        return fitted


def _order(scored: tuple[float, CandidateDefect]) -> tuple[float, bool, int, str]:
    """The most similar first; of equals those met in public, and the family that was met most often."""
    score, candidate = scored
    in_public = "#" in candidate.reference
    return -round(score, 2), not in_public, -_KNOWN_IN_PUBLIC[candidate.family], candidate.name


def _ordered(probes: list[Probe]) -> list[Probe]:
    """Failing probes before passing ones, small ones before large ones: a model that is not similar is soon dropped."""
    return sorted(probes, key=lambda p: (not p.failing, _size(p)))


def _samples(telling: list[Probe]) -> tuple[list[Probe], list[Probe]]:
    """The failing probes that every model is tried on first: four and ten small ones, or else the smallest."""
    ordered = _ordered(telling)
    small = [p for p in ordered if _size(p) <= _SMALL]
    if small:
        return spread(small, 4), spread(small, 10)
    few = ordered[:1]
    return few, few


def _size(probe: Probe) -> int:
    return probe.case.size


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


@cache  # the gallery is a registry: its candidates are the same in every run
def _candidates(operation: str) -> tuple[CandidateDefect, ...]:
    """Every model of an operation: those of the gallery, and the mechanisms."""
    of_gallery = (_of_gallery(d) for d in DEFECTS if d.operation == operation and d.arrays == "numpy")
    return (*of_gallery, *map(_of_mechanism, mechanisms.models(operation)))


def _of_mechanism(m: mechanisms.Model) -> CandidateDefect:
    family = m.mechanism.family
    weight = (_MECHANISM if m.plain else _OTHER_BASE) * (_LAST_RESORT if family == "wrong function" else 1.0)
    return CandidateDefect(
        name=m.name,
        family=family,
        operation=m.operation,
        fresh=m.fresh,
        behaves=m.behaves,
        remedy=REMEDIES[family],
        weight=weight,
        kind=f"{m.mechanism.behaves} {m.base}",
        near=lambda: map(_of_mechanism, m.near()),
    )


def _of_gallery(d: Defect) -> CandidateDefect:
    return CandidateDefect(
        name=d.name,
        family=d.family,
        operation=d.operation,
        fresh=d.fresh,
        behaves=d.behaves,
        trigger=d.trigger,
        remedy=d.remedy,
        reference=d.reference,
        option=d.option,
    )
