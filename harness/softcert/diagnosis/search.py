"""The search for the models that behave like a subject, within a budget of runs.

Many models are tried on two failing probes, fewer on more, and a handful on all of them. Models of larger weight go
first, and the search ends where no model that is left could come before the best one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from softcert.diagnosis import candidates
from softcert.diagnosis.candidates import CandidateDefect, Scored, order
from softcert.diagnosis.probes import SMALL, Probe, has_claimed_options, spread
from softcert.diagnosis.similarity import Sheet, silently
from softcert.diagnosis.suspects import Suspects

NAMED = 0.3  # similarity below which nothing is named
_EXPLAINED = 0.995  # similarity from which a model explains everything
_FITTED = 8  # kinds of models whose constants are fitted
_ROUNDS = 3  # steps of the fit
_PRUNE_RATIO = 0.9  # a model below this share of the best is not examined further
_SAMPLES = ((2, 0.1), (4, 0.15), (10, 0.2))  # failing probes, and the similarity on them below which a model is dropped
_FINALISTS = 40  # models of one weight that are run on all probes
_AT_ONCE = 8  # of them so many together
_SHEET = 12  # probes that are run between two looks at what may be dropped


def search(operation: str, probes: list[Probe], known: float = 0.0) -> list[Scored]:
    """The models that are similar to the subject, the most similar first.

    Parameters
    ----------
    operation
        The operation that fails.
    probes
        Failing and passing calls.
    known
        The similarity of an explanation that needs no model: a model that cannot reach it is left out.

    Notes
    -----
    A model much less similar than one before it may be left out.
    """
    if not any(p.failing for p in probes):
        return []
    with silently():
        found = _Search(operation, probes, known)
        for group in candidates.by_weight(operation):
            if round(max(found.best, known), 2) > round(group[0].weight, 2):
                break
            found.add(group)
        found.fit()
        return found.ranked


def explained_by(families: Collection[str], operation: str, probes: list[Probe]) -> Scored | None:
    """The model of some families that explains every probe; None where none does."""
    models = candidates.of_families(operation, families)
    if not models or not any(p.failing for p in probes):
        return None
    with silently():
        found = _Search(operation, probes, _EXPLAINED * min(m.weight for m in models))
        found.add(models)
        return next((s for s in found.ranked if s[0] >= _EXPLAINED * s[1].weight), None)


class _Search:
    """What was found so far, on the probes of one unit."""

    def __init__(self, operation: str, probes: list[Probe], known: float) -> None:
        telling = _ordered(p for p in probes if p.failing)
        self.options = has_claimed_options(operation, telling[0].case)
        self.known = known
        self.scored: list[Scored] = []
        self._lay_out(telling, _ordered(p for p in probes if not p.failing))

    def _lay_out(self, telling: list[Probe], passing: list[Probe]) -> None:
        """The sheets: small samples of the failing probes, then the rest, failing before passing, large ones last."""
        small = [p for p in telling if p.case.size <= SMALL] or telling[:1]
        self.samples: list[tuple[Sheet, float, int]] = []
        used: list[Probe] = []
        cheap = spread([p for p in passing if p.case.size <= SMALL], _SHEET)
        if cheap and small[0].case.size > SMALL:
            # Only large calls fail, and a model is slow there: first those go that fail where the subject is right.
            used += cheap
            self.samples.append((Sheet(cheap), NAMED, len(telling)))
        for count, least in _SAMPLES:
            if chosen := [p for p in spread(small, count) if p not in used]:
                self.samples.append((Sheet(chosen), least, 0))
                used += chosen
        rest = [p for p in (*telling, *passing) if p not in used]
        fine, coarse = ([p for p in rest if (p.case.size <= SMALL) == each] for each in (True, False))
        self.sheets = [Sheet(fine[k : k + _SHEET]) for k in range(0, len(fine), _SHEET)]
        self.sheets += [Sheet([p]) for p in coarse]
        self.all = [*(s for s, _, _ in self.samples), *self.sheets]

    @property
    def best(self) -> float:
        return max((score for score, _ in self.scored), default=0.0)

    @property
    def least(self) -> float:
        """The score that a further model must reach."""
        return max(NAMED, _PRUNE_RATIO * self.best, round(self.known, 2) - 0.005)

    @property
    def ranked(self) -> list[Scored]:
        return sorted(self.scored, key=order)

    def add(self, group: Iterable[CandidateDefect]) -> None:
        """Try some candidates: on the samples, then the most similar of them on all probes."""
        suspects = Suspects([c for c in group if self.options or c.option is None])
        for sheet, least, ahead in self.samples:
            suspects.examine(sheet, least * max(suspects.weights, default=1.0), ahead)
        scores = suspects.similarities() * suspects.weights
        ranking = np.argsort(-scores, kind="stable")[:_FINALISTS]
        suspects.keep(ranking[scores[ranking] > 0])
        for k in range(0, len(suspects), _AT_ONCE):
            some = suspects.only(range(k, min(k + _AT_ONCE, len(suspects))))
            self.scored += self._finished(some, self.sheets, self.least)

    def _finished(self, suspects: Suspects, sheets: Sequence[Sheet], least: float) -> list[Scored]:
        """The suspects that reach a score over all probes; ``sheets`` are those that are still to come."""
        ahead = sum(int(s.failing.sum()) for s in sheets)
        for sheet in sheets:
            ahead -= int(sheet.failing.sum())
            suspects.examine(sheet, least, ahead)
            if not suspects:
                return []
        scores = suspects.similarities() * suspects.weights
        return [(float(s), c) for s, c in zip(scores, suspects.candidates, strict=True) if s >= NAMED]

    def _explained_as_simply(self, candidate: CandidateDefect) -> bool:
        """Whether a model of no less weight explains everything: then no constant need be fitted."""
        return any(score >= _EXPLAINED * c.weight for score, c in self.scored if c.weight >= candidate.weight)

    def fit(self) -> None:
        """Try the best kinds again, with constants between those of the table, where these fit better."""
        best_of_kind = {c.kind: (score, c) for score, c in reversed(self.ranked)}
        for best in sorted(best_of_kind.values(), key=order)[:_FITTED]:
            for _ in range(_ROUNDS):
                score, candidate = best
                if self._explained_as_simply(candidate):
                    break
                around = self._finished(Suspects(list(candidate.near())), self.all, score)
                nearest = max(around, key=lambda s: s[0], default=(0.0, candidate))
                if nearest[0] <= score:
                    break
                best = nearest
                self.scored.append(best)


def _ordered(probes: Iterable[Probe]) -> list[Probe]:
    """Small probes before large ones: a model that is not similar is soon dropped."""
    return sorted(probes, key=lambda p: p.case.size)
