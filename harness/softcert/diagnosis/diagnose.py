"""Diagnosis: which known defect a failing subject behaves like.

The models of the gallery, and the mechanisms with their constants, are run on the very cases that the subject was
judged on, failing and passing (`softcert.diagnosis.similarity`); some families are known by how and when a subject fails
(`softcert.diagnosis.symptoms`). What nothing resembles is called unknown, plainly.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from softcert.cases import invalid_labels
from softcert.certification.certify import Result
from softcert.diagnosis import symptoms
from softcert.diagnosis.probes import Probe, gather, spread, with_options
from softcert.diagnosis.similarity import Suspect, likeness
from softcert.engine.repeatability import Steadiness
from softcert.engine.tally import Ledger
from softcert.findings.collect import Found
from softcert_implementations.gallery import DEFECTS, Defect, mechanisms
from softcert_implementations.gallery.defects import REMEDIES
from softcert_reports.document.records import Diagnosis

ALIKE = 0.3  # below this likeness nothing is named
_MECHANISM = 0.97  # a model that was seen in real code goes before a mechanism that explains as much
_OTHER_BASE = 0.9  # and one mistake in the usual algorithm before one in an algorithm that is itself a mistake
_LAST_RESORT = 0.93  # something else altogether: only where nothing else fits
_FITTED = 8  # kinds of models whose constants are fitted
_ROUNDS = 3  # steps of that
_FAR = 0.9  # a model below this share of the best is not looked at further
_TRACE = 0.15  # likeness on four probes below which too little is shared
_HALFWAY = 0.2  # likeness on ten
_FINALISTS = 150  # models that are run on all probes
_SMALL = 5000  # elements: a probe that is run by every model in no time
_MET = Counter(defect.family for defect in DEFECTS if "#" in defect.reference)  # models with a public reference

UNKNOWN = Diagnosis(
    "", "No model in the gallery of known defects behaves like this.", "", "none",
    "Start from the witness: it is the smallest input found that shows the difference.", "",
)  # fmt: skip


def diagnose(result: Result) -> None:
    """Attach a diagnosis to each finding of a result, by operation and format."""
    for (operation, format), ledger in result.ledgers.items():
        found = [f for f in result.found if (f.operation, f.format) == (operation, format)]
        if not found:
            continue
        try:
            best = _best(result, operation, format, ledger, found)
        except Exception as error:
            # A fault of ours, or a model's: it must not cost the findings themselves.
            if os.environ.get("SOFTCERT_DEBUG"):
                raise
            ledger.observations["no diagnosis", f"{type(error).__name__}: {error}"[:500]] += 1
            best = {}
        for finding in found:
            known = best.get(with_options(operation, finding.case))
            if finding.property == invalid_labels.PROPERTY:  # such a call has no truth to resemble
                known = None
            result.diagnoses[finding.id] = known[0][1] if known else UNKNOWN


def _best(
    result: Result, operation: str, format: str, ledger: Ledger, found: list[Found]
) -> dict[bool, list[tuple[float, Diagnosis]]]:
    """The ranked models for the findings with options (True) and without."""
    terms, steadiness = result.terms[operation, format], result.steadiness.get((operation, format))
    return {
        given: rank(operation, gather(operation, terms, ledger, found, given), _of_kind(found, given), steadiness)
        for given in {with_options(operation, f.case) for f in found}
    }


def _of_kind(found: list[Found], given: bool) -> list[Found]:
    """The findings whose cases have options (``given``), or those without."""
    return [f for f in found if with_options(f.operation, f.case) == given]


def rank(
    operation: str, probes: list[Probe], found: Iterable[Found] = (), steadiness: Steadiness | None = None
) -> list[tuple[float, Diagnosis]]:
    """The models that behave like the subject, the most alike first; empty where none does.

    A model much less alike than one before it may be left out.
    """
    telling = [p for p in probes if p.failing]
    known = [s for s in symptoms.suspects(operation, probes, found, steadiness) if s[0] >= ALIKE]
    models = _models(operation, probes, telling) if telling else []
    ranked = sorted(known + models, key=_order)
    return [(score, _as_record(suspect, score)) for score, suspect in ranked]


def _models(operation: str, probes: list[Probe], telling: list[Probe]) -> list[tuple[float, Suspect]]:
    """The models that are alike, the most alike first."""
    few, sample = _samples(telling)
    given = with_options(operation, telling[0].case)
    suspects = [s for s in _suspects(operation) if given or s.option is None]
    # Most models share next to nothing with the subject: a few probes are enough to see that.
    likely = [s for s in suspects if likeness(s, few, _TRACE)]
    return _scored(likely, sample, _ordered(probes))


def _scored(suspects: Iterable[Suspect], sample: list[Probe], probes: list[Probe]) -> list[tuple[float, Suspect]]:
    """The suspects that are alike, on a sample and then on all probes, the most alike first."""
    scored: list[tuple[float, Suspect]] = []
    least = ALIKE
    first = sorted(((likeness(s, sample, _HALFWAY), s) for s in suspects), key=lambda t: -t[0])
    for suspect in (s for score, s in first[:_FINALISTS] if score):
        score = suspect.weight * likeness(suspect, probes, least)
        least = max(least, _FAR * score)
        scored.append((score, suspect))
    return _fitted(sorted((s for s in scored if s[0] >= ALIKE), key=_order), probes)


def _fitted(scored: list[tuple[float, Suspect]], probes: list[Probe]) -> list[tuple[float, Suspect]]:
    """The best models again, with constants between those of the table where these are more alike."""
    found = list(scored)
    best_of_kind = {s.kind: (score, s) for score, s in reversed(scored)}
    for score, suspect in sorted(best_of_kind.values(), key=_order)[:_FITTED]:
        for _ in range(_ROUNDS):
            if score >= suspect.weight:
                break
            around = ((s.weight * likeness(s, probes, score), s) for s in suspect.near())
            best = max(around, key=lambda s: s[0], default=(0.0, suspect))
            if best[0] <= score:
                break
            score, suspect = best
            found.append(best)
    return found


def _order(scored: tuple[float, Suspect]) -> tuple[float, bool, int, str]:
    """The most alike first; of those equally alike what was met in public, and the family that was met most often."""
    score, suspect = scored
    return -round(score, 2), "#" not in suspect.reference, -_MET[suspect.family], suspect.name


def _ordered(probes: list[Probe]) -> list[Probe]:
    """Failing probes before passing ones, small ones before large ones: what is unlike is soon seen to be."""
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
    return probe.case.rows_count * probe.case.classes


def _as_record(suspect: Suspect, score: float) -> Diagnosis:
    trigger = f" Trigger: {suspect.trigger.rstrip('.')}." if suspect.trigger else ""
    share = min(1.0, score / suspect.weight)
    return Diagnosis(
        suspect.name, f"Behaves like: {suspect.behaves.rstrip('.')}.{trigger}", suspect.family,
        f"accounts for {share:.0%} of the telling cases", suspect.remedy, suspect.reference,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _suspects(operation: str) -> tuple[Suspect, ...]:
    """Every model of an operation: those of the gallery, and the mechanisms."""
    seen = (_of_gallery(d) for d in DEFECTS if d.operation == operation and d.arrays == "numpy")
    return (*seen, *map(_of_mechanism, mechanisms.models(operation)))


def _of_mechanism(m: mechanisms.Model) -> Suspect:
    family = m.mechanism.family
    weight = (_MECHANISM if m.plain else _OTHER_BASE) * (_LAST_RESORT if family == "wrong function" else 1.0)
    return Suspect(
        m.name, family, m.operation, m.fresh, m.behaves, remedy=REMEDIES[family], weight=weight,
        kind=f"{m.mechanism.behaves} {m.base}", near=lambda: map(_of_mechanism, m.near()),
    )  # fmt: skip


def _of_gallery(d: Defect) -> Suspect:
    return Suspect(d.name, d.family, d.operation, d.fresh, d.behaves, d.trigger, d.remedy, d.reference, d.option)
