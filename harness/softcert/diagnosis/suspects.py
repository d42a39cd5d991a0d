"""Suspects: candidates of equal weight that are compared with a subject, more and more probes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.running import Function
from softcert.diagnosis.similarity import NEAR, Floats, Ratings, Sheet

_MOSTLY = 0.75  # share of wrong values that must equal the median; clamps have two ends, and limits hide small errors
_VALUES = 1 << 16  # numbers of one matrix of outputs: it stays in the processor's cache
_PLATEAU_PROBES = 3  # probes on which both must be wrong before a plateau is seen


@dataclass(frozen=True, eq=False)
class _Part:
    """What one sheet tells of the suspects that are left, and which of its probes each of them takes."""

    sheet: Sheet
    ratings: Ratings
    taken: np.ndarray

    def only(self, places: Sequence[int]) -> _Part:
        return _Part(self.sheet, self.ratings.only(places), self.taken[places])


class Suspects:
    """Some candidates, with their similarity to a subject so far.

    Parameters
    ----------
    candidates
        Models. Each is made once, and meets the probes in the order of the calls to `examine`.
    """

    def __init__(self, candidates: Sequence[CandidateDefect]) -> None:
        self.candidates = list(candidates)
        self._functions: list[Function] = [c.fresh() for c in candidates]
        self.weights = np.array([c.weight for c in candidates])
        self._parts: list[_Part] = []

    def __len__(self) -> int:
        return len(self.candidates)

    def examine(self, sheet: Sheet) -> None:
        """Run the suspects on some probes."""
        step = max(_VALUES // max(int(sheet.starts[-1]), 1), 1)
        rated = [
            sheet.rate(self.candidates[k : k + step], self._functions[k : k + step]) for k in range(0, len(self), step)
        ]
        if rated:
            ratings = Ratings(
                **{name: np.concatenate([getattr(r, name) for r in rated]) for name in Ratings.__dataclass_fields__}
            )
            taken = np.array([[c.takes(p.case) for p in sheet.probes] for c in self.candidates], bool)
            self._parts.append(_Part(sheet, ratings, taken))

    def keep(self, places: Sequence[int] | NDArray[np.intp]) -> None:
        """Go on with some of the suspects, in this order."""
        if len(places) == len(self) and np.array_equal(places, np.arange(len(self))):
            return
        self.candidates = [self.candidates[k] for k in places]
        self._functions = [self._functions[k] for k in places]
        self.weights = self.weights[places]
        self._parts = [part.only([int(k) for k in places]) for part in self._parts]

    def only(self, places: Sequence[int]) -> Suspects:
        """Some of the suspects, in this order, with what is known of them."""
        some = Suspects(())
        some.candidates, some._functions = list(self.candidates), list(self._functions)
        some.weights, some._parts = self.weights, list(self._parts)
        some.keep(places)
        return some

    def bounds(self, ahead: int = 0) -> Floats:
        """What the similarity of each can be at most, with so many failing probes still to come."""
        counted, shared = self._counted(), self._shared("most")
        return (shared + ahead) / np.maximum(counted + ahead, 1)

    def similarities(self) -> Floats:
        """The similarity of each over the probes so far."""
        counted, least, most = self._counted(), self._shared("least"), self._shared("most")
        undecided = np.flatnonzero(most > least)
        level = [k for k in undecided if self._on_a_plateau(int(k))]
        least[level] = most[level]
        return least / np.maximum(counted, 1)

    def _counted(self) -> Floats:
        """Probes on which the subject fails, or the suspect."""
        either = (((p.ratings.failing | p.sheet.failing) & p.taken).sum(axis=1) for p in self._parts)
        return np.asarray(np.sum([np.zeros(len(self)), *either], axis=0))

    def _shared(self, credit: str) -> Floats:
        each = (np.where(p.ratings.both & p.taken, getattr(p.ratings, credit), 0.0).sum(axis=1) for p in self._parts)
        return np.asarray(np.sum([np.zeros(len(self)), *each], axis=0))

    def _on_a_plateau(self, k: int) -> bool:
        """Whether subject and model each give one number, not the same, wherever they are wrong: a clamp, a floor."""
        theirs, ours, pairs = [], [], 0
        for part in self._parts:
            sheet, ratings = part.sheet, part.ratings
            both = ratings.both[k] & part.taken[k] & sheet.comparable
            pairs += int(both.sum())
            here = np.repeat(both, np.diff(sheet.starts))
            theirs.append(sheet.got[here & sheet.wrong_there])
            ours.append(ratings.outputs[k][here & ratings.wrong[k]])
        return pairs >= _PLATEAU_PROBES and all(_one_number(np.concatenate(side)) for side in (theirs, ours))


def _one_number(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size < 3:
        return False
    middle = np.median(finite)
    return bool(np.mean(np.abs(finite - middle) <= NEAR * abs(middle)) > _MOSTLY)
