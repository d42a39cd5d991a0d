"""Suspects: candidates of equal weight that are compared with a subject, more and more probes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from softcert.diagnosis.candidates import CandidateDefect
from softcert.diagnosis.running import Function
from softcert.diagnosis.similarity import NEAR, Floats, Places, Ratings, Sheet

_MOSTLY = 0.75  # share of wrong values that must equal the median; clamps have two ends, and limits hide small errors
_VALUES = 1 << 16  # numbers of one matrix of outputs: it stays in the processor's cache
_STORED = 1 << 12  # numbers of one suspect on one sheet that are stored: all but large probes
_PLATEAU_PROBES = 3  # probes on which both must be wrong before a plateau is seen


@dataclass(frozen=True, eq=False)
class _Part:
    """What one sheet tells of the suspects that are left, and which of its probes each of them takes."""

    sheet: Sheet
    ratings: Ratings
    taken: np.ndarray

    @property
    def with_outputs(self) -> bool:
        """Whether outputs are stored: those of large probes are not."""
        return bool(self.ratings.outputs.shape[1] == self.sheet.starts[-1])

    def only(self, places: Places) -> _Part:
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

    def examine(self, sheet: Sheet, least: float = 0.0, ahead: int = 0) -> None:
        """Run the suspects on some probes, and go on with those that can still be similar.

        Parameters
        ----------
        sheet
            The probes.
        least
            The smallest weighted similarity that is of interest.
        ahead
            How many failing probes are still to come.
        """
        step = max(_VALUES // max(int(sheet.starts[-1]), 1), 1)
        places: list[int] = []
        kept: list[_Part] = []
        for start in range(0, len(self), step):
            part = self._rated(sheet, range(start, min(start + step, len(self))))
            bounds = self._bounds(start, part, ahead)
            here = [k for k, bound in enumerate(bounds) if bound * self.weights[start + k] >= least]
            kept.append(part.only(here))
            places += [start + k for k in here]
        self.keep(places)
        if kept:
            self._parts.append(_joined(kept))

    def _rated(self, sheet: Sheet, at: range) -> _Part:
        some = self.candidates[at.start : at.stop]
        taken = np.array([[c.takes(p.case) for p in sheet.probes] for c in some], bool).reshape(len(some), -1)
        ratings = sheet.rate(some, self._functions[at.start : at.stop])
        if sheet.starts[-1] > _STORED:
            nothing = ratings.outputs[:, :0].copy()
            ratings = replace(ratings, outputs=nothing, wrong=nothing.astype(bool))
        return _Part(sheet, ratings, taken)

    def _bounds(self, start: int, part: _Part, ahead: int) -> Floats:
        """What the similarity of each suspect from ``start`` on, which a part is about, can be at most."""
        places = range(start, start + len(part.taken))
        parts = [*(p.only(places) for p in self._parts), part]
        counted, shared = _counted(parts), _shared(parts, "most")
        return (shared + ahead) / np.maximum(counted + ahead, 1)

    def keep(self, places: Places) -> None:
        """Go on with some of the suspects, in this order."""
        if len(places) == len(self) and np.array_equal(places, np.arange(len(self))):
            return
        self.candidates = [self.candidates[k] for k in places]
        self._functions = [self._functions[k] for k in places]
        self.weights = self.weights[places]
        self._parts = [part.only([int(k) for k in places]) for part in self._parts]

    def only(self, places: Places) -> Suspects:
        """Some of the suspects, in this order, with what is known of them."""
        some = Suspects(())
        some.candidates, some._functions = list(self.candidates), list(self._functions)
        some.weights, some._parts = self.weights, list(self._parts)
        some.keep(places)
        return some

    def similarities(self) -> Floats:
        """The similarity of each over the probes so far."""
        if not self._parts:
            return np.zeros(len(self))
        counted, least, most = _counted(self._parts), _shared(self._parts, "least"), _shared(self._parts, "most")
        undecided = np.flatnonzero(most > least)
        level = [k for k in undecided if self._on_a_plateau(int(k))]
        least[level] = most[level]
        return least / np.maximum(counted, 1)

    def _on_a_plateau(self, k: int) -> bool:
        """Whether subject and model each give one number, not the same, wherever they are wrong: a clamp, a floor."""
        theirs, ours, pairs = [], [], 0
        for part in self._parts:
            sheet, ratings = part.sheet, part.ratings
            if not part.with_outputs:
                continue
            both = ratings.both[k] & part.taken[k] & sheet.comparable
            pairs += int(both.sum())
            here = np.repeat(both, np.diff(sheet.starts))
            theirs.append(sheet.got[here & sheet.wrong_there])
            ours.append(ratings.outputs[k][here & ratings.wrong[k]])
        return pairs >= _PLATEAU_PROBES and all(_one_number(np.concatenate(side)) for side in (theirs, ours))


def _joined(parts: Sequence[_Part]) -> _Part:
    """The parts of one sheet, one after the other."""
    ratings = Ratings(
        **{name: np.concatenate([getattr(p.ratings, name) for p in parts]) for name in Ratings.__dataclass_fields__}
    )
    return _Part(parts[0].sheet, ratings, np.concatenate([p.taken for p in parts]))


def _counted(parts: Sequence[_Part]) -> Floats:
    """Probes on which the subject fails, or the suspect."""
    either = [((p.ratings.failing | p.sheet.failing) & p.taken).sum(axis=1) for p in parts]
    return np.asarray(np.sum(either, axis=0, dtype=float))


def _shared(parts: Sequence[_Part], credit: str) -> Floats:
    each = [np.where(p.ratings.both & p.taken, getattr(p.ratings, credit), 0.0).sum(axis=1) for p in parts]
    return np.asarray(np.sum(each, axis=0))


def _one_number(values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size < 3:
        return False
    middle = np.median(finite)
    return bool(np.mean(np.abs(finite - middle) <= NEAR * abs(middle)) > _MOSTLY)
